/**
 * UTF-8 text of JSON, written value by value into buffers that many texts share.
 *
 * A buffer that is full is left to whoever holds a text in it, and the text at hand moves on to the next one. A text that
 * grows beyond the limit is given up at once, whatever is still to come (I-6).
 */

/** The text would be longer than the limit. */
export class JsonTooLong extends Error {}

const firstBytes = 65_536
const bufferBytes = 1_048_576
// A number, a time, an id or a mark of the syntax.
const tokenBytesMax = 64

// Below it a number is one that shifts know, and most are.
const smallMax = 1_000_000_000

const quote = 0x22
const backslash = 0x5c
const hexDigits = '0123456789abcdef'
const shortEscapes: ReadonlyMap<number, string> = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
])

export class JsonOutput {
  readonly #limit: number
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #at = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Where the text at hand begins, and the next one would. */
  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#at
  }

  /** Texts from here on are in a buffer that nobody holds yet. */
  restart(): void {
    this.#bytes = new Uint8Array(0)
    this.#start = 0
    this.#at = 0
  }

  /** Begins a text behind the last one. */
  begin(): void {
    this.#start = this.#at
  }

  /** Forgets the text at hand. */
  giveUp(): void {
    this.#at = this.#start
  }

  /** Throws `JsonTooLong` for a text that is longer than the limit. */
  check(): void {
    if (this.#at - this.#start > this.#limit) throw new JsonTooLong()
  }

  byte(byte: number): void {
    if (this.#at === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#at++] = byte
  }

  /** Text that is ASCII and JSON already. */
  token(text: string): void {
    this.#reserve(Math.max(text.length, tokenBytesMax))
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i)
  }

  /** Bytes that are JSON already. */
  raw(source: Uint8Array, start = 0, end: number = source.length): void {
    this.#reserve(end - start)
    this.#copy(source, start, end)
  }

  /** A string from its UTF-8. */
  string(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 2)
    let bytes = this.#bytes
    let at = this.#at
    bytes[at++] = quote
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      if (byte >= 0x20 && byte !== quote && byte !== backslash) {
        bytes[at++] = byte
        continue
      }
      this.#at = at
      this.#escape(byte, end - i)
      bytes = this.#bytes
      at = this.#at
    }
    bytes[at++] = quote
    this.#at = at
  }

  /** A double. What is not finite becomes a number that no double holds: whoever validates the text refuses it by its path. */
  number(value: number): void {
    if (value >= 0 && value < smallMax && Number.isInteger(value) && !Object.is(value, -0)) this.#digits(value)
    else if (Number.isFinite(value)) this.token(Object.is(value, -0) ? '-0' : String(value))
    else this.token('1e999')
  }

  #digits(value: number): void {
    this.#reserve(tokenBytesMax)
    let end = this.#at + 1
    for (let power = 10; power <= value; power *= 10) end++
    this.#at = end
    for (let left = value; ; left = (left / 10) | 0) {
      this.#bytes[--end] = 0x30 + (left % 10)
      if (left < 10) return
    }
  }

  #escape(byte: number, left: number): void {
    // The rest of the string and its quote must still fit.
    this.#reserve(left + 6)
    const short = byte >= 0x20 ? String.fromCharCode(byte) : shortEscapes.get(byte)
    const text = short === undefined ? `\\u00${hexDigits[byte >> 4]}${hexDigits[byte & 15]}` : `\\${short}`
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i)
  }

  #copy(source: Uint8Array, from: number, to: number): void {
    // A loop beats the call for short pieces.
    if (to - from <= 32) for (let i = from; i < to; i++) this.#bytes[this.#at++] = source[i]!
    else {
      this.#bytes.set(source.subarray(from, to), this.#at)
      this.#at += to - from
    }
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const held = this.#at - this.#start
    if (held + bytes > this.#limit + tokenBytesMax) throw new JsonTooLong()
    const usual = this.#bytes.length === 0 ? firstBytes : bufferBytes
    const next = new Uint8Array(Math.max(usual, 2 * (held + bytes)))
    next.set(this.#bytes.subarray(this.#start, this.#at))
    this.#bytes = next
    this.#start = 0
    this.#at = held
  }
}
