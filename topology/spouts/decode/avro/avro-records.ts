/**
 * Turns the values of records from Avro into JSON before the decoder reads them, so that everything behind it knows one
 * kind of bytes. A value that begins with a brace is JSON already: what `ingest` and an event store give.
 *
 * Keeps I-1: what a value becomes depends on it and its schema alone. A value that is no Avro is refused, whatever it
 * claims: lengths, depth and output are bounded (I-6).
 */
import { AvroInput } from '../../../formats/avro/avro-input.ts'
import { JsonOutput, JsonTooLong } from '../../../formats/avro/json-output.ts'
import { MalformedAvro } from '../../../formats/avro/malformed-avro.ts'
import { errors } from '../../../model/errors.ts'
import type { LogRecord, RecordBatch } from '../../../model/record.ts'
import { namedKind } from '../../../model/record-kind.ts'
import type { SpillwayError } from '../../../model/spillway-error.ts'
import { jsonBytes } from '../json-bytes.ts'
import type { AvroFraming, AvroSchemas, SchemaKey, SchemaReading } from './avro-schemas.ts'

// Schemas of earlier batches that are kept at hand beside those of this one.
const readyMax = 1_000
const headBytes: Readonly<Record<AvroFraming, number>> = { 'single-object': 10, registry: 5 }

export class AvroRecords {
  readonly #schemas: AvroSchemas
  readonly #input = new AvroInput()
  readonly #output: JsonOutput
  readonly #bytesMax: number
  /** What `prepare` has loaded: it must not be forgotten before the batch is decoded. */
  readonly #ready = new Map<SchemaKey, SchemaReading>()
  // The last fingerprint: mostly it is the next one too.
  #low = -1
  #high = -1
  #fingerprint = 0n

  /** `bytesMax`: of the JSON of an event. */
  constructor(schemas: AvroSchemas, bytesMax: number) {
    this.#schemas = schemas
    this.#bytesMax = bytesMax
    this.#output = new JsonOutput(bytesMax)
  }

  /** Loads the schemas that events of the batch name; `undefined` when all are at hand. */
  prepare(batch: RecordBatch): Promise<void> | undefined {
    if (this.#ready.size > readyMax) this.#ready.clear()
    const missing = new Set<SchemaKey>()
    for (const record of batch.records) {
      const key = this.#keyOf(record)
      if (key === undefined || this.#ready.has(key) || namedKind(record.headers) !== 'event') continue
      const known = this.#schemas.known(key)
      if (known === undefined) missing.add(key)
      else this.#ready.set(key, known)
    }
    return missing.size === 0 ? undefined : this.#load(missing)
  }

  /** Begins a batch. */
  restart(): void {
    this.#output.restart()
  }

  /** The record with its value as JSON, or the error of class `reject` that it is refused with. */
  toJson(record: LogRecord): LogRecord | SpillwayError {
    const { bytes, start, end } = record
    if (start < 0 || bytes[start] === jsonBytes.openObject) return record
    const key = this.#keyOf(record)
    const { framing } = this.#schemas
    if (key === undefined) return errors.invalidEvent({ reason: `the value is no Avro: ${headProblem[framing]}` })
    const reading = this.#ready.get(key) ?? this.#schemas.known(key)
    if (reading === undefined) throw new Error('a batch was decoded before its schemas were loaded')
    if (typeof reading === 'string') return errors.unknownSchema({ schema: nameOf(key), reason: reading })
    const input = this.#input
    const output = this.#output
    input.use(bytes, start + headBytes[framing], end)
    output.begin()
    try {
      reading(input, output, 0)
      output.check()
      if (input.at < end) throw new MalformedAvro(`${end - input.at} bytes are left behind the value`)
    } catch (error) {
      output.giveUp()
      return this.#refusal(error)
    }
    const { offset, appendTimeMs, key: recordKey, headers } = record
    return {
      offset,
      appendTimeMs,
      key: recordKey,
      headers,
      bytes: output.bytes,
      start: output.start,
      end: output.end,
    }
  }

  #refusal(error: unknown): SpillwayError {
    if (error instanceof MalformedAvro) return errors.invalidEvent({ reason: `the value is no Avro: ${error.message}` })
    if (error instanceof JsonTooLong)
      return errors.invalidEvent({ reason: `the value has more than ${this.#bytesMax} bytes as JSON` })
    throw error
  }

  async #load(missing: ReadonlySet<SchemaKey>): Promise<void> {
    for (const [key, reading] of await this.#schemas.load(missing)) this.#ready.set(key, reading)
  }

  #keyOf({ bytes, start, end }: LogRecord): SchemaKey | undefined {
    const { framing } = this.#schemas
    if (start < 0 || end - start < headBytes[framing]) return undefined
    if (framing === 'registry') return bytes[start] === 0 ? big(bytes, start + 1) : undefined
    if (bytes[start] !== 0xc3 || bytes[start + 1] !== 0x01) return undefined
    const [low, high] = [little(bytes, start + 2), little(bytes, start + 6)]
    if (low !== this.#low || high !== this.#high) {
      this.#low = low
      this.#high = high
      this.#fingerprint = (BigInt(high) << 32n) | BigInt(low)
    }
    return this.#fingerprint
  }
}

const headProblem: Readonly<Record<AvroFraming, string>> = {
  'single-object': 'it does not begin with C3 01 and the fingerprint of a schema',
  registry: 'it does not begin with a zero byte and the id of a schema',
}

/** Four bytes, little-endian or big-endian. */
const little = (bytes: Uint8Array, at: number): number =>
  bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x1_0000 + bytes[at + 3]! * 0x100_0000

const big = (bytes: Uint8Array, at: number): number =>
  bytes[at]! * 0x100_0000 + bytes[at + 1]! * 0x1_0000 + bytes[at + 2]! * 0x100 + bytes[at + 3]!

const nameOf = (key: SchemaKey): string =>
  typeof key === 'number' ? `id ${key}` : `fingerprint ${key.toString(16).padStart(16, '0')}`
