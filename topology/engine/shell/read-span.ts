/** Reads a bounded range of a partition batch after batch. */
import { offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { fetchPresent } from './fetch-present.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned } from './persist.ts'

export interface OffsetSpan {
  readonly from: number
  readonly to: number
}

/** The part of a batch below `to`. */
export const cutBatch = (batch: RecordBatch, to: number): RecordBatch => {
  if (batch.to <= to) return batch
  const records = batch.records.filter((record) => record.offset < to)
  const share = batch.records.length === 0 ? 1 : records.length / batch.records.length
  // The leader that is told is that of the last record.
  const { leaderEpoch: _ofTheLast, ...rest } = batch
  return { ...rest, to: offset(to), records, byteLength: Math.ceil(batch.byteLength * share) }
}

/** Reads a range that must be in the log; throws `logExpired` (stop) where the log begins behind it. */
export async function* readSpan(
  context: PartitionContext,
  span: OffsetSpan,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { parts, signal } = context
  // One record is asked for in small reads; a fetch always gives at least one.
  const maxBytes = span.to - span.from === 1 ? 1 : parts.knob('fetch.partitionBytes')
  const fetchFrom = (at: number): Promise<RecordBatch> => fetchPresent(context, at, maxBytes)
  let at = span.from
  let next: Promise<RecordBatch> | undefined
  while (at < span.to) {
    if (signal.aborted) throw new Abandoned()
    const batch = await (next ?? fetchFrom(at))
    // Nothing more, although the range was read before: the rest is a gap at the end of the log.
    if (batch.to <= at) return
    at = batch.to
    // The disk reads on while the batch is worked on.
    next = at < span.to ? fetchFrom(at) : undefined
    next?.catch(() => undefined)
    yield cutBatch(batch, span.to)
  }
}
