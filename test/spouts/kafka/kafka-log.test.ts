import { CompressionTypes } from 'kafkajs'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock as clock, systemRandom as random } from '../../../topology/engine/shell/system-clock.ts'
import { errors } from '../../../topology/model/errors.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { encodeRecordBatch, stampBatch } from '../../../topology/spouts/kafka/encode-record-batch.ts'
import { createKafkaClient } from '../../../topology/spouts/kafka/kafka-client.ts'
import { createKafkaTopic, openKafkaLog } from '../../../topology/spouts/kafka/kafka-log.ts'
import { produceBatches, requestProducerId } from '../../../topology/spouts/kafka/produce-requests.ts'
import {
  readAll,
  readBatches,
  record,
  series,
  textOf,
} from '../../../topology/testing/conformance/event-log-under-test.ts'
import { serverOf } from '../../servers/server-of.ts'
import { createKafkaTopic as createTestTopic, type KafkaTopic } from './kafka-topic.ts'

const server = serverOf('kafka')
const brokers = server?.brokers ?? []
const zero = partition(0)
const tinyRecords = 200_000

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

const topicOf = async (partitions = 1): Promise<KafkaTopic> => {
  const topic = await createTestTopic(server!, partitions, [{ name: 'max.message.bytes', value: '4000000' }])
  undo.push(() => topic.remove())
  return topic
}

const open = async (topic: string): Promise<EventLog> => {
  const log = await openKafkaLog({ brokers, topic, clock, random })
  undo.push(() => log.close())
  return log
}

const texts = async (log: EventLog): Promise<readonly (string | null)[]> => (await readAll(log, zero)).map(textOf)

describe.skipIf(server === undefined)('a topic that others write to', () => {
  test('transactions: what was committed is read, what was given up is passed, what is open waits', async () => {
    const { name, kafka } = await topicOf()
    const producer = kafka.producer({ transactionalId: name, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    undo.push(() => producer.disconnect())
    const say = async (value: string): Promise<{ commit(): Promise<void>; abort(): Promise<void> }> => {
      const transaction = await producer.transaction()
      await transaction.send({ topic: name, messages: [{ partition: 0, value }] })
      return transaction
    }
    await (await say('a')).commit()
    await (await say('b')).abort()
    const last = await say('c')
    const log = await open(name)
    expect(await texts(log)).toEqual(['a'])
    await last.commit()
    // The brokers write the mark of the commit a little later.
    await expect.poll(() => texts(log)).toEqual(['a', 'c'])
    expect(await log.bounds(zero)).toEqual({ start: 0, end: 6 })
  })

  test('gzip, keys, headers and tombstones of another client are read', async () => {
    const { name, kafka } = await topicOf()
    const producer = kafka.producer()
    await producer.connect()
    undo.push(() => producer.disconnect())
    const messages = [
      { partition: 0, key: 'shop', value: 'a', headers: { project: 'shop' } },
      { partition: 0, key: null, value: null },
    ]
    await producer.send({ topic: name, messages, compression: CompressionTypes.GZIP })
    const found = await readAll(await open(name), zero)
    expect(found.map((each) => [each.key, each.headers, textOf(each)])).toEqual([
      ['shop', [['project', 'shop']], 'a'],
      [null, [], null],
    ])
  })

  test('a batch of 200,000 tiny records is read whole', async () => {
    const { name } = await topicOf()
    const client = createKafkaClient({ brokers, clock, random })
    const connection = await client.connect()
    const { id, epoch } = await requestProducerId(connection)
    const bytes = encodeRecordBatch(
      Array.from({ length: tinyRecords }, () => record('x')),
      clock.nowMs(),
    )
    stampBatch(bytes, { producerId: id, producerEpoch: epoch, sequence: 0 })
    await produceBatches(connection, name, [{ partition: 0, bytes }])
    client.close()
    const found = await readAll(await open(name), zero)
    expect([found.length, found.at(-1)?.offset]).toEqual([tinyRecords, tinyRecords - 1])
  })

  test('records that the brokers drop while it is read are told, with the place where the log goes on', async () => {
    const { name, admin } = await topicOf()
    const log = await open(name)
    for (const prefix of ['a', 'b', 'c']) await log.append(series(10, prefix, zero))
    await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '15' }] })
    const { code } = errors.logExpired.entry
    const reading = log.fetch(zero, offset(3), { maxBytes: 1, waitMs: 0 })
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringContaining('begins at 15') })
    const rest = await readBatches(log, zero, offset(15))
    expect(rest.flatMap((batch) => batch.records).map(textOf)[0]).toBe('b5')
  })

  test('a topic made anew while it is read is class stop', async () => {
    const { name, admin } = await topicOf()
    const log = await open(name)
    await log.append(series(3, 'a', zero))
    await admin.deleteTopics({ topics: [name] })
    await expect
      .poll(() => createKafkaTopic({ brokers, clock, random, topic: name, partitions: 1 }), { timeout: 10_000 })
      .toBe('created')
    const read = (): Promise<unknown> => log.fetch(zero, offset(0), { maxBytes: 1, waitMs: 0 })
    await expect
      .poll(() => read().catch((error) => error.code), { timeout: 10_000 })
      .toBe(errors.topicReplaced.entry.code)
  })
})

