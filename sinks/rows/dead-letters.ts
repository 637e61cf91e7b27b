/**
 * Dead letters: records that could not be applied, kept whole beside the rows with cause and raw bytes.
 *
 * They are durable before progress passes them (I-2), and every cell but `attempts` is a function of the record, so a
 * repeated write changes nothing. Raw bytes are cut at a bound, or poison could fill the store. A redrive leaves the
 * letter in place and marks it: a lane that writes the letter again, late, does not take the mark away. Letters lie in
 * blocks of 1,024 offsets, 64 MiB of raw bytes at most, which the catalogue of partitions names before their first one.
 */
import type { JsonValue } from '../../topology/model/json.ts'
import { deadLetterBytesMax, projectNameMax } from '../../topology/model/limits.ts'
import type { Cell, Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { Headers, LogRecord } from '../../topology/model/record.ts'
import { shortText } from '../../topology/model/short-text.ts'
import { type BlockPlace, blockLevel, blockNumber, blockPath, blockPlaces, existingBlocks } from './block-catalogue.ts'
import { stampBase } from './event-table.ts'
import { KnownPartitions } from './known-partitions.ts'
import type { CataloguePath } from './partition-catalogue.ts'

export const deadLetterTable: TableSpec = {
  name: 'spillway_dead_letters',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'spout', type: 'text' },
    { name: 'log_partition', type: 'integer' },
    { name: 'block', type: 'integer' },
  ],
  cluster: [
    { name: 'offset', type: 'integer' },
    { name: 'sink', type: 'text' },
  ],
  columns: [
    { name: 'cause', type: 'text' },
    { name: 'message', type: 'text' },
    { name: 'attempts', type: 'integer' },
    { name: 'at', type: 'integer' },
    { name: 'topic', type: 'text' },
    { name: 'project', type: 'text' },
    { name: 'raw', type: 'bytes' },
    { name: 'truncated', type: 'boolean' },
    { name: 'redriven_at', type: 'integer' },
    { name: 'key', type: 'text' },
    { name: 'headers', type: 'text' },
  ],
}

const blockBits = 10

/** `sink` of a letter that holds for every sink: the decoder refused the record. */
export const everySink = '*'

export interface DeadLetter {
  readonly topology: string
  readonly spout: string
  readonly partition: number
  readonly offset: number
  /** The sink that leaves the record out, or `everySink`. */
  readonly sink: string
  /** Public error name (DOMAIN section 3). */
  readonly cause: string
  readonly message: string
  readonly attempts: number
  /** Append time of the record, ms since 1970. */
  readonly atMs: number
  readonly topic: string
  readonly project: string | undefined
  /** The record's value, cut at 64 KiB; empty for a null value. */
  readonly raw: Uint8Array
  /** The value was cut, or the key and the headers, which then are left out. */
  readonly isTruncated: boolean
  readonly redrivenAtMs: number | undefined
  readonly key: string | null
  readonly headers: Headers
}

/** What a lane knows of a record that it leaves out. */
export interface RejectedRecord {
  readonly topology: string
  readonly spout: string
  readonly partition: number
  readonly sink: string
  readonly topic: string
  readonly project: string | undefined
  readonly cause: string
  readonly message: string
  readonly attempts: number
}

/** The letter of a record; copies the bytes that it keeps. Nothing in it is longer than a store takes. */
export const deadLetterOf = (record: LogRecord, rejected: RejectedRecord): DeadLetter => {
  const start = Math.max(0, record.start)
  const end = Math.max(start, record.end)
  const isLabelCut = labelLength(record) > deadLetterBytesMax
  return {
    ...rejected,
    project: rejected.project === undefined ? undefined : shortText(rejected.project, projectNameMax),
    message: shortText(rejected.message, messageMax),
    offset: record.offset,
    atMs: record.appendTimeMs,
    // Of a Buffer, `slice` would be a view of the whole fetch.
    raw: Uint8Array.prototype.slice.call(record.bytes, start, Math.min(end, start + deadLetterBytesMax)),
    isTruncated: isLabelCut || end - start > deadLetterBytesMax,
    redrivenAtMs: undefined,
    key: isLabelCut && record.key !== null ? shortText(record.key) : record.key,
    headers: isLabelCut ? [] : record.headers,
  }
}

