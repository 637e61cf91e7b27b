/** The lines of an object's plain bytes, and the place in the log that each names. */
import { parseEventId } from '../../topology/model/event-id.ts'

export interface ObjectLine {
  /** Without the line break. */
  readonly bytes: Uint8Array
  readonly start: number
  /** Behind the line break. */
  readonly end: number
}

export function* objectLines(bytes: Uint8Array): Iterable<ObjectLine> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start)
    const lineEnd = found < 0 ? bytes.length : found
    const end = found < 0 ? bytes.length : found + 1
    yield { bytes: bytes.subarray(start, lineEnd), start, end }
    start = end
  }
}

/** The `keen` members that the sink put into a line. */
export interface LineMembers {
  readonly id: unknown
  readonly createdAt: unknown
}

/** What a line of ours holds; of any other line a member is undefined, or the access throws. */
interface LineShape {
  readonly keen: Readonly<Record<string, unknown>>
}

/** `undefined`: the line is no JSON object with a `keen` object. */
export const lineMembers = (bytes: Uint8Array): LineMembers | undefined => {
  try {
    const line: LineShape = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
    const { keen } = line
    return { id: keen['id'], createdAt: keen['created_at'] }
  } catch {
    return undefined
  }
}

/** Offset of the event in a line; `undefined` where `keen.id` is not one of ours. */
export const offsetOfLine = (bytes: Uint8Array): number | undefined => {
  const id = lineMembers(bytes)?.id
  return typeof id === 'string' ? parseEventId(id)?.offset : undefined
}

const ownStart = Buffer.from('{"keen":{"id":"')
// Without its first quote: a search stops at every place of its first byte, and quotes are everywhere.
const keenName = Buffer.from('keen"')
const unicodeEscape = Buffer.from('\\u')
const idLength = 36
// Hyphens of an id, and the digit of its version.
const hyphensAt = [8, 13, 18, 23] as const
const versionAt = 14
// The last 52 bits of an id are the offset: a hyphen stands behind the first of its 13 digits.
const offsetDigits = [22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35] as const

/**
 * Offsets of the lines of one object, asked for in order.
 *
 * Most lines begin with the members that the sink put there, and say `keen` nowhere else, also not in disguise: such a
 * line is not parsed. Every other one is.
 */
export class OffsetsOfLines {
  readonly #bytes: Buffer
  /** The next places behind the lines that were asked for. */
  #keenAt = -1
  #escapeAt = -1

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Offset of the event in `[start, end)`; `undefined` where `keen.id` is not one of ours. */
  offset(start: number, end: number): number | undefined {
    const own = this.#isOwn(start, end) ? this.#offsetOfId(start + ownStart.length) : undefined
    return own ?? offsetOfLine(this.#bytes.subarray(start, end))
  }

  #isOwn(start: number, end: number): boolean {
    const bytes = this.#bytes
    if (end - start < ownStart.length + idLength + 1) return false
    for (let i = 0; i < ownStart.length; i++) if (bytes[start + i] !== ownStart[i]) return false
    const inside = start + ownStart.length
    if (this.#keenAt < inside) this.#keenAt = placeOf(bytes, keenName, inside)
    if (this.#escapeAt < inside) this.#escapeAt = placeOf(bytes, unicodeEscape, inside)
    return this.#keenAt >= end && this.#escapeAt >= end
  }

  #offsetOfId(at: number): number | undefined {
    const bytes = this.#bytes
    if (bytes[at + idLength] !== 0x22 || bytes[at + versionAt] !== 0x38) return undefined
    for (const hyphen of hyphensAt) if (bytes[at + hyphen] !== 0x2d) return undefined
    let offset = 0
    for (const place of offsetDigits) {
      const digit = hexDigit(bytes[at + place]!)
      if (digit < 0) return undefined
      offset = offset * 16 + digit
    }
    return offset
  }
}

const placeOf = (bytes: Buffer, wanted: Buffer, from: number): number => {
  const found = bytes.indexOf(wanted, from)
  return found < 0 ? bytes.length : found
}

const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
}
