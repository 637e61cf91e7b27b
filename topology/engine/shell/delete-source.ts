/**
 * Where the work of deletes reads events again: from the log, which is immutable, so that what belongs to a delete is a
 * pure function of log and document (I-3). Single offsets are read once for all sinks, neighbours together; a range is
 * read only with a budget that the planner gave.
 *
 * What the log has dropped is read from the event store; what that has not either is told by its offsets.
 */

import { offset } from '../../model/position.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import type { ScanBudget } from '../delete-plan.ts'
import { isLogExpired } from '../is-log-expired.ts'
import { lostOf } from '../ledger/lost-ranges.ts'
import type { RetainedSource } from './engine-parts.ts'
import { fetchPresent } from './fetch-present.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { type OffsetSpan, readSpan } from './read-span.ts'
import type { RecordCache } from './record-cache.ts'
import { readRetainedPoints, readRetainedRange } from './retained-source.ts'

/** What is done about offsets that the log has dropped. */
export interface BehindStart {
  /** Told of offsets `[from, to)` that nobody has. */
  readonly expired: (from: number, to: number) => void
  readonly retained: (span: OffsetSpan) => RetainedSource | undefined
}

// Offsets between two wanted ones that are read along: they cost less than another call.
const neighboursMax = 16
// Of a record that nobody has seen yet; too small a guess costs another read.
const recordBytesGuess = 1_024

const startOf = async ({ parts, log, partition, signal }: PartitionContext): Promise<number> =>
  (await persist(parts, `log ${log.topic}`, signal, () => log.bounds(partition))).start

/** Reads what the log still has of a range. */
export async function* readDeleteRange(
  context: PartitionContext,
  span: OffsetSpan,
  budget: ScanBudget,
  behind: BehindStart,
): AsyncGenerator<RecordBatch, void, undefined> {
  let at = span.from
  while (at < span.to) {
    try {
      for await (const batch of readSpan(context, { from: at, to: span.to })) {
        budget.spend(batch.records.length)
        yield batch
        at = batch.to
      }
      return
    } catch (error) {
      if (!isLogExpired(error)) throw error
      const start = await startOf(context)
      if (start <= at) throw error
      const next = endOfPiece(context, at, Math.min(start, span.to))
      const retained = behind.retained({ from: at, to: next })
      if (retained === undefined) behind.expired(at, next)
      else yield* readRetainedRange(context, retained, { from: at, to: next })
      at = next
    }
  }
}

/** Reads single offsets, ascending, in batches of about `batch.records`: each record at most once for all who ask. */
export async function* readDeletePoints(
  context: PartitionContext,
  cache: RecordCache,
  offsets: readonly number[],
  behind: BehindStart,
): AsyncGenerator<RecordBatch, void, undefined> {
  const most = context.parts.knob('batch.records')
  let records: LogRecord[] = []
  for await (const record of recordsAt(context, cache, offsets, behind)) {
    records.push(record)
    if (records.length < most) continue
    yield batchOf(context, records)
    records = []
  }
  if (records.length > 0) yield batchOf(context, records)
}

async function* recordsAt(
  context: PartitionContext,
  cache: RecordCache,
  offsets: readonly number[],
  behind: BehindStart,
): AsyncGenerator<LogRecord, void, undefined> {
  for (let index = 0; index < offsets.length; ) {
    const kept = keptRecord(context, cache, offsets[index]!)
    if (kept !== undefined) {
      yield kept
      index += 1
      continue
    }
    const found = await fetchAround(context, cache, offsets, index)
    const end = typeof found === 'number' ? found : found.to
    const first = index
    while (index < offsets.length && offsets[index]! < end) index += 1
    if (typeof found !== 'number') yield* found.records
    else yield* recordsBehind(context, cache, offsets.slice(first, index), behind)
  }
}

/**
 * What another work has read. Below the start of the document nothing counts: the delete that owns the event may be
 * forgotten, and it would leave a second time.
 */
const keptRecord = ({ ledger }: PartitionContext, cache: RecordCache, at: number): LogRecord | undefined =>
  at < ledger.doc.start ? undefined : cache.get(at)

/** Records that the log has dropped. */
async function* recordsBehind(
  context: PartitionContext,
  cache: RecordCache,
  offsets: readonly number[],
  { expired, retained }: BehindStart,
): AsyncGenerator<LogRecord, void, undefined> {
  for (let index = 0; index < offsets.length; ) {
    const from = offsets[index]!
    const to = endOfPiece(context, from, offsets.at(-1)! + 1)
    const first = index
    while (index < offsets.length && offsets[index]! < to) index += 1
    const wanted = offsets.slice(first, index)
    const source = retained({ from, to: wanted.at(-1)! + 1 })
    if (source !== undefined) {
      for await (const record of readRetainedPoints(source, wanted)) yield cache.put(record)
      continue
    }
    for (const one of wanted) {
      const kept = keptRecord(context, cache, one)
      if (kept === undefined) expired(one, one + 1)
      else yield kept
    }
  }
}

/** Up to where the event store has all from `at` on, or nothing: what it has lost it has lost as whole ranges. */
const endOfPiece = ({ ledger, eventStore }: PartitionContext, at: number, to: number): number => {
  const edges = eventStore === undefined ? [] : lostOf(ledger.doc, eventStore).flatMap((one) => [one.from, one.to])
  return Math.min(to, ...edges.filter((edge) => edge > at))
}

interface Fetched {
  /** The wanted ones. */
  readonly records: readonly LogRecord[]
  /** Nothing that is wanted below is missing. */
  readonly to: number
}

/** Reads the offset at `index`, and those close behind it that nobody has read; a number is where the log begins by now. */
const fetchAround = async (
  context: PartitionContext,
  cache: RecordCache,
  offsets: readonly number[],
  index: number,
): Promise<Fetched | number> => {
  const { parts, signal } = context
  if (signal.aborted) throw new Abandoned()
  const from = offsets[index]!
  const last = lastNeighbour(cache, offsets, index)
  // A fetch gives at least one record, however small it is asked to be.
  const wantedBytes = last === from ? 1 : (last - from + 1) * recordBytesGuess
  const maxBytes = Math.min(wantedBytes, parts.knob('fetch.partitionBytes'))
  try {
    const batch = await fetchPresent(context, from, maxBytes)
    const records: LogRecord[] = []
    let next = index
    for (const record of batch.records) {
      if (record.offset > last) break
      while (next < offsets.length && offsets[next]! < record.offset) next += 1
      if (offsets[next] === record.offset) records.push(cache.put(record))
    }
    return { records, to: Math.max(Math.min(batch.to, last + 1), from + 1) }
  } catch (error) {
    if (!isLogExpired(error)) throw error
    const start = await startOf(context)
    if (start <= from) throw error
    return start
  }
}

const lastNeighbour = (cache: RecordCache, offsets: readonly number[], index: number): number => {
  let last = offsets[index]!
  for (let next = index + 1; next < offsets.length; next++) {
    const one = offsets[next]!
    if (one - last > neighboursMax || cache.get(one) !== undefined) break
    last = one
  }
  return last
}

const batchOf = ({ partition }: PartitionContext, records: readonly LogRecord[]): RecordBatch => ({
  partition,
  from: records[0]!.offset,
  to: offset(records.at(-1)!.offset + 1),
  records,
  byteLength: records.reduce((bytes, record) => bytes + record.bytes.length, 0),
})
