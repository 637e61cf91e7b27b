/**
 * `keen.id`: a UUID of version 8 that leads to the event's row, log record and object without an index.
 *
 * 128 bits from the left (DOMAIN section 1): 48 bits of event time as ms + 2^47 (so that times before 1970 sort
 * rightly), 4 version, 12 bits (high part of the partition), 2 variant, 10 bits (low part of the partition), 52 bits of offset.
 */
import type { Offset, Partition } from './position.ts'
import { offset as toOffset, partition as toPartition } from './position.ts'

const timeBias = 2 ** 47
// Numbers above 2^31 are slow to write in hex. Every field is whole groups of 12 bits but for one digit of the offset.
const threeDigits: readonly string[] = Array.from({ length: 4_096 }, (_, value) => value.toString(16).padStart(3, '0'))
const half = 2 ** 24
const sixDigits = (value: number): string => `${threeDigits[value >>> 12]}${threeDigits[value & 0xfff]}`

export const eventId = (timeMs: number, partition: Partition, offset: Offset): string => {
  const time = timeMs + timeBias
  const timeHigh = Math.floor(time / half)
  const timeText = `${sixDigits(timeHigh)}${sixDigits(time - timeHigh * half)}`
  const high = threeDigits[partition >>> 10]
  // Variant 10 and the 10 low bits of the partition fill 12 bits; the first hex digit of the offset completes the group.
  const low = threeDigits[0x800 | (partition & 0x3ff)]
  const offsetHigh = Math.floor(offset / half)
  const first = Math.floor(offsetHigh / half)
  const place = `${sixDigits(offsetHigh - first * half)}${sixDigits(offset - offsetHigh * half)}`
  return `${timeText.slice(0, 8)}-${timeText.slice(8)}-8${high}-${low}${first.toString(16)}-${place}`
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
