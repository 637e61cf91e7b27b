/** P18: what becomes of a call when one of several hosts is slow, down or overloaded. */
import { expect, test } from 'vitest'
import type { CassandraHost } from '../../../../sinks/rows/cassandra/cassandra-client.ts'
import type { Cluster } from '../../../../sinks/rows/cassandra/cluster.ts'
import { planCqlTable } from '../../../../sinks/rows/cassandra/cql-plan.ts'
import { FramePool, writeCqlRows } from '../../../../sinks/rows/cassandra/write-cql-rows.ts'
import type { Row } from '../../../../topology/model/ports/row-store.ts'
import { shelf } from '../../../../topology/testing/conformance/row-store/fixtures.ts'
import { clusterOn } from './cluster-on.ts'

const plan = planCqlTable('k', shelf, new Set(['room', 'row', 'place', 'side', 'title']))
const rows = Array.from({ length: 3_000 }, (_, index): Row => [`r${index % 9}`, 1, index, 'l', 'x'.repeat(500)])
const hosts = ['one', 'two', 'three'].map((address) => ({ address }))

interface Outcome {
  readonly sent: ReadonlyMap<string, number>
  readonly work: Promise<void>
  readonly cluster: Cluster
}

/** `answer` resolves, or rejects as the driver does. */
const write = (
  answer: (host: string, statements: number) => Promise<void>,
  up: readonly CassandraHost[] = hosts,
): Outcome => {
  const sent = new Map<string, number>()
  const cluster = clusterOn({
    send: async (_cql, frame, { host }) => {
      await answer(host!.address, frame.statements)
      sent.set(host!.address, (sent.get(host!.address) ?? 0) + frame.statements)
    },
    hostsOf: () => up,
  })
  return { sent, cluster, work: writeCqlRows(cluster, new FramePool(), plan, rows, 7) }
}

const failure = (fields: object): Error => Object.assign(new Error('no'), fields)
const total = (sent: ReadonlyMap<string, number>): number => [...sent.values()].reduce((sum, count) => sum + count, 0)

test('every row is sent once, in batches of one partition within their bytes', async () => {
  const batches: number[] = []
  const { sent, work } = write(async (_host, statements) => void batches.push(statements))
  await work
  expect(total(sent)).toBe(rows.length)
  expect(Math.max(...batches)).toBeLessThanOrEqual(7)
  expect(sent.size).toBe(3)
})

test('what a host that is down did not take goes to the others', async () => {
  const { sent, work } = write(async (host) => {
    if (host === 'two') throw failure({ isSocketError: true })
  })
  await work
  expect([total(sent), sent.has('two')]).toEqual([rows.length, false])
})

test('an overloaded host is left alone, its rows are written by the others', async () => {
  const { sent, work, cluster } = write(async (host) => {
    if (host === 'two') throw failure({ code: 0x1001 })
  })
  await work
  expect(total(sent)).toBe(rows.length)
  expect(cluster.writePermits.limitOf({ address: 'two' }).inFlight).toBe(0)
})

test('a host that times out fails the call with class retry, and every permit comes back', async () => {
  const { work, cluster } = write(async (host) => {
    if (host === 'two') throw failure({ name: 'OperationTimedOutError' })
  })
  await expect(work).rejects.toMatchObject({ publicName: 'storeUnavailable', errorClass: 'retry' })
  for (const host of hosts) expect(cluster.writePermits.limitOf(host).inFlight).toBe(0)
})

test('no host that is up is class retry', async () => {
  await expect(write(async () => {}, []).work).rejects.toThrow('no host of the data centre is up')
})

test('a table that is gone is class stop', async () => {
  const { work } = write(async () => {
    throw failure({ code: 0x2200, message: 'unconfigured table shelf' })
  })
  await expect(work).rejects.toMatchObject({
    errorClass: 'stop',
    message: expect.stringContaining('unconfigured table'),
  })
})
