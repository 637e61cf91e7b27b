/** For every clause of the log's contract a log that breaks it: the clause must go red. */
import { AssertionError } from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { offset, type Partition, partition } from '../../topology/model/position.ts'
import type { NewRecord, RecordBatch } from '../../topology/model/record.ts'
import type { MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import { eventLogClauses } from '../../topology/testing/conformance/event-log.ts'
import type { EventLogUnderTest } from '../../topology/testing/conformance/event-log-under-test.ts'
import { makeMemoryLog } from './event-logs.ts'

type Given = Awaited<ReturnType<typeof makeMemoryLog>>
type Changes = (log: MemoryLog) => Partial<EventLog>

/** The same log with some calls replaced, `log` and what `reopen` gives. */
const withCalls = (log: MemoryLog, changes: Partial<EventLog>): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (place) => log.bounds(place),
  fetch: (place, from, options) => log.fetch(place, from, options),
  offsetAt: (place, timeMs) => log.offsetAt(place, timeMs),
  append: (records) => log.append(records),
  release: (place, before) => log.release(place, before),
  close: () => log.close(),
  ...changes,
})

const calls =
  (changes: Changes) =>
  (given: Given): EventLogUnderTest => {
    const changed = withCalls(given.log, changes(given.log))
    return { ...given, log: changed, reopen: async () => changed }
  }

const reopened =
  (changes: Changes) =>
  (given: Given): EventLogUnderTest => ({
    ...given,
    reopen: async () => withCalls(given.log, changes(given.log)),
  })

const appends = (change: (records: readonly NewRecord[], log: MemoryLog) => ReturnType<EventLog['append']>) =>
  calls((log) => ({ append: (records) => change(records, log) }))

const fetches = (change: (batch: RecordBatch) => RecordBatch) =>
  calls((log) => ({ fetch: async (...args) => change(await log.fetch(...args)) }))

/** Fetches that answer out-of-bounds offsets as if nothing were there. */
const forgiving = calls((log) => ({
  fetch: async (place, from, options) => {
    const { start, end } = await log.bounds(place)
    return await log.fetch(place, offset(Math.min(end, Math.max(start, from))), options)
  },
}))

