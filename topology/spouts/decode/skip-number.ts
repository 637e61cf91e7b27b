/**
 * Steps over numbers and the words `true`, `false`, `null`.
 *
 * Each function gets the place where it begins and gives the place behind, or -1 for what is not valid or needs care.
 */
import { jsonBytes } from './json-bytes.ts'

export interface NumberLimits {
  /** Longer numbers need care. At most 200: with two digits of exponent a number is then below 10^300, so finite. */
  readonly numberBytesMax: number
  /** Digits of an exponent, at most 2; more need care. */
  readonly exponentDigitsMax: number
}

/** Behind the end of `bytes` there are no digits either. */
const skipDigits = (bytes: Uint8Array, from: number): number => {
  let at = from
  while ((bytes[at]! ^ jsonBytes.zero) <= 9) at += 1
  return at
}

export const skipNumber = (bytes: Uint8Array, from: number, end: number, limits: NumberLimits): number => {
  const first = bytes[from] === jsonBytes.minus ? from + 1 : from
  let at = bytes[first] === jsonBytes.zero ? first + 1 : skipDigits(bytes, first)
  if (at === first) return -1
  if (bytes[at] === jsonBytes.dot) {
    const digits = at + 1
    at = skipDigits(bytes, digits)
    if (at === digits) return -1
  }
  if (at - from > limits.numberBytesMax) return -1
  const byte = bytes[at]!
  if (at >= end || (byte !== jsonBytes.lowerE && byte !== jsonBytes.upperE)) return at
  return skipExponent(bytes, at + 1, limits.exponentDigitsMax)
}

const skipExponent = (bytes: Uint8Array, from: number, digitsMax: number): number => {
  const hasSign = bytes[from] === jsonBytes.minus || bytes[from] === jsonBytes.plus
  const digits = hasSign ? from + 1 : from
  const at = skipDigits(bytes, digits)
  return at === digits || at - digits > digitsMax ? -1 : at
}

export const skipWord = (bytes: Uint8Array, at: number): number => {
  switch (bytes[at]) {
    case 0x74: // true
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1
    case 0x66: // false
      return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73 && bytes[at + 4] === 0x65
        ? at + 5
        : -1
    case 0x6e: // null
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : -1
    default:
      return -1
  }
}