const labelLength = ({ key, headers }: LogRecord): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + value.length, key?.length ?? 0)

// Messages name values; who writes them need not know how long those are.
const messageMax = 1_000
// 64 letters of 64 KiB are 4 MiB.
const chunkRows = 64

/** Makes letters durable. Repeatable. The catalogue of partitions must be there, as their table must. */
export const writeDeadLetters = async (rows: RowStore, letters: readonly DeadLetter[]): Promise<void> => {
  // Letters are rare: what is known from other calls is not worth keeping.
  await new KnownPartitions(rows, deadLetterTable.name, blockLevel).ensure(letters.map(pathOf))
  for (let from = 0; from < letters.length; from += chunkRows) {
    const chunk = letters.slice(from, from + chunkRows)
    await rows.write(deadLetterTable, chunk.map(rowOf), chunk.map(stampOf))
  }
}

/** Marks a letter as appended to the log again. Its record was appended before the call. */
export const markRedriven = (rows: RowStore, letter: DeadLetter, nowMs: number): Promise<void> =>
  rows.write(deadLetterTable, [rowOf({ ...letter, redrivenAtMs: nowMs })], stampOf(letter) + 1)

/** Letters of a topology by spout, partition, offset and sink. */
export async function* listDeadLetters(rows: RowStore, topology: string): AsyncIterable<DeadLetter> {
  const { name } = deadLetterTable
  for (const place of await blockPlaces(rows, name, topology))
    for await (const block of existingBlocks(rows, name, topology, place))
      for await (const page of rows.scan(deadLetterTable, { partition: [topology, ...place, block] }))
        yield* page.map(letterOf)
}

/** The letters of one record: one for every sink that leaves it out. */
export const findDeadLetters = async (
  rows: RowStore,
  place: { readonly topology: string; readonly spout: string; readonly partition: number; readonly offset: number },
): Promise<readonly DeadLetter[]> => {
  const found: DeadLetter[] = []
  const range = {
    partition: [place.topology, ...placeOf(place), blockOf(place)],
    from: place.offset,
    to: place.offset + 1,
  }
  for await (const page of rows.scan(deadLetterTable, range)) found.push(...page.map(letterOf))
  return found
}

const blockOf = ({ offset }: { readonly offset: number }): number => blockNumber(offset, blockBits)

const placeOf = ({ spout, partition }: Pick<DeadLetter, 'spout' | 'partition'>): BlockPlace => [spout, partition]

const pathOf = (letter: DeadLetter): CataloguePath => blockPath(letter.topology, placeOf(letter), blockOf(letter))

// The append time grows with the log and is the same for everybody who writes the letter; the mark of a redrive is one above.
const stampOf = (letter: DeadLetter): number => stampBase(letter.atMs) + 1

const rowOf = (letter: DeadLetter): Row => [
  letter.topology,
  letter.spout,
  letter.partition,
  blockOf(letter),
  letter.offset,
  letter.sink,
  letter.cause,
  letter.message,
  letter.attempts,
  letter.atMs,
  letter.topic,
  letter.project ?? null,
  letter.raw,
  letter.isTruncated,
  letter.redrivenAtMs ?? null,
  letter.key,
  JSON.stringify(letter.headers),
]

const letterOf = (row: Row): DeadLetter => {
  const [topology, spout, partition, , offset, sink, cause, message, attempts, at, topic, project, raw] = row
  const [truncated, redrivenAt, key, headers] = row.slice(13)
  return {
    topology: textOf(topology),
    spout: textOf(spout),
    partition: Number(partition),
    offset: Number(offset),
    sink: textOf(sink),
    cause: textOf(cause),
    message: textOf(message),
    attempts: Number(attempts),
    atMs: Number(at),
    topic: textOf(topic),
    project: typeof project === 'string' ? project : undefined,
    raw: raw instanceof Uint8Array ? raw : new Uint8Array(),
    isTruncated: truncated === true,
    redrivenAtMs: typeof redrivenAt === 'number' ? redrivenAt : undefined,
    key: typeof key === 'string' ? key : null,
    headers: headersOf(headers),
  }
}

const textOf = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '')

const headersOf = (cell: Cell | undefined): Headers => {
  const json: JsonValue = JSON.parse(textOf(cell) || '[]')
  return Array.isArray(json) ? json.map(([name, value]) => [String(name), String(value)]) : []
}