const planted: Readonly<Record<string, (given: Given) => EventLogUnderTest>> = {
  'id: the same log has the same id wherever it is opened': reopened(() => ({ id: 'another' })),
  'id: a log made anew under the same name has another id': (given) => ({ ...given, remake: async () => given.log }),
  'partitions: number and topic are the same wherever the log is opened': reopened(() => ({ partitions: 7 })),
  'bounds: a new partition begins and ends at one offset': calls(() => ({
    bounds: async () => ({ start: offset(0), end: offset(1) }),
  })),
  'bounds: the end stands one behind the last durable record': calls((log) => ({
    bounds: async (place) => ({ ...(await log.bounds(place)), end: offset((await log.bounds(place)).end - 1) }),
  })),
  'append: places come in the order of the records': appends(async (records, log) =>
    (await log.append(records)).toReversed(),
  ),
  'append: records of one call keep their order in a partition': appends((records, log) =>
    log.append(records.toReversed()),
  ),
  'append: what has resolved is there for every other reader': reopened((log) => ({
    fetch: async (place, from) => ({ partition: place, from, to: from, records: [], byteLength: 0 }),
    bounds: (place) => log.bounds(place),
  })),
  'append: an offset is given once, also to writers at the same time': appends(async (records, log) => {
    const { end } = await log.bounds(partition(1))
    await log.append(records)
    return records.map((_, index) => ({ partition: partition(1), offset: offset(end + (index % 2)) }))
  }),
  'append: without a partition the hash of the key decides, without a key partition 0': appends((records, log) =>
    log.append(records.map((record) => ({ partition: partition((record.key ?? '').length % 2), ...record }))),
  ),
  'append: key, headers and value are read as they were written': appends((records, log) =>
    log.append(records.map((record) => ({ ...record, value: record.value ?? new Uint8Array(0) }))),
  ),
  'append: the caller may use its bytes again': calls((log) => {
    const values = new Map<number, Uint8Array>()
    return {
      append: async (records) => {
        const places = await log.append(records)
        places.forEach((place, index) => {
          values.set(place.offset, records[index]!.value!)
        })
        return places
      },
      fetch: async (...args) => {
        const batch = await log.fetch(...args)
        const records = batch.records.map((found) => ({ ...found, bytes: values.get(found.offset)!, start: 0, end: 5 }))
        return { ...batch, records }
      },
    }
  }),
  'append: a record that is too large is refused and nothing of its call is taken': appends(async (records, log) =>
    log.appendAt(0, records),
  ),
  'append: a partition that does not exist is refused': appends((records, log) =>
    log.append(records.filter((record) => (record.partition ?? 0) < log.partitions)),
  ),
  'fetch: the first record is the one at `from`': calls((log) => ({
    fetch: (place, from, options) => log.fetch(place, offset(from - (from % 5)), options),
  })),
  'fetch: batches say where they began and where to go on': fetches((batch) => ({ ...batch, partition: partition(0) })),
  'fetch: batches one after the other give every record once, in order': fetches((batch) => ({
    ...batch,
    records: batch.records.slice(0, 5),
  })),
  'fetch: a batch has about `maxBytes`, and at least one record': calls((log) => ({
    fetch: (place, from, options) => log.fetch(place, from, { ...options, maxBytes: options.maxBytes * 4 }),
  })),
  'fetch: `byteLength` counts at least the bytes of the values': fetches((batch) => ({ ...batch, byteLength: 1 })),
  'fetch: equal headers one after the other are the same array': fetches((batch) => ({
    ...batch,
    records: batch.records.map((found) => ({ ...found, headers: [...found.headers] })),
  })),
  'fetch: at the end it waits `waitMs` and gives an empty batch': calls((log) => ({
    fetch: (place, from, options) => log.fetch(place, from, { ...options, waitMs: 0 }),
  })),
  'fetch: an append ends the wait': (given) =>
    calls((log) => ({
      fetch: async (place, from, options) => {
        if (options.waitMs > 0) await given.sleep(options.waitMs)
        return await log.fetch(place, from, { ...options, waitMs: 0 })
      },
    }))(given),
  'fetch: aborting ends the wait with an empty batch': calls((log) => ({
    fetch: (place, from, { maxBytes, waitMs }) => log.fetch(place, from, { maxBytes, waitMs }),
  })),
  'fetch: many at once, at different places, each get their own records': calls((log) => {
    let last: Promise<unknown> = Promise.resolve()
    let shared = offset(0)
    return {
      fetch: async (place, from, options) => {
        shared = from
        last = last.then(() => undefined)
        await last
        return await log.fetch(place, shared, options)
      },
    }
  }),
  'fetch: an offset below the start is `logExpired`, class stop': forgiving,
  'fetch: after records were dropped the rest is read from the start on': (given) => ({
    ...given,
    expire: (place: Partition, before) => given.expire(place, offset(before + 1)),
  }),
  'fetch: an offset above the end is `logBeyondEnd`, class stop': forgiving,
  'append time: it follows the clock and never goes back in what this log appends': calls((log) => {
    let timeMs = 1_000_000
    return {
      append: async (records) => {
        timeMs -= 1_000
        return log.appendAt(timeMs, records)
      },
    }
  }),
  'offsetAt: it gives the first offset whose append time is at or after a time': calls((log) => ({
    offsetAt: (place, timeMs) => log.offsetAt(place, timeMs + 1),
  })),
  'offsetAt: it gives the end when every record is older': calls((log) => ({
    offsetAt: async (place, timeMs) => offset(Math.max(0, (await log.offsetAt(place, timeMs)) - 1)),
  })),
  'offsetAt: it gives the start for a time before everything that is left': calls((log) => ({
    offsetAt: async (place, timeMs) => (timeMs <= 0 ? offset(0) : await log.offsetAt(place, timeMs)),
  })),
  'release: nothing at or above `before` is dropped': calls((log) => ({
    release: async (place, before) => log.expire(place, offset(before + 1)),
  })),
  'release: what the retention still keeps stays': calls((log) => ({
    release: async (place, before) => log.expire(place, before),
  })),
}

describe('a log that breaks a clause fails it', () => {
  for (const clause of eventLogClauses) {
    test(clause.name, async () => {
      const plant = planted[clause.name]
      expect(plant).toBeDefined()
      const run = clause.run(async () => plant!(await makeMemoryLog()))
      await expect(run).rejects.toBeInstanceOf(AssertionError)
    })
  }
})

test('every planted fault belongs to a clause', () => {
  expect(Object.keys(planted).sort()).toEqual(eventLogClauses.map(({ name }) => name).sort())
})
