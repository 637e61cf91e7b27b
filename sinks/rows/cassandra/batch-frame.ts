/**
 * The frame of one BATCH request (CQL protocol 3 to 5), built cell by cell into one buffer: rows of one partition, all by
 * the same prepared statement, unlogged.
 *
 * The cells of a partition's key are the same in each of its rows, so their bytes are made once and copied. A frame is
 * made for as many bytes as a batch may have; it grows for a row that is larger.
 */
import type { Cell, ColumnSpec } from '../../../topology/model/ports/row-store.ts'

const headerBytes = 9
// Type of the batch and number of its statements.
const leadBytes = 3
// Consistency and flags; flags of four bytes in DSE's versions of the protocol.
const tailBytes = 2 + 4
const opcodeBatch = 0x0d
const unlogged = 1
const prepared = 1
// The number of statements is written in two bytes.
const statementsMax = 65_535
// Prepared ids are MD5 digests.
const idBytesUsual = 16
const twoTo32 = 4_294_967_296

export class BatchFrame {
  #buffer: Buffer
  #at = headerBytes + leadBytes
  #statements = 0
  /** Place of each statement's id, which is known only when the frame is sent: ids are filled in by `finish`. */
  readonly #ids: number[] = []
  #rowStart = 0

  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes + headerBytes + leadBytes + tailBytes)
  }

  /** Bytes that it holds without growing. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** Bytes of the rows so far. */
  get byteLength(): number {
    return this.#at - headerBytes - leadBytes
  }

  get statements(): number {
    return this.#statements
  }

  get isFull(): boolean {
    return this.#statements === statementsMax
  }

  reset(): void {
    this.#at = headerBytes + leadBytes
    this.#statements = 0
    this.#ids.length = 0
  }

  /** Begins a row of `count` values. */
  begin(count: number): void {
    this.#reserve(5 + idBytesUsual)
    this.#rowStart = this.#at
    this.#buffer[this.#at++] = prepared
    this.#ids.push(this.#at)
    this.#at += 2 + idBytesUsual
    this.#short(count)
    this.#statements += 1
  }

  /** Takes the row that was begun last out again. */
  takeBack(): void {
    this.#at = this.#rowStart
    this.#ids.pop()
    this.#statements -= 1
  }

  /** Values with their lengths, as `bytesFrom` gives them. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  null(): void {
    this.#reserve(4)
    this.#int(-1)
  }

  /** Leaves the stored cell as it is. */
  unset(): void {
    this.#reserve(4)
    this.#int(-2)
  }

  integer(value: number): void {
    this.#reserve(12)
    this.#int(8)
    this.#int(Math.floor(value / twoTo32) | 0)
    this.#int(value | 0)
  }

  text(value: string): void {
    // Three bytes for a unit of UTF-16 at most.
    this.#reserve(4 + value.length * 3)
    const written = this.#buffer.write(value, this.#at + 4, 'utf8')
    this.#int(written)
    this.#at += written
  }

  cell(type: ColumnSpec['type'], value: Exclude<Cell, null>): void {
    if (typeof value === 'string') this.text(value)
    else if (type === 'integer') this.integer(Number(value))
    else if (value instanceof Uint8Array) {
      this.#reserve(4)
      this.#int(value.length)
      this.raw(value)
    } else if (typeof value === 'boolean') {
      this.#reserve(5)
      this.#int(1)
      this.#buffer[this.#at++] = Number(value)
    } else {
      this.#reserve(12)
      this.#int(8)
      // -0 + 0 is 0.
      this.#at = this.#buffer.writeDoubleBE(value + 0, this.#at)
    }
  }

  /** A copy of what was written since `from`, a former `position`. */
  bytesFrom(from: number): Buffer {
    return Buffer.from(this.#buffer.subarray(from, this.#at))
  }

  get position(): number {
    return this.#at
  }

  /** Bytes of the body, for the driver's own books. */
  bodyBytes(id: Buffer): number {
    return this.#at - headerBytes + 3 + this.#statements * (id.length - idBytesUsual)
  }

  /** The whole frame. It is valid until the next `reset`. May be called again, for another stream. */
  finish(id: Buffer, version: number, stream: number, consistency: number): Buffer {
    if (id.length !== idBytesUsual) throw new TypeError(`a prepared statement has an id of ${id.length} bytes`)
    const buffer = this.#buffer
    for (const place of this.#ids) {
      buffer.writeUInt16BE(id.length, place)
      buffer.set(id, place + 2)
    }
    const isWide = (version & 0x40) !== 0
    let end = buffer.writeUInt16BE(consistency, this.#at)
    end = isWide ? buffer.writeInt32BE(0, end) : buffer.writeUInt8(0, end)
    buffer[headerBytes] = unlogged
    buffer.writeUInt16BE(this.#statements, headerBytes + 1)
    buffer[0] = version
    buffer[1] = 0
    buffer.writeInt16BE(stream, 2)
    buffer[4] = opcodeBatch
    buffer.writeInt32BE(end - headerBytes, 5)
    return buffer.subarray(0, end)
  }

  #short(value: number): void {
    this.#buffer[this.#at++] = value >> 8
    this.#buffer[this.#at++] = value & 0xff
  }

  #int(value: number): void {
    const buffer = this.#buffer
    buffer[this.#at++] = value >> 24
    buffer[this.#at++] = (value >> 16) & 0xff
    buffer[this.#at++] = (value >> 8) & 0xff
    buffer[this.#at++] = value & 0xff
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes + tailBytes
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#at))
    this.#buffer = grown
  }
}
