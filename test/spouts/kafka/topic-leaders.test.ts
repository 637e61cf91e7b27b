/** Who waits for whom at one broker: live fetches, those of a backlog, and calls that wait for nothing. */
import { describe, expect, test } from 'vitest'
import { offset } from '../../../topology/model/position.ts'
import { KeptAnswers } from '../../../topology/spouts/kafka/kept-answers.ts'
import { PartitionReader } from '../../../topology/spouts/kafka/partition-reader.ts'
import { FakeCluster, fetchKey, listKey, settled } from './fake-cluster.ts'

const never = (): Promise<never> => new Promise(() => {})
const usageOf = (usage: readonly { name: string; used: number; waiting: number }[]): readonly string[] =>
  usage.map(({ name, used, waiting }) => `${name}: ${used} and ${waiting}`)

describe('D5: fetches of a backlog', () => {
  test('keep no live fetch waiting, however many there are', async () => {
    const cluster = new FakeCluster()
    const leaders = await cluster.leaders()
    for (let fetch = 0; fetch < 100; fetch += 1) void leaders.call('backlog', fetch % 4, never)
    let isDone = false
    void leaders.call('fetch', 0, async () => {
      isDone = true
    })
    await settled()
    expect([isDone, leaders.isCrowded('backlog', 0), leaders.isCrowded('fetch', 0)]).toEqual([true, true, false])
    expect(usageOf(leaders.usage())).toEqual(['broker:9092 fetches: 0 and 0', 'broker:9092 backlog fetches: 12 and 88'])
  })

  test('ask the broker for as many bytes as they are told to wait for, on connections of their own', async () => {
    const cluster = new FakeCluster()
    const leaders = await cluster.leaders()
    const reader = new PartitionReader(leaders, 0, new KeptAnswers(), cluster.clock)
    const stop = new AbortController()
    const more = { maxBytes: 1_048_576, waitMs: 500, signal: stop.signal }
    const reads = [reader.read(offset(0), { ...more, minBytes: 65_536, isBacklog: true }), reader.read(offset(0), more)]
    await settled()
    expect(cluster.asked.map(({ apiKey, body }) => [apiKey, body.readInt32BE(9)])).toEqual([
      [fetchKey, 65_536],
      [fetchKey, 1],
    ])
    expect(usageOf(leaders.usage())).toEqual(['broker:9092 fetches: 1 and 0', 'broker:9092 backlog fetches: 1 and 0'])
    stop.abort()
    await Promise.all(reads)
  })
})

describe('B9: an abort', () => {
  test('ends a fetch that waits for a connection, and takes it out of the line', async () => {
    const cluster = new FakeCluster()
    const leaders = await cluster.leaders()
    for (let fetch = 0; fetch < 12; fetch += 1) void leaders.call('backlog', 0, never)
    const reader = new PartitionReader(leaders, 0, new KeptAnswers(), cluster.clock)
    const stop = new AbortController()
    const reading = reader.read(offset(0), { maxBytes: 1_000, waitMs: 5_000, signal: stop.signal, isBacklog: true })
    await settled()
    expect(leaders.usage()[0]!.waiting).toBe(1)
    stop.abort()
    expect(await reading).toMatchObject({ from: 0, to: 0, records: [] })
    expect([leaders.usage()[0]!.waiting, cluster.asked.length]).toEqual([0, 0])
  })
})

describe('the latency of the broker', () => {
  test('is measured on calls that wait for nothing, and grows while one has no answer', async () => {
    const cluster = new FakeCluster()
    const leaders = await cluster.leaders()
    expect(leaders.latency()).toBeUndefined()
    const list = (): Promise<number> =>
      leaders.call('call', 0, (connection) =>
        connection.send({ apiKey: listKey, version: 5, name: 'ListOffsets', body: Buffer.alloc(0), decode: () => 0 }),
      )
    const first = list()
    await settled()
    await cluster.clock.passTime(40)
    cluster.asked.shift()!.answer(7)
    await first
    expect(leaders.latency()).toEqual({ meanMs: 40, recentMs: 40 })
    void list()
    void leaders.call('fetch', 0, never)
    await settled()
    await cluster.clock.passTime(3_000)
    expect(leaders.latency()).toEqual({ meanMs: 40, recentMs: 3_000 })
  })
})
