/**
 * Reads the primitives of Avro's binary encoding out of a range of bytes.
 *
 * Nothing is believed: every length is held against the bytes that are left before anything is done with it, so a record
 * that claims 2^60 bytes costs what a short one costs (I-6).
 */
import { MalformedAvro } from './malformed-avro.ts'

// Seven bytes of a varint are 49 bits, which a double counts exactly; longer ones are rare.
const plainBytesMax = 7
const varintBytesMax = 10

export class AvroInput {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  #view = new DataView(this.bytes.buffer)

  use(bytes: Uint8Array, at: number, end: number): void {
    if (bytes !== this.bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** An int or long: a number where a double has all its digits. */
  long(): number | bigint {
    const { bytes, end } = this
    let { at } = this
    let value = 0
    for (let factor = 1, read = 0; read < plainBytesMax && at < end; read++, factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        this.at = at
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
    }
    return this.#longer()
  }

  int(): number {
    const value = this.long()
    if (typeof value === 'number' && value >= -0x8000_0000 && value <= 0x7fff_ffff) return value
    throw new MalformedAvro('an int has more than 32 bits')
  }

  /** Length of what follows, at most what is left. */
  length(): number {
    const value = this.long()
    if (typeof value === 'number' && value >= 0 && value <= this.end - this.at) return value
    throw new MalformedAvro(`a length of ${value} exceeds the value`)
  }

  boolean(): boolean {
    const byte = this.bytes[this.take(1)]!
    if (byte > 1) throw new MalformedAvro('a boolean is neither 0 nor 1')
    return byte === 1
  }

  float(): number {
    return this.#view.getFloat32(this.take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.take(8), true)
  }

  /** Goes behind `length` bytes; gives their place. */
  take(length: number): number {
    const { at } = this
    if (length > this.end - at) throw new MalformedAvro('the value ends too early')
    this.at = at + length
    return at
  }

  /** Items of the next block of an array or map; 0 at the end. Nobody may rely on the number: items can take no byte. */
  blockCount(): number {
    const count = Number(this.long())
    if (count >= 0) return count
    this.length()
    return -count
  }

  #longer(): number | bigint {
    let value = 0n
    for (let read = 0; read < varintBytesMax; read++) {
      const byte = BigInt(this.bytes[this.take(1)]!)
      value |= (byte & 0x7fn) << BigInt(7 * read)
      if (byte >= 0x80n) continue
      const signed = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
      return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
    }
    throw new MalformedAvro('a number has more than 64 bits')
  }
}
