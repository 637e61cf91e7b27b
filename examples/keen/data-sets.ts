/**
 * The real input of the example: four data sets of vega-datasets 3.2.1 and the webhook payloads of
 * @octokit/webhooks-examples 7.6.1, as records of two projects.
 *
 * Event times stand in the header `spillway-time`, as `topology ingest --time PATH` would set them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { JsonObject, JsonValue, NewRecord } from 'spillway'

export interface DataSet {
  readonly project: string
  readonly name: string
  /** One JSON object per event, in the order of the file. */
  readonly events: readonly SourceEvent[]
}

export interface SourceEvent {
  readonly collection: string
  readonly body: JsonObject
  /** ISO 8601; without it the append time counts. */
  readonly time: string | undefined
}

const require = createRequire(import.meta.url)
const readJson = (path: string): JsonValue => JSON.parse(readFileSync(path, 'utf8'))
const vega = (file: string): JsonValue => readJson(require.resolve('vega-datasets').replace(/build.*$/, `data/${file}`))

const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] => (Array.isArray(value) ? value : [])

const vegaSet = (
  collection: string,
  file: string,
  timeOf: (body: JsonObject) => string | undefined = () => undefined,
): DataSet => {
  const read = vega(file)
  const rows = Array.isArray(read) ? objectsOf(read) : objectsOf((read as JsonObject)['features']) // a list or a GeoJSON collection
  const events = rows.map((body) => ({ collection, body, time: timeOf(body) }))
  return { project: 'vega', name: file, events }
}

/** `Jun 12 1998` is no accepted time; the calendar date is. */
const releaseDate = (body: JsonObject): string => new Date(`${String(body['Release Date'])} UTC`).toISOString()

const quakeTime = (body: JsonObject): string => {
  const properties = body['properties'] as JsonObject // every feature of the file has them
  return new Date(Number(properties['time'])).toISOString()
}

const webhooks = (): DataSet => {
  const groups = objectsOf(readJson(require.resolve('@octokit/webhooks-examples')))
  const events = groups.flatMap((group) =>
    objectsOf(group['examples']).map((body) => ({ collection: String(group['name']), body, time: undefined })),
  )
  return { project: 'github', name: 'webhooks', events }
}

/** All five, one after the other; each is dropped by the caller before the next is read. */
export function* dataSets(): Generator<DataSet, void, undefined> {
  yield vegaSet('flights', 'flights-20k.json', (body) => String(body['date']))
  yield vegaSet('flights_hours', 'flights-200k.json')
  yield vegaSet('movies', 'movies.json', releaseDate)
  yield vegaSet('earthquakes', 'earthquakes.json', quakeTime)
  yield webhooks()
}

const encoder = new TextEncoder()

/** The record of an event: keyed by project, so that a project's events share a partition. */
export const recordOf = (project: string, event: SourceEvent): NewRecord => {
  const headers: [string, string][] = [
    ['project', project],
    ['collection', event.collection],
  ]
  if (event.time !== undefined) headers.push(['spillway-time', event.time])
  return { key: project, headers, value: encoder.encode(JSON.stringify(event.body)) }
}
