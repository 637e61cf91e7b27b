/**
 * Steps over the parts of JSON that are rare in events: escapes, characters outside ASCII, blanks.
 *
 * Each function gets the place where it begins and gives the place behind, or -1 where the bytes are not valid.
 */
import { jsonBytes } from './json-bytes.ts'

/** Steps over white space. */
export const skipBlanks = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end) {
    const byte = bytes[at]!
    if (byte > jsonBytes.blank) break
    if (
      byte !== jsonBytes.blank &&
      byte !== jsonBytes.lineFeed &&
      byte !== jsonBytes.carriageReturn &&
      byte !== jsonBytes.tab
    )
      break
    at += 1
  }
  return at
}

const isHexDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)

// Behind a backslash: quote, backslash, slash, b, f, n, r, t.
const shortEscapes = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74])

/** Steps over one escape, from its backslash on. */
export const skipEscape = (bytes: Uint8Array, from: number, end: number): number => {
  if (from + 1 >= end) return -1
  const byte = bytes[from + 1]!
  if (shortEscapes.has(byte)) return from + 2
  if (byte !== jsonBytes.lowerU || from + 6 > end) return -1
  for (let at = from + 2; at < from + 6; at += 1) if (!isHexDigit(bytes[at]!)) return -1
  return from + 6
}

const isFollower = (bytes: Uint8Array, at: number, end: number): boolean => at < end && (bytes[at]! & 0xc0) === 0x80

/** Steps over one character of two to four bytes, in the shortest form, no surrogate: what UTF-8 allows. */
export const skipWideCharacter = (bytes: Uint8Array, from: number, end: number): number => {
  const lead = bytes[from]!
  if (lead < 0xc2 || lead > 0xf4 || !isFollower(bytes, from + 1, end)) return -1
  if (lead < 0xe0) return from + 2
  const second = bytes[from + 1]!
  if (!isFollower(bytes, from + 2, end)) return -1
  if (lead < 0xf0) {
    const isOverlong = lead === 0xe0 && second < 0xa0
    const isSurrogate = lead === 0xed && second > 0x9f
    return isOverlong || isSurrogate ? -1 : from + 3
  }
  const isOverlong = lead === 0xf0 && second < 0x90
  const isBeyond = lead === 0xf4 && second > 0x8f
  return isOverlong || isBeyond || !isFollower(bytes, from + 3, end) ? -1 : from + 4
}

/** Steps over the rest of a string from a byte that is not plain, through its closing quote. */
export const skipOddString = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at >= 0 && at < end) {
    const byte = bytes[at]!
    if (byte === jsonBytes.quote) return at + 1
    if (byte === jsonBytes.backslash) at = skipEscape(bytes, at, end)
    else if (byte >= 0x80) at = skipWideCharacter(bytes, at, end)
    else if (byte >= 0x20) at += 1
    else return -1
  }
  return -1
}
