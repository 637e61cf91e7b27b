import { expect, test } from 'vitest'
import { BrokerConnections } from '../../../topology/spouts/kafka/broker-connections.ts'
import type { KafkaClient, KafkaConnection } from '../../../topology/spouts/kafka/kafka-connection.ts'

const address = { host: 'broker', port: 9_092 }

const given = (most: number): { pool: BrokerConnections; opened: { isOpen: boolean }[]; fail: () => void } => {
  const opened: { isOpen: boolean }[] = []
  let isAway = false
  const client: Pick<KafkaClient, 'connect'> = {
    connect: async () => {
      if (isAway) throw new Error('away')
      const connection = { isOpen: true }
      opened.push(connection)
      return connection as unknown as KafkaConnection // the pool asks for nothing else
    },
  }
  const pool = new BrokerConnections(client, most)
  return {
    pool,
    opened,
    fail: () => {
      isAway = true
    },
  }
}

test('calls one after the other share a connection, calls at once have one each', async () => {
  const { pool, opened } = given(8)
  for (let count = 0; count < 3; count += 1) await pool.using(address, async () => {})
  expect(opened.length).toBe(1)
  await Promise.all([1, 2, 3].map(() => pool.using(address, async () => {})))
  expect(opened.length).toBe(3)
})

test('who finds no connection free waits in order of arrival', async () => {
  const { pool, opened } = given(2)
  const order: number[] = []
  await Promise.all([1, 2, 3, 4, 5].map((each) => pool.using(address, async () => void order.push(each))))
  expect([order, opened.length, pool.isCrowded(address)]).toEqual([[1, 2, 3, 4, 5], 2, false])
})

test('a lost connection is not used again', async () => {
  const { pool, opened } = given(1)
  await pool.using(address, async () => {
    opened[0]!.isOpen = false
  })
  await pool.using(address, async (connection) => expect(connection).toBe(opened[1]))
})

test('a broker that is away takes no place for ever', async () => {
  const { pool, fail } = given(1)
  fail()
  const calls = [1, 2, 3].map(() => pool.using(address, async () => {}))
  for (const call of calls) await expect(call).rejects.toThrow('away')
  expect(pool.isCrowded(address)).toBe(false)
})

test('B12: a line that is too long takes nobody more, and says how long it is', async () => {
  const { pool } = given(2)
  const gate = Promise.withResolvers<void>()
  const calls = Array.from({ length: 4_098 }, () => pool.using(address, () => gate.promise))
  await expect(pool.using(address, () => gate.promise)).rejects.toThrow('4096 calls wait for a connection')
  expect(pool.usage('fetches')).toEqual([{ name: 'broker:9092 fetches', used: 2, limit: 2, waiting: 4_096 }])
  gate.resolve()
  await Promise.all(calls)
  expect(pool.usage('fetches')).toEqual([{ name: 'broker:9092 fetches', used: 0, limit: 2, waiting: 0 }])
})
