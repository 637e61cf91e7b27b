/**
 * Reads the record batches of one fetched answer, bit by bit as its readers ask for bytes.
 *
 * Left out are what Kafka writes for itself (control batches), records of transactions that were given up, and what
 * stands below the wanted offset; the position moves past all of them and past gaps, so no offset is waited for that
 * will never come. A batch that the answer has cut off is left for the next answer. Checksums are the broker's matter.
 */
import { errors } from '../../model/errors.ts'
import type { LogRecord } from '../../model/record.ts'
import { decodeRecords, type OpenBatch, type RecordTexts } from './decode-records.ts'
import type { AbortedTransaction, FetchedBytes } from './fetch-records.ts'
import { inflateBatch } from './inflate-batch.ts'

export interface DecodedRecords {
  readonly records: LogRecord[]
  /** One behind the last offset that was passed. */
  readonly to: number
  readonly byteLength: number
  /** Of the last batch that was passed. */
  readonly leaderEpoch: number | undefined
}

// Places within a batch (format version 2).
const batchLengthAt = 8
const leaderEpochAt = 12
const magicAt = 16
const attributesAt = 21
const lastDeltaAt = 23
const baseTimeAt = 27
const maxTimeAt = 35
const producerIdAt = 43
const countAt = 57
const headerBytes = 61
const lengthFieldEnd = 12

const attribute = { codec: 0x07, logTime: 0x08, transactional: 0x10, control: 0x20 } as const

// So that records of a few bytes, each an object, take no more memory than others.
const bytesPerRecordMin = 64

const int64At = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4)

/** Epoch of the leader that wrote the batch of `offset`; `undefined` when the answer does not begin with that batch. */
export const leaderEpochOf = ({ bytes, start, end }: FetchedBytes, offset: number): number | undefined => {
  if (end - start < headerBytes) return undefined
  const base = int64At(bytes, start)
  const isWithin = base <= offset && offset <= base + bytes.readInt32BE(start + lastDeltaAt)
  return isWithin ? bytes.readInt32BE(start + leaderEpochAt) : undefined
}

export class RecordBatches {
  readonly #log: string
  readonly #partition: number
  readonly #texts: RecordTexts
  readonly #bytes: Buffer
  readonly #end: number
  /** Transactions given up that no batch has reached yet, by first offset. */
  readonly #aborted: AbortedTransaction[]
  readonly #abortedNow = new Set<bigint>()
  #at: number
  #next: number
  #open: OpenBatch | undefined
  #leaderEpoch: number | undefined

  constructor(fetched: FetchedBytes, from: number, place: { log: string; partition: number }, texts: RecordTexts) {
    this.#log = place.log
    this.#partition = place.partition
    this.#texts = texts
    this.#bytes = fetched.bytes
    this.#at = fetched.start
    this.#end = fetched.end
    this.#next = from
    this.#aborted = [...fetched.aborted].sort((left, right) => left.firstOffset - right.firstOffset)
  }

  /** The offset that the next `read` begins at. */
  get next(): number {
    return this.#next
  }

  get isDone(): boolean {
    return this.#open === undefined && !this.#hasWholeBatch()
  }

