/**
 * `keen.id`: a UUID of version 8 that leads to the event's row, log record and object without an index.
 *
 * 128 bits from the left (DOMAIN section 1): 48 bits of event time as ms + 2^47 (so that times before 1970 sort
 * rightly), 4 version, 12 bits (high part of the partition), 2 variant, 10 bits (low part of the partition), 52 bits of offset.
 */
import type { Offset, Partition } from './position.ts'
import { offset as toOffset, partition as toPartition } from './position.ts'

const timeBias = 2 ** 47
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

export const eventId = (timeMs: number, partition: Partition, offset: Offset): string => {
  const time = hex(timeMs + timeBias, 12)
  const high = hex(partition >>> 10, 3)
  // Variant 10 and the 10 low bits of the partition fill 12 bits; the first hex digit of the offset completes the group.
  const low = hex(0x800 | (partition & 0x3ff), 3)
  const place = hex(offset, 13)
  return `${time.slice(0, 8)}-${time.slice(8)}-8${high}-${low}${place[0]}-${place.slice(1)}`
}

const pattern = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-([89ab][0-9a-f]{2})([0-9a-f])-([0-9a-f]{12})$/

/** What an id holds; `undefined` when the text is not one of ours. */
export const parseEventId = (
  id: string,
): { readonly timeMs: number; readonly partition: Partition; readonly offset: Offset } | undefined => {
  const match = pattern.exec(id.toLowerCase())
  if (match === null) return undefined
  const [, time1 = '', time2 = '', high = '', low = '', place1 = '', place2 = ''] = match
  return {
    timeMs: Number.parseInt(time1 + time2, 16) - timeBias,
    partition: toPartition((Number.parseInt(high, 16) << 10) | (Number.parseInt(low, 16) & 0x3ff)),
    offset: toOffset(Number.parseInt(place1 + place2, 16)),
  }
}
