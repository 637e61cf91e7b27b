/**
 * Finds the property `keen` in the bytes of a body that is known to be valid JSON: where the fast path has no mark of it.
 *
 * Of several the last one counts, and its name may be written with escapes, as `JSON.parse` has it.
 */
import { jsonBytes } from './json-bytes.ts'
import { skipBlanks } from './skip-odd-string.ts'

/** Index just behind the brace of the object `keen` in bytes `[start, end)`, -1 where there is none. */
export const findKeen = (bytes: Uint8Array, start: number, end: number): number => {
  let found = -1
  let level = 0
  let at = start
  while (at < end) {
    const byte = bytes[at]!
    if (byte === jsonBytes.quote) {
      const behind = stringEnd(bytes, at)
      const colon = skipBlanks(bytes, behind, end)
      if (level === 1 && bytes[colon] === jsonBytes.colon && isKeen(bytes, at, behind))
        found = skipBlanks(bytes, colon + 1, end) + 1
      at = behind
      continue
    }
    if (byte === jsonBytes.openObject || byte === jsonBytes.openList) level += 1
    else if (byte === jsonBytes.closeObject || byte === jsonBytes.closeList) level -= 1
    at += 1
  }
  return found
}

const stringEnd = (bytes: Uint8Array, quote: number): number => {
  let at = quote + 1
  while (bytes[at] !== jsonBytes.quote) at += bytes[at] === jsonBytes.backslash ? 2 : 1
  return at + 1
}

// Four letters, each written with at most six bytes, and two quotes.
const keenBytesMax = 26

const isKeen = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start <= keenBytesMax && JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) === 'keen'
