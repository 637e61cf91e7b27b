/**
 * Reads from an offset behind which the log is known to hold records: they were read before, or named by a delete.
 *
 * A log may answer with nothing although there is something: a broker over its quota, or one that has just become leader.
 * Whoever took that for a gap would leave events in place that a delete has matched (I-3). So it is asked again, until it
 * gives something or says itself that it ends there.
 */
import { errors } from '../../model/errors.ts'
import { offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { blamedOn } from './culprit.ts'
import { metered } from './metered.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

const sizeOf = ({ records, byteLength }: RecordBatch): { readonly records: number; readonly bytes: number } => ({
  records: records.length,
  bytes: byteLength,
})

type Place = Pick<PartitionContext, 'parts' | 'log' | 'partition' | 'signal'>

/** An empty batch only where the log ends. */
export const fetchPresent = (place: Place, from: number, maxBytes: number): Promise<RecordBatch> => {
  const { parts, log, partition, signal } = place
  const what = `log ${log.topic}`
  const about = { stage: 'fetch', name: log.topic, workClass: 'delete' } as const
  return persist(parts, what, signal, async () => {
    const batch = await metered(
      parts.meters,
      { ...about, what: `${log.topic}/${partition} from ${from}`, partition, sizeOf },
      () => log.fetch(partition, offset(from), { maxBytes, waitMs: 0, signal, isBacklog: true }),
    )
    if (batch.to > from || signal.aborted || (await log.bounds(partition)).end <= from) return batch
    const reason = `nothing came from offset ${from}, which is not the end`
    throw blamedOn(errors.storeUnavailable({ store: what, reason }), { resource: 'log', name: log.topic })
  })
}
