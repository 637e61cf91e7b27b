/** Reads an answer of Kafka's protocol. What is shorter than it says throws a RangeError. */

export class WireReader {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  int8(): number {
    return this.bytes.readInt8(this.#pass(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#pass(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#pass(4))
  }

  bigInt64(): bigint {
    return this.bytes.readBigInt64BE(this.#pass(8))
  }

  /** For offsets and times, which stay below 2^53. */
  int64(): number {
    return Number(this.bigInt64())
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.#text(length)
  }

  compactString(): string | null {
    const length = this.unsigned() - 1
    return length < 0 ? null : this.#text(length)
  }

  uuid(): string {
    const at = this.#pass(16)
    return this.bytes.toString('hex', at, at + 16)
  }

  unsigned(): number {
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.bytes.readUInt8(this.#pass(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return value >>> 0
  }

  array<Each>(read: () => Each): readonly Each[] {
    return this.#several(this.int32(), read)
  }

  compactArray<Each>(read: () => Each): readonly Each[] {
    return this.#several(this.unsigned() - 1, read)
  }

  /** Tagged fields of flexible answers: none of them is needed. */
  skipTags(): void {
    for (let left = this.unsigned(); left > 0; left -= 1) {
      this.unsigned()
      this.#pass(this.unsigned())
    }
  }

  #several<Each>(count: number, read: () => Each): readonly Each[] {
    const all: Each[] = []
    for (let left = count; left > 0; left -= 1) all.push(read())
    return all
  }

  #text(length: number): string {
    const at = this.#pass(length)
    return this.bytes.toString('utf8', at, at + length)
  }

  #pass(count: number): number {
    const at = this.at
    this.at += count
    if (this.at > this.bytes.length) throw new RangeError('the answer of the broker ends too early')
    return at
  }
}
