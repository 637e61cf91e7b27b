/**
 * What every log that gives its own offsets does first with an append: refuse what it cannot take, before anything is
 * written, and say which partition each record goes to.
 */
import { errors } from '../model/errors.ts'
import { eventBytesMax } from '../model/limits.ts'
import type { Offset, Partition } from '../model/position.ts'
import type { Headers, NewRecord } from '../model/record.ts'
import { partitionOf } from './partition-of.ts'

const headersBytes = (headers: Headers): number => {
  let bytes = 0
  for (const [name, value] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes
}

const checkSize = (record: NewRecord, headerBytes: number): void => {
  const valueBytes = record.value?.length ?? 0
  if (valueBytes > eventBytesMax) throw errors.recordTooLarge({ bytes: valueBytes, max: eventBytesMax })
  const bytes = headerBytes + (record.key === null ? 0 : Buffer.byteLength(record.key))
  // Key and headers together have the bound of a value, so that a frame of one record stays below 3 MiB.
  if (bytes > eventBytesMax) throw errors.recordTooLarge({ bytes, max: eventBytesMax })
}

/** Refuses offsets and partitions that do not exist: a programmer's error, `badConfiguration`. */
export const checkPartition = (topic: string, partition: Partition, partitions: number): void => {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return
  throw errors.badConfiguration({
    problem: `log ${topic} has no partition ${partition}: it has ${partitions}, counted from 0`,
  })
}

/** Throws `logExpired` or `logBeyondEnd` for an offset outside of the bounds. */
export const checkOffset = (
  log: string,
  partition: Partition,
  offset: Offset,
  bounds: { readonly start: Offset; readonly end: Offset },
): void => {
  if (offset < bounds.start) throw errors.logExpired({ log, partition, offset, start: bounds.start })
  if (offset > bounds.end) throw errors.logBeyondEnd({ log, partition, offset, end: bounds.end })
}

/** Partition of each record; throws `recordTooLarge` or `badConfiguration`, and then nothing may be appended. */
export const placeRecords = (topic: string, records: readonly NewRecord[], partitions: number): Partition[] => {
  const places: Partition[] = []
  let key: string | null = null
  let placeOfKey = partitionOf(null, partitions)
  let headers: Headers | undefined
  let headerBytes = 0
  for (const record of records) {
    if (record.headers !== headers) {
      headers = record.headers
      headerBytes = headersBytes(headers)
    }
    checkSize(record, headerBytes)
    if (record.partition !== undefined) checkPartition(topic, record.partition, partitions)
    if (record.key !== key) {
      key = record.key
      placeOfKey = partitionOf(key, partitions)
    }
    places.push(record.partition ?? placeOfKey)
  }
  return places
}
