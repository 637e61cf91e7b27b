/**
 * What the conformance suite of the log needs to know of an adapter, and the calls that its clauses are made of.
 *
 * The helpers do what the port asks of every caller: an error of class `retry` is met by calling again. So the clauses
 * also hold for a log that fails now and then, and a clause goes red only where the contract is broken.
 */
import assert from 'node:assert/strict'
import type { EventLog } from '../../model/ports/event-log.ts'
import { type Offset, offset, type Partition } from '../../model/position.ts'
import type { LogRecord, NewRecord, RecordBatch } from '../../model/record.ts'
import { SpillwayError } from '../../model/spillway-error.ts'

/** One log of an adapter, made for one clause: empty, with two partitions or more. */
export interface EventLogUnderTest {
  readonly log: EventLog
  /** Opens the same log once more, as another process would; both stay in use. */
  reopen(): Promise<EventLog>
  /** A new, empty log under the same name, as if the first had been deleted. Called last in a clause. */
  remake(): Promise<EventLog>
  /** Lets time pass for the log: append times and waits. Resolves when what became due has happened. */
  passTime(ms: number): Promise<void>
  /** Makes the log drop records of the partition below `before`, at least one of them, none above. */
  expire(partition: Partition, before: Offset): Promise<void>
  /** Closes and removes everything. */
  dispose(): Promise<void>
}

export type MakeEventLog = () => Promise<EventLogUnderTest>

export interface EventLogClause {
  readonly name: string
  /** Whether a log that injects faults (`createFaultyEventLog`) keeps the clause. */
  readonly holdsUnderFaults: boolean
  run(make: MakeEventLog): Promise<void>
}

// With half of all calls failing, 200 in a row happen to nobody.
const triesMax = 200

/** Calls until the answer is not an error of class `retry`. */
export const patiently = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call()
    } catch (error) {
      const isRetry = error instanceof SpillwayError && error.errorClass === 'retry'
      if (!isRetry || tries === triesMax) throw error
    }
  }
}

/** A clause of which `body` may use the log and its partitions until it is disposed of. */
export const clause = (
  name: string,
  body: (given: EventLogUnderTest) => Promise<void>,
  { holdsUnderFaults = true }: { readonly holdsUnderFaults?: boolean } = {},
): EventLogClause => ({
  name,
  holdsUnderFaults,
  run: async (make) => {
    const given = await make()
    try {
      await body(given)
    } finally {
      await given.dispose()
    }
  },
})

export const record = (value: string | null, more: Partial<NewRecord> = {}): NewRecord => ({
  key: null,
  headers: [],
  value: value === null ? null : Buffer.from(value),
  ...more,
})

/** `count` records of one partition with the values `<prefix>0`, `<prefix>1` and so on. */
export const series = (count: number, prefix: string, partition: Partition): readonly NewRecord[] =>
  Array.from({ length: count }, (_, index) => record(`${prefix}${index}`, { partition }))

export const textOf = (found: LogRecord): string | null =>
  found.start === -1 ? null : Buffer.from(found.bytes.subarray(found.start, found.end)).toString()

export const append = (log: EventLog, records: readonly NewRecord[]): ReturnType<EventLog['append']> =>
  patiently(() => log.append(records))

/** Fetches without waiting until something comes or the end is reached. */
export const fetchSome = async (
  log: EventLog,
  partition: Partition,
  from: Offset,
  maxBytes = 1_048_576,
): Promise<RecordBatch> => {
  for (let tries = 1; ; tries += 1) {
    const batch = await patiently(() => log.fetch(partition, from, { maxBytes, waitMs: 0 }))
    const { end } = await patiently(() => log.bounds(partition))
    if (batch.to > from || from >= end || tries === triesMax) return batch
  }
}

/** Every batch from `from` to the end, each begun where the one before says. */
export const readBatches = async (
  log: EventLog,
  partition: Partition,
  from: Offset = offset(0),
  maxBytes = 1_048_576,
): Promise<readonly RecordBatch[]> => {
  const { end } = await patiently(() => log.bounds(partition))
  const batches: RecordBatch[] = []
  for (let next = from; next < end; ) {
    const batch = await fetchSome(log, partition, next, maxBytes)
    assert.ok(batch.to > next, `a fetch from ${next} of a log that ends at ${end} goes on behind ${next}`)
    batches.push(batch)
    next = batch.to
  }
  return batches
}

export const readAll = async (log: EventLog, partition: Partition): Promise<readonly LogRecord[]> =>
  (await readBatches(log, partition)).flatMap((batch) => batch.records)

/** The record at a place. */
export const readAt = async (
  log: EventLog,
  place: { readonly partition: Partition; readonly offset: Offset },
): Promise<LogRecord> => {
  const [found] = (await fetchSome(log, place.partition, place.offset)).records
  assert.equal(found?.offset, place.offset, `the record at offset ${place.offset} can be read`)
  return found
}
