/** What a fetch has brought, in the portions that bolts are given. */
import type { LogRecord, RecordBatch } from '../../model/record.ts'

/** Cuts a fetched batch into the portions that bolts are given. `leaderEpoch`: of all its records, where that is known. */
export const portionsOf = (
  batch: RecordBatch,
  most: number,
  leaderEpoch: number | undefined,
): readonly RecordBatch[] => {
  if (batch.records.length <= most) return [batch]
  const cuts: RecordBatch[] = []
  for (let start = 0; start < batch.records.length; start += most) {
    const records = batch.records.slice(start, start + most)
    const next = batch.records[start + most]
    const from = start === 0 ? batch.from : records[0]!.offset
    const epoch = next === undefined ? batch.leaderEpoch : leaderEpoch
    const leader = epoch === undefined ? {} : { leaderEpoch: epoch }
    const place = { partition: batch.partition, from, to: next?.offset ?? batch.to, ...leader }
    cuts.push({ ...place, records, byteLength: sizeOf(records) })
  }
  return cuts
}

const sizeOf = (records: readonly LogRecord[]): number => {
  let bytes = 0
  for (const record of records) bytes += Math.max(0, record.end - record.start)
  return bytes
}
