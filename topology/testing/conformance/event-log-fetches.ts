/** Clauses of the log's contract about `fetch`. */
import assert from 'node:assert/strict'
import { errors } from '../../model/errors.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import { type Offset, offset, partition } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import {
  append,
  clause,
  type EventLogClause,
  type EventLogUnderTest,
  fetchSome,
  patiently,
  readAll,
  readBatches,
  record,
  series,
  textOf,
} from './event-log-under-test.ts'

const one = partition(1)
const waitMs = 60_000

const endOf = async (log: EventLog): Promise<Offset> => (await patiently(() => log.bounds(one))).end

/** The answer of a fetch that must come without its whole wait having passed. */
const soon = async (answer: Promise<RecordBatch>, { passTime }: EventLogUnderTest): Promise<RecordBatch> => {
  const batch = await Promise.race([answer, passTime(waitMs / 10).then(() => undefined)])
  assert.ok(batch !== undefined, 'the fetch answers before its wait is over')
  return batch
}

export const eventLogFetches: readonly EventLogClause[] = [
  clause('fetch: the first record is the one at `from`', async ({ log }) => {
    const places = await append(log, series(20, 'a', one))
    for (const index of [0, 1, 7, 19]) {
      const batch = await fetchSome(log, one, places[index]!.offset)
      assert.equal(batch.records[0]?.offset, places[index]!.offset)
      assert.equal(textOf(batch.records[0]!), `a${index}`)
    }
  }),

  clause('fetch: batches say where they began and where to go on', async ({ log }) => {
    await append(log, series(20, 'a', one))
    await append(log, series(20, 'b', one))
    for (const batch of await readBatches(log, one, offset(0), 16)) {
      assert.equal(batch.partition, one)
      assert.ok(batch.records.every((each) => each.offset >= batch.from && each.offset < batch.to))
    }
  }),

  clause('fetch: batches one after the other give every record once, in order', async ({ log }) => {
    const places = (await Promise.all([append(log, series(300, 'a', one)), append(log, series(300, 'b', one))])).flat()
    const offsets = (await readBatches(log, one, offset(0), 200)).flatMap((batch) =>
      batch.records.map((each) => each.offset),
    )
    assert.deepEqual(
      offsets,
      [...new Set(offsets)].sort((left, right) => left - right),
    )
    const found = new Set(offsets)
    assert.ok(places.every((place) => found.has(place.offset)))
  }),

  clause('fetch: a batch has about `maxBytes`, and at least one record', async ({ log }) => {
    const value = new Uint8Array(1_000)
    await append(
      log,
      Array.from({ length: 50 }, () => record(null, { value, partition: one })),
    )
    const sizes = (await readBatches(log, one, offset(0), 10_000)).map((batch) => batch.records.length)
    assert.ok(Math.max(...sizes) <= 10, `batches of ${sizes} records of 1,000 bytes`)
    assert.ok(Math.min(...sizes) >= 1)
    assert.ok((await readBatches(log, one, offset(0), 1)).every((batch) => batch.records.length === 1))
  }),

  clause('fetch: `byteLength` counts at least the bytes of the values', async ({ log }) => {
    await append(log, series(20, 'a', one))
    for (const batch of await readBatches(log, one)) {
      const bytes = batch.records.reduce((sum, each) => sum + each.end - each.start, 0)
      assert.ok(batch.byteLength >= bytes)
    }
  }),

  clause('fetch: equal headers one after the other are the same array', async ({ log }) => {
    const records = ['a', 'b', 'c', 'd'].map((value) =>
      record(value, { headers: [['project', 'keen']], partition: one }),
    )
    await append(log, records)
    await append(log, records)
    const found = await readAll(log, one)
    assert.ok(found.length >= 8)
    for (const each of found) assert.equal(each.headers, found[0]!.headers)
  }),

  clause(
    'fetch: at the end it waits `waitMs` and gives an empty batch',
    async (given) => {
      const { log, passTime } = given
      await append(log, series(3, 'a', one))
      const end = await endOf(log)
      const answer = log.fetch(one, end, { maxBytes: 1_024, waitMs: 500 })
      const early = await Promise.race([answer, passTime(200).then(() => undefined)])
      assert.equal(early, undefined, 'the fetch waits')
      await passTime(400)
      const batch = await soon(answer, given)
      assert.deepEqual([batch.from, batch.to, batch.records.length], [end, end, 0])
    },
    { holdsUnderFaults: false },
  ),

  clause(
    'fetch: an append ends the wait',
    async (given) => {
      const { log, reopen } = given
      for (const writer of [log, await reopen()]) {
        const end = await endOf(log)
        const answer = log.fetch(one, end, { maxBytes: 1_024, waitMs })
        await append(writer, series(1, 'a', one))
        assert.equal((await soon(answer, given)).records[0]?.offset, end)
      }
    },
    { holdsUnderFaults: false },
  ),

  clause(
    'fetch: aborting ends the wait with an empty batch',
    async (given) => {
      const { log } = given
      const end = await endOf(log)
      const stop = new AbortController()
      const answer = log.fetch(one, end, { maxBytes: 1_024, waitMs, signal: stop.signal })
      stop.abort()
      assert.deepEqual((await soon(answer, given)).records, [])
    },
    { holdsUnderFaults: false },
  ),

  clause('fetch: many at once, at different places, each get their own records', async ({ log }) => {
    const places = await append(log, series(100, 'a', one))
    const batches = await Promise.all(places.map((place) => fetchSome(log, one, place.offset, 100)))
    assert.deepEqual(
      batches.map((batch) => textOf(batch.records[0]!)),
      series(100, 'a', one).map((_, index) => `a${index}`),
    )
  }),

  clause('fetch: an offset below the start is `logExpired`, class stop', async ({ log, expire }) => {
    for (let index = 0; index < 5; index += 1) await append(log, series(10, 'a', one))
    await expire(one, await endOf(log))
    const { start } = await patiently(() => log.bounds(one))
    assert.ok(start > 0)
    const { code, errorClass } = errors.logExpired.entry
    await assert.rejects(fetchSome(log, one, offset(start - 1)), { code, errorClass })
  }),

  clause('fetch: after records were dropped the rest is read from the start on', async ({ log, expire }) => {
    const places: { readonly offset: Offset }[] = []
    for (let index = 0; index < 5; index += 1) places.push(...(await append(log, series(10, `${index}-`, one))))
    const before = places[30]!.offset
    await expire(one, before)
    const { start, end } = await patiently(() => log.bounds(one))
    assert.ok(start > 0 && start <= before)
    const found = (await readBatches(log, one, start)).flatMap((batch) => batch.records)
    assert.deepEqual([found[0]?.offset, found.at(-1)?.offset], [start, end - 1])
  }),

  clause('fetch: an offset above the end is `logBeyondEnd`, class stop', async ({ log }) => {
    await append(log, series(3, 'a', one))
    const beyond = offset((await endOf(log)) + 1)
    const { code, errorClass } = errors.logBeyondEnd.entry
    await assert.rejects(fetchSome(log, one, beyond), { code, errorClass })
  }),
]
