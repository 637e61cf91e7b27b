/** Topics as others leave them, read by whole runs: gaps in the offsets, huge batches, records at the limits (P23, P29). */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventBytesMax, nestingLevelsMax } from '../../../topology/model/limits.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import { partition } from '../../../topology/model/position.ts'
import type { NewRecord } from '../../../topology/model/record.ts'
import { findLost, skipLost } from '../../../topology/skip-lost.ts'
import { serverOf } from '../../servers/server-of.ts'
import { createKafkaTopic, type KafkaTopic } from './kafka-topic.ts'
import { produceRawBatch } from './raw-batch.ts'
import { openTopicRuns, type TopicRuns } from './run-on-topic.ts'

const server = serverOf('kafka')
const zero = partition(0)

const line = (kind: string, n: number): string => JSON.stringify({ kind, n })
const record = (kind: string, n: number, key: string | null = null): NewRecord => ({
  key,
  headers: [],
  value: Buffer.from(line(kind, n)),
  partition: zero,
})
const records = (kind: string, count: number): readonly NewRecord[] =>
  Array.from({ length: count }, (_, index) => record(kind, index))

describe.skipIf(server === undefined)('a hostile topic', { timeout: 120_000 }, () => {
  const opened: { close(): Promise<void> }[] = []
  const given = async (
    config: Readonly<Record<string, string>> = {},
  ): Promise<{ topic: KafkaTopic; runs: TopicRuns }> => {
    const entries = Object.entries({ 'max.message.bytes': String(16 * 2 ** 20), ...config })
    const topic = await createKafkaTopic(
      server!,
      1,
      entries.map(([name, value]) => ({ name, value })),
    )
    const runs = await openTopicRuns(server!, topic.name)
    opened.unshift({ close: () => runs.close() }, { close: () => topic.remove() })
    return { topic, runs }
  }
  afterAll(async () => {
    for (const one of opened) await one.close()
  }, 60_000)

  let compacted: { topic: KafkaTopic; runs: TopicRuns }
  // The broker compacts while the other tests run.
  beforeAll(async () => {
    compacted = await given({
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    })
    const { log } = compacted.runs
    for (let round = 0; round < 10; round++) {
      await log.append(Array.from({ length: 5 }, (_, index) => record(`round ${round}`, round, `key ${index}`)))
      await pause(110)
    }
    // The segment that is written to is never compacted.
    await log.append([record('last', 1, 'last')])
  }, 60_000)

  describe('P23: gaps', () => {
    test('transactions: what was committed is read, what was aborted and their marks are no loss', async () => {
      const { topic, runs } = await given()
      const producer = topic.kafka.producer({ transactionalId: topic.name, maxInFlightRequests: 1, idempotent: true })
      await producer.connect()
      const inTransaction = async (kind: string, end: 'commit' | 'abort'): Promise<void> => {
        const transaction = await producer.transaction()
        const messages = [1, 2, 3].map((n) => ({ value: line(kind, n), partition: 0 }))
        await transaction.send({ topic: topic.name, messages })
        await transaction[end]()
      }
      for (const end of ['commit', 'abort', 'abort', 'commit'] as const) await inTransaction(end, end)
      const open = await producer.transaction()
      await open.send({ topic: topic.name, messages: [{ value: line('open', 1), partition: 0 }] })
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 6, deadLetters: 0 })
      expect(await runs.counts()).toEqual({ commit: [6, 3] })
      await open.commit()
      await producer.disconnect()
      // The brokers answer a commit first and write its mark, which makes the record readable, a little later.
      const ownEnd = 4 * (3 + 1) + (1 + 1)
      await expect.poll(async () => (await runs.log.bounds(zero)).end).toBe(ownEnd)
      const { sinks } = await runs.run()
      expect(await runs.counts()).toEqual({ commit: [6, 3], open: [1, 1] })
      expect(sinks['events']).toEqual({ received: 7, applied: 7, deadLettered: 0, dropped: 0 })
      // Lag tools see none, although the last offset is a mark.
      expect(await topic.committed(runs.group)).toEqual([(await runs.log.bounds(zero)).end])
    })

    test('records that were deleted before the first run: it begins where the topic begins', async () => {
      const { topic, runs } = await given()
      await runs.log.append(records('a', 10))
      await topic.admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition: 0, offset: '4' }] })
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 6 })
      expect(await runs.counts()).toEqual({ a: [6, 9] })
    })

    test('everything was deleted: there is nothing to do, and what comes then is read', async () => {
      const { topic, runs } = await given()
      await runs.log.append(records('a', 10))
      await topic.admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition: 0, offset: '10' }] })
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 0 })
      await runs.log.append(records('b', 2))
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 2 })
      expect(await runs.counts()).toEqual({ b: [2, 1] })
    })

    test('retention that passed the position stops the run, with the numbers, until a person lets the range go', async () => {
      const { topic, runs } = await given()
      await runs.log.append(records('a', 5))
      await runs.run()
      await runs.log.append(records('b', 10))
      await topic.admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition: 0, offset: '8' }] })
      const { state, error } = await runs.run()
      expect(state).toBe('failed')
      expect(error).toMatchObject({ code: 'SPW-0201', errorClass: 'stop' })
      expect(error?.message).toContain('begins at 8, 3 records are lost')
      expect(await runs.counts()).toEqual({ a: [5, 4] })
      const parts = await findLost(runs.ports, runs.question)
      await skipLost(runs.ports, parts, { by: 'ann', reason: 'too short' }, new AbortController().signal)
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 7 })
      expect(await runs.counts()).toEqual({ a: [5, 4], b: [7, 9] })
    })
  })

  describe('P29: batches and records at the limits', () => {
    test.each(['none', 'gzip'] as const)('200,000 tiny records in one batch (%s), and what follows', async (codec) => {
      const { runs } = await given()
      const value = Buffer.from('{"kind":"tiny","n":1}')
      const tiny = Array.from({ length: 200_000 }, (): NewRecord => ({ key: null, headers: [], value }))
      await produceRawBatch(server!, runs.log.topic, tiny, codec)
      await runs.log.append([record('after', 1)])
      const { state, records: read, sinks } = await runs.run()
      expect([state, read]).toEqual(['caughtUp', 200_001])
      expect(await runs.counts()).toEqual({ tiny: [200_000, 1], after: [1, 1] })
      expect(sinks['events']).toEqual({ received: 200_001, applied: 200_001, deadLettered: 0, dropped: 0 })
    })

    test('nests: 1,000 levels are read, one more is a dead letter by name', async () => {
      const { runs } = await given()
      const nest = (levels: number): NewRecord => {
        const inner = `${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`
        return { ...record('', 0), value: Buffer.from(`{"kind":"nest","n":${levels},"nest":${inner}}`) }
      }
      await runs.log.append([nest(nestingLevelsMax), nest(nestingLevelsMax + 1), record('after', 1)])
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 3, deadLetters: 1 })
      expect(await runs.counts()).toEqual({ nest: [1, nestingLevelsMax], after: [1, 1] })
      const letters = await runs.result.deadLetters()
      expect(letters.map(({ offset, cause }) => [offset, cause])).toEqual([[1, 'InvalidEventError']])
    })

    test('the largest record is read; larger ones are dead letters by name, however large the topic takes them', async () => {
      const { runs } = await given()
      const sized = (kind: string, bytes: number): NewRecord => {
        const empty = JSON.stringify({ kind, n: 1, pad: '' })
        const value = Buffer.from(JSON.stringify({ kind, n: 1, pad: 'x'.repeat(bytes - empty.length) }))
        return { ...record('', 0), value }
      }
      await runs.log.append([sized('largest', eventBytesMax), record('between', 1)])
      for (const bytes of [eventBytesMax + 1, 15 * 2 ** 20])
        await produceRawBatch(server!, runs.log.topic, [sized('larger', bytes)], 'none')
      await runs.log.append([record('after', 1)])
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 5, deadLetters: 2 })
      expect(await runs.counts()).toEqual({ largest: [1, 1], between: [1, 1], after: [1, 1] })
      const letters = await runs.result.deadLetters()
      expect(letters.map(({ offset, isTruncated }) => [offset, isTruncated])).toEqual([
        [2, true],
        [3, true],
      ])
    })
  })

  describe('P29: what is around a value', () => {
    test('append times in other units, or that are none, are dead letters by name', async () => {
      const { runs } = await given()
      const times = [0, 1_790_000_000, -1, -5_000, 1_790_000_000_000_000, 1_790_000_000_000_000_000]
      for (const timeMs of times)
        await produceRawBatch(server!, runs.log.topic, [record('odd', timeMs)], 'none', timeMs)
      await runs.log.append([record('after', 1)])
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 7, deadLetters: 4 })
      expect(await runs.counts()).toEqual({ odd: [2, 1_790_000_000], after: [1, 1] })
      const letters = await runs.result.deadLetters()
      expect(letters.map(({ offset, cause }) => [offset, cause])).toEqual(
        [2, 3, 4, 5].map((offset) => [offset, 'InvalidPropertyValueError']),
      )
    })

    test('keys and headers of any bytes and any length pass, or are dead letters that any store takes', async () => {
      const { topic, runs } = await given()
      const producer = topic.kafka.producer()
      await producer.connect()
      const headers = (count: number, text: string) =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, text]))
      const odd: readonly object[] = [
        { headers: headers(5_000, 'v') },
        { headers: { '': '', binary: Buffer.from([0xff, 0x00]), many: ['a', 'b'] } },
        { key: Buffer.from([0xff, 0xfe, 0x00, 0xc3]) },
        { key: 'x'.repeat(900_000), headers: headers(5_000, 'v'.repeat(200)) },
        { headers: { 'spillway-kind': 'x'.repeat(100_000) } },
      ]
      for (const one of odd)
        await producer.send({ topic: topic.name, messages: [{ partition: 0, value: line('odd', 1), ...one }] })
      await producer.disconnect()
      await runs.log.append([record('after', 1)])
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 6, deadLetters: 3 })
      expect(await runs.counts()).toEqual({ odd: [2, 1], after: [1, 1] })
      const letters = await runs.result.deadLetters()
      expect(letters.map(({ offset, isTruncated }) => [offset, isTruncated])).toEqual([
        [2, false],
        [3, true],
        [4, true],
      ])
      for (const { raw: _, ...label } of letters) expect(JSON.stringify(label).length).toBeLessThan(3_000)
    })

    test('a batch of some kilobytes that is a record of 32 MiB is a dead letter, cut', async () => {
      const { runs } = await given()
      const value = Buffer.alloc(32 * 2 ** 20, 'x')
      await produceRawBatch(server!, runs.log.topic, [{ key: null, headers: [], value }], 'gzip')
      await runs.log.append([record('after', 1)])
      expect(await runs.run()).toMatchObject({ state: 'caughtUp', records: 2, deadLetters: 1 })
      const [letter] = await runs.result.deadLetters()
      expect([letter?.isTruncated, letter?.raw.buffer.byteLength]).toEqual([true, 65_536])
    })
  })

  test('P23: what compaction has left is read, through gaps of any length, to the very end', async () => {
    const { log } = compacted.runs
    for (const end = Date.now() + 60_000; (await allOffsets(log)).length > 45 && Date.now() < end; ) await pause(500)
    const left = await allOffsets(log)
    expect([left.length < 45, left.at(-1)]).toEqual([true, 50])
    const { state, records: read, sinks } = await compacted.runs.run()
    expect([state, read]).toEqual(['caughtUp', left.length])
    const counts = await compacted.runs.counts()
    expect(counts).toMatchObject({ last: [1, 1], 'round 9': [5, 9] })
    expect(sinks['events']).toEqual({ received: read, applied: read, deadLettered: 0, dropped: 0 })
  })
})

const allOffsets = async (log: EventLog): Promise<readonly number[]> => {
  const { start, end } = await log.bounds(zero)
  const offsets: number[] = []
  for (let at = start; at < end; ) {
    const batch = await log.fetch(zero, at, { maxBytes: 2 ** 20, waitMs: 100 })
    offsets.push(...batch.records.map((one) => one.offset))
    at = batch.to
  }
  return offsets
}