  /** Bytes that are kept alive by what is not read yet. */
  get byteLength(): number {
    return Math.max(this.#bytes.length, this.#open?.bytes.length ?? 0)
  }

  /** Bytes of the batch that stands cut off at the end; 0: none, or not even its length is there. */
  get cutOffBytes(): number {
    const isThere = this.#at + lengthFieldEnd <= this.#end
    return isThere ? lengthFieldEnd + this.#bytes.readInt32BE(this.#at + batchLengthAt) : 0
  }

  async read(maxBytes: number): Promise<DecodedRecords> {
    const records: LogRecord[] = []
    const room = { bytes: maxBytes, records: Math.max(1, Math.floor(maxBytes / bytesPerRecordMin)) }
    for (;;) {
      this.#open ??= await this.#openNext()
      if (this.#open === undefined) break
      const batch = this.#open
      const isWhole = this.#decode(batch, room, records)
      const last = isWhole ? batch.lastOffset : records.at(-1)!.offset
      // There may have been room for none of its records: then neither its place nor its leader is reached.
      if (isWhole || last >= batch.base) {
        this.#leaderEpoch = batch.leaderEpoch
        this.#pass(last)
      }
      if (!isWhole) break
      this.#open = undefined
      if (room.bytes <= 0) break
    }
    return { records, to: this.#next, byteLength: maxBytes - room.bytes, leaderEpoch: this.#leaderEpoch }
  }

  #decode(batch: OpenBatch, room: { bytes: number; records: number }, records: LogRecord[]): boolean {
    try {
      return decodeRecords(batch, this.#next, room, this.#texts, records)
    } catch (cause) {
      if (cause instanceof RangeError) throw this.#damaged(batch.base)
      throw cause
    }
  }

  #pass(lastOffset: number): void {
    if (lastOffset >= this.#next) this.#next = lastOffset + 1
  }

  #hasWholeBatch(): boolean {
    return this.#at + headerBytes <= this.#end && this.#at + this.cutOffBytes <= this.#end
  }

  /** The next batch with records for us, or `undefined` at the end of the answer. */
  async #openNext(): Promise<OpenBatch | undefined> {
    const bytes = this.#bytes
    while (this.#hasWholeBatch()) {
      const at = this.#at
      const base = int64At(bytes, at)
      const magic = bytes[at + magicAt]!
      if (magic !== 2) throw this.#damaged(base, `it is of format ${magic}, written before Kafka 0.11`)
      const lastOffset = base + bytes.readInt32BE(at + lastDeltaAt)
      const end = at + this.cutOffBytes
      if (end <= at + lengthFieldEnd) throw this.#damaged(base)
      const attributes = bytes.readInt16BE(at + attributesAt)
      const isLeftOut = this.#isControlOrAborted(at, attributes, lastOffset)
      if (isLeftOut || lastOffset < this.#next) {
        if (lastOffset >= this.#next) this.#leaderEpoch = bytes.readInt32BE(at + leaderEpochAt)
        this.#pass(lastOffset)
        this.#at = end
        continue
      }
      const batch = await this.#opened(at, end, attributes, base, lastOffset)
      this.#at = end
      return batch
    }
    return undefined
  }

  async #opened(at: number, end: number, attributes: number, base: number, lastOffset: number): Promise<OpenBatch> {
    const bytes = this.#bytes
    const codec = attributes & attribute.codec
    const place = { log: this.#log, partition: this.#partition, offset: base }
    const inflated = codec === 0 ? undefined : await inflateBatch(codec, bytes.subarray(at + headerBytes, end), place)
    return {
      bytes: inflated ?? bytes,
      at: inflated === undefined ? at + headerBytes : 0,
      end: inflated?.length ?? end,
      left: bytes.readInt32BE(at + countAt),
      base,
      lastOffset,
      baseTimeMs: int64At(bytes, at + baseTimeAt),
      logTimeMs: (attributes & attribute.logTime) === 0 ? undefined : int64At(bytes, at + maxTimeAt),
      leaderEpoch: bytes.readInt32BE(at + leaderEpochAt),
    }
  }

  #isControlOrAborted(at: number, attributes: number, lastOffset: number): boolean {
    if ((attributes & (attribute.transactional | attribute.control)) === 0) return false
    while (this.#aborted.length > 0 && this.#aborted[0]!.firstOffset <= lastOffset) {
      this.#abortedNow.add(this.#aborted.shift()!.producerId)
    }
    const producerId = this.#bytes.readBigInt64BE(at + producerIdAt)
    if ((attributes & attribute.control) === 0) return this.#abortedNow.has(producerId)
    // Commit or abort: either way this producer's transaction ends here.
    this.#abortedNow.delete(producerId)
    return true
  }

  #damaged(offset: number, reason = 'it is damaged'): Error {
    return errors.logFormat({
      path: `${this.#log}/${this.#partition}`,
      reason: `the batch of offset ${offset}: ${reason}`,
    })
  }
}
