/** Writes the primitives of Avro's binary encoding into a buffer that grows. */

const firstBytes = 65_536

export class AvroOutput {
  length = 0
  #bytes: Buffer = Buffer.alloc(firstBytes)

  /** What is written so far; overwritten by what comes after `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  byte(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = byte
  }

  /** An int or long that a double counts exactly. */
  long(value: number): void {
    this.#reserve(10)
    // Zigzag; 2 x 2^53 has more bits than shifts know.
    let left = value >= 0 ? value * 2 : -value * 2 - 1
    while (left >= 0x80) {
      this.#bytes[this.length++] = (left % 0x80) | 0x80
      left = Math.floor(left / 0x80)
    }
    this.#bytes[this.length++] = left
  }

  double(value: number): void {
    this.#reserve(8)
    this.#bytes.writeDoubleLE(value, this.length)
    this.length += 8
  }

  string(text: string): void {
    const bytes = Buffer.byteLength(text)
    this.long(bytes)
    this.#reserve(bytes)
    this.#bytes.write(text, this.length)
    this.length += bytes
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.max(2 * this.#bytes.length, this.length + bytes))
    grown.set(this.bytes)
    this.#bytes = grown
  }
}
