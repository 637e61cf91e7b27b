/**
 * Finds events of a collection that are equal in some properties: the earliest of each stays, the others are named by id,
 * ready for one delete job.
 *
 * One pass over the rows in the order of event time. What has been seen is a digest of 128 bits an event, cut from
 * SHA-256: two different events fall together by chance once in 10^25 for 5 million, and nobody can make them. Deleted
 * is what cannot come back, so a doubt keeps the event: one that has none of the properties has no duplicate, and whole
 * numbers beyond 2^53 are compared by their digits.
 */
import { hash } from 'node:crypto'
import type { BucketQuery } from '../sinks/rows/event-buckets.ts'
import { type EventRow, keenOfRow, readEventRows } from '../sinks/rows/read-event-rows.ts'
import { DigestSet } from './digest-set.ts'
import { EventPlaces } from './event-places.ts'
import { errors } from './model/errors.ts'
import { canonicalJson, isJsonObject, type JsonValue } from './model/json.ts'
import { formatPath, type Path, valueAt } from './model/path.ts'

export interface DuplicatesQuery extends BucketQuery {
  readonly project: string
  readonly collection: string
  /** Properties in which duplicates are equal. */
  readonly paths: readonly Path[]
  readonly signal?: AbortSignal
  /** Called now and then with the counts so far. */
  readonly report?: (events: number, duplicates: number) => void
}

export interface Duplicates {
  /** Living events that were read. */
  readonly events: number
  /** Of these, the ones that have none of the properties. */
  readonly without: number
  /** All but the first of each. */
  readonly places: EventPlaces
}

// A power of two; a report costs next to nothing.
const reportEvery = 4_096

/**
 * Throws `badConfiguration` when no event has one of the properties: its name is wrong, and without it events would be
 * equal that are not.
 */
export const findDuplicates = async (query: DuplicatesQuery): Promise<Duplicates> => {
  const { paths, signal, report } = query
  const seen = new DigestSet()
  const places = new EventPlaces()
  const unmet = new Set(paths)
  let [events, without] = [0, 0]
  for await (const row of readEventRows(query)) {
    signal?.throwIfAborted()
    events += 1
    if (events % reportEvery === 0) report?.(events, places.count)
    const text = equalityText(row, paths, unmet)
    if (text === undefined) without += 1
    else if (!seen.add(hash('sha256', text, 'buffer'))) places.add(row.id)
    if (seen.isFull) throw errors.tooManyToCompare({ collection: query.collection, events: seen.size })
  }
  if (events > 0 && unmet.size > 0) throw noProperty(query.collection, [...unmet])
  return { events, without, places }
}

const noProperty = (collection: string, paths: readonly Path[]): Error =>
  errors.badConfiguration({ problem: `no event of ${collection} has ${paths.map(formatPath).join(' or ')}` })

/** A text that is equal for equal values; `undefined` for an event that has none of the properties. `unmet` loses those it has. */
const equalityText = (row: EventRow, paths: readonly Path[], unmet: Set<Path>): string | undefined => {
  const values = valuesOf(row, paths, JSON.parse(row.body))
  if (unmet.size > 0)
    for (const [index, value] of values.entries()) if (value !== undefined) unmet.delete(paths[index]!)
  if (values.every((value) => value === undefined)) return undefined
  if (!values.some(holdsLongNumber)) return textOf(values)
  const exact: JsonValue = JSON.parse(row.body, withDigits as (name: string, value: unknown) => unknown) // the types lack the third argument
  return `digits\n${textOf(valuesOf(row, paths, exact))}`
}

const withDigits = (_name: string, value: unknown, context: { readonly source: string }): unknown =>
  isLongNumber(value) ? { digits: context.source } : value

const valuesOf = (row: EventRow, paths: readonly Path[], body: JsonValue): readonly (JsonValue | undefined)[] =>
  paths.map((path) => valueAt(eventOf(row, path, body), path) as JsonValue | undefined) // parsed from JSON

/** Each value on a line of its own, which canonical JSON never breaks; an absent one is an empty line. */
const textOf = (values: readonly (JsonValue | undefined)[]): string =>
  values.map((value) => (value === undefined ? '' : canonicalJson(value))).join('\n')

/** The body, with what only the store knows of it where a path asks for that. */
const eventOf = (row: EventRow, path: Path, body: JsonValue): JsonValue => {
  if (path[0] !== 'keen' || !isJsonObject(body)) return body
  return { ...body, keen: { ...(isJsonObject(body['keen']) ? body['keen'] : {}), ...keenOfRow(row) } }
}

const isLongNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)

const holdsLongNumber = (value: JsonValue | undefined): boolean => {
  if (isLongNumber(value)) return true
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holdsLongNumber)
}
