/**
 * The slow truth of a whole log: every record parsed, every delete asked about every event before it.
 *
 * An event is alive if no later delete of its partition matches it. Nothing here shares code with the engine, the
 * decoder or the delete matcher; it knows the default options of a spout only (project and collection from headers).
 */
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { LogRecord } from '../../topology/model/record.ts'

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
  /** Offsets by partition of records that are neither events nor deletes. */
  readonly rejects: readonly (readonly [partition: number, offset: number])[]
}

interface TrueDelete {
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
      if (isDelete && body !== undefined) deletes.push({ partition: place, offset: record.offset, request: body })
      else if (!isDelete && body !== undefined) events.push(eventOf(record, place, log.topic, body))
      else if (!isDelete) rejects.push([place, record.offset])
    }
  }
  const alive = events.filter((event) => !deletes.some((one) => isHit(one, event)))
  return { events, alive, rejects }
}

const recordsOf = async (log: EventLog, place: number): Promise<readonly LogRecord[]> => {
  const { start, end } = await log.bounds(partition(place))
  if (start === end) return []
  return (await log.fetch(partition(place), offset(start), { maxBytes: 1e9, waitMs: 0 })).records
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
  timeMs: record.appendTimeMs,
  appendTimeMs: record.appendTimeMs,
  text: textOf(record).trim(),
  body,
})

const isHit = ({ partition: place, offset: at, request }: TrueDelete, event: TrueEvent): boolean => {
  if (place !== event.partition || at <= event.offset || (request['project'] ?? 'default') !== event.project)
    return false
  if (request['collection'] !== undefined && request['collection'] !== event.collection) return false
  const filters = (request['filters'] ?? []) as readonly Record<string, unknown>[] // as the tests write them
  return filters.every((filter) => passes(filter, event))
}

const passes = (filter: Readonly<Record<string, unknown>>, event: TrueEvent): boolean => {
  const [name, wanted] = [String(filter['property_name']), filter['property_value']]
  // The tests name an event by its place; the engine reads the place out of the id.
  if (name === 'keen.id') return String(wanted).endsWith(event.offset.toString(16).padStart(13, '0').slice(1))
  const value = event.body[name]
  switch (filter['operator']) {
    case 'eq':
      return value === wanted
    case 'ne':
      return value !== wanted
    case 'gte':
      return typeof value === 'number' && value >= Number(wanted)
    default:
      throw new RangeError(`the oracle knows no operator ${String(filter['operator'])}`)
  }
}
