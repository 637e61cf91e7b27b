/** Looks at some places of the log by small fetches; what does not answer is looked at another time. */
import { isLogExpired } from '../engine/is-log-expired.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import { offset as toOffset, partition as toPartition } from '../model/position.ts'
import type { RecordBatch } from '../model/record.ts'
import type { CurvePoint } from './partition-curve.ts'
import type { SamplePlace } from './plan-samples.ts'

/** Records of each tenant. */
export type TenantsIn = (batch: RecordBatch) => Promise<ReadonlyMap<string, number>>

// Whoever has less of some dozens of records is not known by them.
const tenantsMax = 16
// Some dozens of records of a common size tell how large they are around there.
const lookBytes = 16_384

/** What was found at the place; where the log has dropped it, at its start. */
export const takeSample = async (
  log: EventLog,
  place: SamplePlace,
  tenantsIn?: TenantsIn,
): Promise<CurvePoint | undefined> => {
  try {
    return await look(log, place.partition, place.offset, tenantsIn)
  } catch (error) {
    if (!isLogExpired(error)) return undefined
    const { start } = await log.bounds(toPartition(place.partition))
    return start > place.offset ? await look(log, place.partition, start, tenantsIn) : undefined
  }
}

const look = async (
  log: EventLog,
  partition: number,
  from: number,
  tenantsIn: TenantsIn | undefined,
): Promise<CurvePoint | undefined> => {
  const options = { maxBytes: lookBytes, waitMs: 0, isBacklog: true }
  const batch = await log.fetch(toPartition(partition), toOffset(from), options)
  const [first] = batch.records
  if (first === undefined || batch.to <= from) return undefined
  // A producer's clock may say that a time is none.
  if (first.appendTimeMs < 0) return undefined
  // Of values, as lanes count them: what is held for a fetch may be more.
  const bytes = batch.records.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0)
  const shares = tenantsIn === undefined ? undefined : await sharesIn(batch, tenantsIn)
  const point = { offset: from, appendMs: first.appendTimeMs, bytesEach: bytes / (batch.to - from) }
  return shares === undefined ? point : { ...point, shares }
}

/** The largest of them; the others share what is left. */
const sharesIn = async (batch: RecordBatch, tenantsIn: TenantsIn): Promise<ReadonlyMap<string, number> | undefined> => {
  const counts = await tenantsIn(batch).catch(() => undefined)
  if (counts === undefined) return undefined
  const largest = [...counts].sort(([, left], [, right]) => right - left).slice(0, tenantsMax)
  return new Map(largest.map(([tenant, count]) => [tenant, count / (batch.to - batch.from)]))
}
