/** A log whose fetches go through something else first. */
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { RecordBatch } from '../../topology/model/record.ts'

export const withFetch = (
  log: EventLog,
  around: (fetch: () => Promise<RecordBatch>, from: number, waitMs: number) => Promise<RecordBatch>,
): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (partition) => log.bounds(partition),
  fetch: (partition, from, options) => around(() => log.fetch(partition, from, options), from, options.waitMs),
  offsetAt: (partition, timeMs) => log.offsetAt(partition, timeMs),
  append: (records) => log.append(records),
  release: (partition, before) => log.release(partition, before),
  close: () => log.close(),
})
