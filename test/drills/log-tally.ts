/**
 * What the log holds, read forward as it grows, beside the processes that write it and are killed.
 *
 * Shares nothing with the engine but the port: each value is parsed by `JSON.parse`, ids and times are made here.
 */
import { openLog } from 'spillway'
import { offset, partition } from '../../topology/model/position.ts'
import type { LogRecord } from '../../topology/model/record.ts'

export interface LoggedLine {
  readonly place: string
  readonly id: string
  readonly createdAt: string
  readonly timestamp: string
  readonly collection: string
  readonly file: string
  readonly number: number
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export class LogTally {
  readonly lines: LoggedLine[] = []
  readonly #url: string
  readonly #read = new Map<number, number>()

  constructor(url: string) {
    this.#url = url
  }

  /**
   * Reads what has come since. One call at a time. The log is opened anew each time, because that is what brings to
   * light an append whose process died before it could tell.
   */
  async readOn(): Promise<void> {
    const log = await openLog(this.#url)
    for (let place = 0; place < log.partitions; place++) {
      const { end } = await log.bounds(partition(place))
      for (let from = this.#read.get(place) ?? 0; from < end; ) {
        const batch = await log.fetch(partition(place), offset(from), { maxBytes: 1_048_576, waitMs: 0 })
        for (const record of batch.records) this.lines.push(lineOf(place, record))
        from = batch.to
        this.#read.set(place, from)
      }
    }
    await log.close()
  }

  /** Numbers of a file's lines in the log, in the order in which they were read. */
  numbersOf(file: string): readonly number[] {
    return this.lines.filter((line) => line.file === file).map((line) => line.number)
  }
}

const lineOf = (place: number, record: LogRecord): LoggedLine =>
  loggedLine({
    place,
    offset: record.offset,
    header: (name) => record.headers.find(([one]) => one === name)?.[1] ?? '',
    text: Buffer.from(record.bytes.subarray(record.start, record.end)).toString('utf8'),
    appendTimeMs: record.appendTimeMs,
  })

export interface ReadLine {
  readonly place: number
  readonly offset: number
  readonly header: (name: string) => string
  readonly text: string
  readonly appendTimeMs: number
}

/** What a record is, whoever has read it. */
export const loggedLine = ({ place, offset: at, header, text, appendTimeMs }: ReadLine): LoggedLine => {
  const body: Readonly<Record<string, unknown>> = JSON.parse(text)
  const timeMs = Date.parse(header('spillway-time'))
  return {
    place: `${place}/${at}`,
    id: idOf(timeMs, place, at),
    createdAt: new Date(appendTimeMs).toISOString(),
    timestamp: new Date(timeMs).toISOString(),
    collection: header('collection'),
    file: String(body['file']),
    number: Number(body['number']),
    text,
    body,
  }
}

/** A UUID of version 8: 48 bits of time, 12 of the partition, variant, 10 of the partition, 52 of the offset. */
const idOf = (timeMs: number, place: number, at: number): string => {
  const high = ((BigInt(timeMs) + (1n << 47n)) << 16n) | 0x8000n | (BigInt(place) >> 10n)
  const low = (0b10n << 62n) | ((BigInt(place) & 0x3ffn) << 52n) | BigInt(at)
  const digits = ((high << 64n) | low).toString(16).padStart(32, '0')
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => digits.slice(from, to))
    .join('-')
}
