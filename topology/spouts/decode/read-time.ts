/**
 * Reads event times straight from bytes, in the forms that clients write most; agrees with `parseTime` on them and leaves
 * all others to it.
 */
import { jsonBytes } from './json-bytes.ts'

// From 1 to here every day can be stored in 48 bits of ms; parseTime knows the exact bound.
const yearMax = 6_000
// February ends with 28 here: the 29th is left to parseTime.
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

// So far below zero that no sum with other digits comes back to a valid field.
const noDigits = -1_000_000

const twoDigits = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! ^ jsonBytes.zero
  const ones = bytes[at + 1]! ^ jsonBytes.zero
  return tens > 9 || ones > 9 ? noDigits : tens * 10 + ones
}

const oneDigit = (bytes: Uint8Array, at: number): number => {
  const ones = bytes[at]! ^ jsonBytes.zero
  return ones > 9 ? noDigits : ones
}

const isDash = (byte: number | undefined): boolean => byte === jsonBytes.minus || byte === 0x2f

/** Days since 1970 of a date of the Gregorian calendar, counted from 1 March so that leap days come last. */
const daysOf = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year
  const monthFromMarch = (month + 9) % 12
  const leapDays = ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0)
  return 365 * y + leapDays + (((monthFromMarch * 306 + 5) / 10) | 0) + day - 1 - 719_468
}

/**
 * ms since 1970 of `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM[:SS[.mmm]][Z]`, a blank for `T` and `/` for `-`;
 * `undefined`: ask `parseTime`.
 */
export const readTime = (bytes: Uint8Array, start: number, end: number): number | undefined => {
  if (end - start < 10) return undefined
  if (!isDash(bytes[start + 4]) || !isDash(bytes[start + 7])) return undefined
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  if (year < 1 || year > yearMax || month < 1 || month > 12 || day < 1 || day > daysOfMonth[month - 1]!)
    return undefined
  const dayMs = daysOf(year, month, day) * 86_400_000
  if (end - start === 10) return dayMs
  const byte = bytes[start + 10]
  if (byte !== 0x54 && byte !== jsonBytes.blank) return undefined
  const ms = readClock(bytes, start + 11, bytes[end - 1] === 0x5a ? end - 1 : end)
  return ms < 0 ? undefined : dayMs + ms
}

/** ms since midnight of `HH:MM[:SS[.mmm]]`, or a negative number. */
const readClock = (bytes: Uint8Array, start: number, end: number): number => {
  const length = end - start
  if (length !== 5 && length !== 8 && length !== 12) return -1
  const hours = twoDigits(bytes, start)
  const minutes = twoDigits(bytes, start + 3)
  const seconds = length >= 8 ? twoDigits(bytes, start + 6) : 0
  const ms = length === 12 ? twoDigits(bytes, start + 9) * 10 + oneDigit(bytes, start + 11) : 0
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59 || ms < 0) return -1
  if (bytes[start + 2] !== jsonBytes.colon || (length >= 8 && bytes[start + 5] !== jsonBytes.colon)) return -1
  if (length === 12 && bytes[start + 8] !== jsonBytes.dot) return -1
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
}