describe.skipIf(server === undefined)('several readers', () => {
  test('overlapping ranges of one partition are read at once', async () => {
    const log = await open((await topicOf()).name)
    await log.append(series(3_000, 'a', zero))
    const read = async (from: number, to: number): Promise<number> => {
      let count = 0
      for (let at = from; at < to; ) {
        const batch = await log.fetch(zero, offset(at), { maxBytes: 5_000, waitMs: 0 })
        count += batch.records.filter((each) => each.offset < to).length
        at = batch.to
      }
      return count
    }
    expect(await Promise.all([read(0, 3_000), read(500, 2_500), read(1_000, 2_000)])).toEqual([3_000, 2_000, 1_000])
  })

  test('fetches that wait hold up neither each other nor other calls', async () => {
    const log = await open((await topicOf()).name)
    const end = (await log.bounds(zero)).end
    const waiting = Array.from({ length: 60 }, () => log.fetch(zero, end, { maxBytes: 1_024, waitMs: 20_000 }))
    await log.append(series(1, 'a', zero))
    expect((await log.bounds(zero)).end).toBe(end + 1)
    for (const batch of await Promise.all(waiting)) expect(batch.records.length).toBe(1)
  })

  test('closing ends a fetch that waits', async () => {
    const log = await open((await topicOf()).name)
    const waiting = log.fetch(zero, offset(0), { maxBytes: 1_024, waitMs: 20_000 })
    await log.bounds(zero)
    await log.close()
    expect((await waiting).records).toEqual([])
  })

  test('a batch names the epoch of its leader, as the log does for an offset', async () => {
    const log = await open((await topicOf()).name)
    await log.append(series(3, 'a', zero))
    const { leaderEpoch } = await log.fetch(zero, offset(0), { maxBytes: 1_024, waitMs: 0 })
    expect(leaderEpoch).toBeTypeOf('number')
    expect(await log.leaderEpochAt?.(zero, offset(2))).toBe(leaderEpoch)
    expect(await log.leaderEpochAt?.(zero, offset(3))).toBeUndefined()
    expect(await log.leaderEpochAt?.(zero, offset(99))).toBeUndefined()
  })
})

test.skipIf(server === undefined)('a topic is made once, and only with what the brokers can keep', async () => {
  const topic = (await topicOf()).name
  const options = { brokers, clock, random, partitions: 3 }
  expect(await createKafkaTopic({ ...options, topic })).toBe('exists')
  const { code } = errors.badConfiguration.entry
  await expect(createKafkaTopic({ ...options, topic: `${topic}-more`, replication: 9 })).rejects.toMatchObject({ code })
  await expect(createKafkaTopic({ ...options, topic: 'no spaces' })).rejects.toMatchObject({ code })
})
