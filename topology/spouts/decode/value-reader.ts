/**
 * Turns marked bytes into the values that `JSON.parse` would give.
 *
 * Works on bytes that the scanner has said yes to. Short strings are interned: columns hold the same few thousand
 * countries, names and states over and over, and comparing bytes with a string that exists is cheaper than another one.
 */
import { parseTime } from '../../model/event-time.ts'
import { jsonBytes, kindOf } from './json-bytes.ts'
import { readTime } from './read-time.ts'

// A power of two. 4,096 strings of at most 24 characters: below 250 kB.
const internedMax = 4_096
const internedBytesMax = 24
// Integers of up to 15 digits and powers of ten up to 10^22 are exact doubles, so their quotient is rounded once, as
// `Number` rounds it.
const exactDigitsMax = 15
const powersOfTen = Array.from({ length: exactDigitsMax + 1 }, (_, exponent) => 10 ** exponent)

export class ValueReader {
  #buffer: Buffer = Buffer.alloc(0)
  #bytes: Uint8Array = this.#buffer
  readonly #interned: string[] = new Array<string>(internedMax).fill('')
  /** Hash that came to a place last. */
  readonly #hashes = new Int32Array(internedMax)

  /** Reads from `bytes` from here on. */
  use(bytes: Uint8Array): void {
    if (bytes === this.#bytes) return
    this.#bytes = bytes
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The value in `[start, end)`; strings with their quotes. `isOdd`: a string that is not plain ASCII. */
  value(kind: number, start: number, end: number, isOdd: boolean): unknown {
    switch (kind) {
      case kindOf.string:
        return isOdd ? this.json(start, end) : this.#text(start + 1, end - 1)
      case kindOf.num:
        return this.#number(start, end)
      case kindOf.bool:
        return this.#bytes[start] === 0x74
      case kindOf.null:
        return null
      default:
        return this.json(start, end)
    }
  }

  /** What `JSON.parse` gives for the bytes. */
  json(start: number, end: number): unknown {
    return JSON.parse(this.#buffer.toString('utf8', start, end))
  }

  #text(start: number, end: number): string {
    const bytes = this.#bytes
    if (end - start > internedBytesMax) return this.#buffer.toString('latin1', start, end)
    let hash = end - start
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    const slot = (hash ^ (hash >>> 15)) & (internedMax - 1)
    const known = this.#interned[slot]!
    if (this.#isText(known, start, end)) return known
    const text = this.#buffer.toString('latin1', start, end)
    // Only what comes back is kept: a column of ids would turn over the whole table.
    if (this.#hashes[slot] === hash) this.#interned[slot] = text
    this.#hashes[slot] = hash
    return text
  }

  /** Event time of the string in `[start, end)` with its quotes, ms since 1970; `undefined` when it is no accepted time. */
  timeMs(start: number, end: number): number | undefined {
    return readTime(this.#bytes, start + 1, end - 1) ?? parseTime(String(this.json(start, end)))
  }

  #isText(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false
    return true
  }

  #number(start: number, end: number): number {
    const bytes = this.#bytes
    const isNegative = bytes[start] === jsonBytes.minus
    let at = isNegative ? start + 1 : start
    // Digits and a dot.
    if (end - at > exactDigitsMax) return this.#oddNumber(start, end)
    let digits = 0
    let fractionFrom = end
    for (; at < end; at += 1) {
      const digit = bytes[at]! ^ jsonBytes.zero
      if (digit <= 9) digits = digits * 10 + digit
      else if (bytes[at] === jsonBytes.dot) fractionFrom = at + 1
      else return this.#oddNumber(start, end)
    }
    const value = fractionFrom === end ? digits : digits / powersOfTen[end - fractionFrom]!
    return isNegative ? -value : value
  }

  #oddNumber(start: number, end: number): number {
    return Number(this.#buffer.toString('latin1', start, end))
  }
}
