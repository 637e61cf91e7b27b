/** Writes ids and times as ASCII digits into a buffer, equal to what `eventId` and `formatTime` say, without a string. */
import { formatTime } from '../../topology/model/event-time.ts'

const hexDigits = Buffer.from('0123456789abcdef', 'latin1')
const dash = 0x2d
const timeBias = 2 ** 47
const dayMs = 86_400_000

/** 36 bytes of `keen.id`. */
export const writeEventId = (
  target: Uint8Array,
  at: number,
  timeMs: number,
  partition: number,
  offset: number,
): void => {
  const time = timeMs + timeBias
  const low = time >>> 0
  hex(target, at, Math.floor(time / 2 ** 32), 4)
  hex(target, at + 4, low >>> 16, 4)
  target[at + 8] = dash
  hex(target, at + 9, low & 0xffff, 4)
  target[at + 13] = dash
  hex(target, at + 14, 0x8000 | (partition >>> 10), 4)
  target[at + 18] = dash
  const offsetHigh = Math.floor(offset / 2 ** 32)
  const offsetLow = offset >>> 0
  // Variant and low bits of the partition fill three digits, the first of the offset's thirteen is the fourth.
  hex(target, at + 19, ((0x800 | (partition & 0x3ff)) << 4) | (offsetHigh >>> 16), 4)
  target[at + 23] = dash
  hex(target, at + 24, offsetHigh & 0xffff, 4)
  hex(target, at + 28, offsetLow >>> 16, 4)
  hex(target, at + 32, offsetLow & 0xffff, 4)
}

const hex = (target: Uint8Array, at: number, value: number, digits: number): void => {
  let rest = value
  for (let i = at + digits - 1; i >= at; i--) {
    target[i] = hexDigits[rest & 15]!
    rest >>>= 4
  }
}

let knownDay = Number.NaN
let knownDate: Uint8Array = new Uint8Array(0)

/** 24 bytes of a UTC time with milliseconds; years 0 to 9999 only. */
export const writeTime = (target: Uint8Array, at: number, timeMs: number): void => {
  const day = Math.floor(timeMs / dayMs)
  if (day !== knownDay) {
    knownDay = day
    knownDate = Buffer.from(formatTime(day * dayMs), 'latin1')
  }
  target.set(knownDate, at)
  const ms = timeMs - day * dayMs
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  twoDigits(target, at + 11, Math.floor(minutes / 60))
  twoDigits(target, at + 14, minutes % 60)
  twoDigits(target, at + 17, seconds % 60)
  const rest = ms % 1000
  target[at + 20] = 0x30 + Math.floor(rest / 100)
  twoDigits(target, at + 21, rest % 100)
}

const twoDigits = (target: Uint8Array, at: number, value: number): void => {
  const tens = (value / 10) | 0
  target[at] = 0x30 + tens
  target[at + 1] = 0x30 + value - tens * 10
}
