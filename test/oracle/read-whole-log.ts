/**
 * The slow truth of a whole log: every record parsed, every delete asked about every event before it.
 *
 * An event is alive if no later delete of its partition matches it. Nothing here shares code with the engine, the
 * decoder or the delete matcher; it knows the default options of a spout only (project and collection from headers).
 */
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { partition } from '../../topology/model/position.ts'
import type { LogRecord } from '../../topology/model/record.ts'
import { isDeletedBy } from './is-deleted.ts'

export interface TrueEvent {
  readonly partition: number
  readonly offset: number
  readonly project: string
  readonly collection: string
  readonly timeMs: number
  readonly appendTimeMs: number
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface TrueRecords {
  readonly events: readonly TrueEvent[]
  /** Events that no later delete matches. */
  readonly alive: readonly TrueEvent[]
  /** Offsets by partition of records that are neither events nor delete requests with an id. */
  readonly rejects: readonly (readonly [partition: number, offset: number])[]
}

export interface TrueDelete {
  readonly partition: number
  readonly offset: number
  readonly request: Readonly<Record<string, unknown>>
}

export const readWholeLog = async (log: EventLog): Promise<TrueRecords> => {
  const events: TrueEvent[] = []
  const deletes: TrueDelete[] = []
  const rejects: [number, number][] = []
  for (let place = 0; place < log.partitions; place++) {
    for (const record of await recordsOf(log, place)) {
      const body = objectIn(textOf(record))
      const isDelete = header(record, 'spillway-kind') === 'delete'
      if (body === undefined || (isDelete && typeof body['id'] !== 'string')) rejects.push([place, record.offset])
      else if (isDelete) deletes.push({ partition: place, offset: record.offset, request: body })
      else events.push(eventOf(record, place, log.topic, body))
    }
  }
  const alive = events.filter((event) => !deletes.some((one) => isDeletedBy(one, event)))
  return { events, alive, rejects }
}

const recordsOf = async (log: EventLog, place: number): Promise<readonly LogRecord[]> => {
  const { start, end } = await log.bounds(partition(place))
  const records: LogRecord[] = []
  for (let at = start; at < end; ) {
    const batch = await log.fetch(partition(place), at, { maxBytes: 1e9, waitMs: 0 })
    records.push(...batch.records)
    at = batch.to
  }
  return records
}

const textOf = ({ bytes, start, end }: LogRecord): string =>
  start < 0 ? '' : new TextDecoder().decode(bytes.subarray(start, end))

const header = (record: LogRecord, name: string): string | undefined =>
  record.headers.find(([one]) => one === name)?.[1]

const objectIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // an object by the line above
      : undefined
  } catch {
    return undefined
  }
}

const eventOf = (
  record: LogRecord,
  place: number,
  topic: string,
  body: Readonly<Record<string, unknown>>,
): TrueEvent => ({
  partition: place,
  offset: record.offset,
  project: header(record, 'project') ?? record.key ?? 'default',
  collection: header(record, 'collection') ?? topic,
  timeMs: headerTimeMs(record) ?? statedTimeMs(body) ?? record.appendTimeMs,
  appendTimeMs: record.appendTimeMs,
  text: textOf(record).trim(),
  body,
})

/** As the tests write it: ISO 8601 with a zone. */
const headerTimeMs = (record: LogRecord): number | undefined => {
  const stated = header(record, 'spillway-time')
  return stated === undefined ? undefined : Date.parse(stated)
}

/** `keen.timestamp`, as the tests write it: ISO 8601 with a zone. */
const statedTimeMs = ({ keen }: TrueEvent['body']): number | undefined => {
  const stated = typeof keen === 'object' && keen !== null && 'timestamp' in keen ? keen.timestamp : undefined
  return typeof stated === 'string' ? Date.parse(stated) : undefined
}
