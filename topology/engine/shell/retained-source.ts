/**
 * What the log has dropped, from the event store: for the work of deletes, where the store has everything of a range as
 * the spout gave it. Where it has not, that work ends partial.
 */
import type { DeleteScope } from '../../model/delete-request.ts'
import { bucketOffsetBits } from '../../model/limits.ts'
import { offset } from '../../model/position.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import { coversSegments, taken } from '../ledger/document.ts'
import { allTenants } from '../ledger/tenant-scope.ts'
import { eventStoreNode } from '../plan-questions.ts'
import type { RetainedSource } from './engine-parts.ts'
import type { PartitionContext } from './partition-context.ts'
import type { OffsetSpan } from './read-span.ts'

/** `undefined`: no event store holds all of the range. */
export const retainedSource = (
  { parts, plan, partition, eventStore, ledger }: PartitionContext,
  span: OffsetSpan,
  scopes: readonly DeleteScope[],
): RetainedSource | undefined => {
  const { retainedEvents } = parts
  const store = eventStore === undefined ? undefined : eventStoreNode(plan)
  if (store === undefined || retainedEvents === undefined) return undefined
  // What a bolt has changed or left out is not what the spout gave.
  if (store.chain.length > 0 || store.dedupes.length > 0) return undefined
  if (!coversSegments(taken(ledger.doc, store.name, true), [{ ...span, tenants: allTenants }])) return undefined
  return retainedEvents({ sink: store.name, spout: plan.spout, partition, scopes })
}

const blockRecords = 2 ** bucketOffsetBits

/**
 * Batches of a range, block by block. The store knows another order than the log: a batch ends where its block begins,
 * and an empty one tells that the block is whole.
 */
export async function* readRetainedRange(
  { partition }: PartitionContext,
  source: RetainedSource,
  span: OffsetSpan,
): AsyncGenerator<RecordBatch, void, undefined> {
  for (let from = span.from; from < span.to; ) {
    const to = Math.min(span.to, (Math.floor(from / blockRecords) + 1) * blockRecords)
    const begin = { partition, from: offset(from), to: offset(from) }
    for await (const records of source.read({ from, to })) yield { ...begin, records, byteLength: bytesOf(records) }
    yield { ...begin, to: offset(to), records: [], byteLength: 0 }
    from = to
  }
}

/** Single offsets, ascending: those that were events and live. */
export async function* readRetainedPoints(
  source: RetainedSource,
  offsets: readonly number[],
): AsyncGenerator<LogRecord, void, undefined> {
  for (const wanted of Map.groupBy(offsets, (one) => Math.floor(one / blockRecords)).values()) {
    const found: LogRecord[] = []
    const span = { from: wanted[0]!, to: wanted.at(-1)! + 1 }
    for await (const records of source.read(span, new Set(wanted))) found.push(...records)
    yield* found.sort((left, right) => left.offset - right.offset)
  }
}

const bytesOf = (records: readonly LogRecord[]): number =>
  records.reduce((bytes, record) => bytes + record.bytes.length, 0)
