/**
 * The dictionary that events of a topology are drawn with: properties that its operators, sinks and spouts name, what their
 * filters compare with, words of its source text, and events that its user has given.
 */
import { isJsonObject, type JsonObject, type JsonScalar, type JsonValue } from '../../../model/json.ts'
import { formatPath, type Path, parsePath } from '../../../model/path.ts'
import { type BoltNode, isDedupe, isStateOperator, type LogOptions, type Topology } from '../../../model/topology.ts'
import { type WordProperty, wordsOfText } from './words-of-text.ts'

export interface DrawWords {
  readonly properties: readonly WordProperty[]
  /** Names that something compares with; those of the events that are drawn are among them now and then. */
  readonly collections: readonly string[]
  readonly projects: readonly string[]
  /** Texts that may be anything: a value, a collection, a project. */
  readonly texts: readonly string[]
  /** Bodies to begin with. */
  readonly events: readonly JsonObject[]
}

export interface WordSources {
  /** Events as the topology gets them: drawn ones are those, with values changed. */
  readonly events?: readonly JsonObject[]
  /** Words that matter: values, names of properties, of collections. */
  readonly words?: readonly string[]
  /** Texts of the files that declare the topology. */
  readonly sources?: readonly string[]
}

// Aggregates that skip what is no number.
const numeric = new Set(['sum', 'average', 'stddev', 'minimum', 'maximum', 'median', 'percentile'])

export const drawWords = (
  topology: Topology,
  { events = [], words = [], sources = [] }: WordSources = {},
): DrawWords => {
  const found = new Properties()
  for (const { operator } of topology.bolts) noteOperator(found, operator)
  for (const { sink } of topology.sinks) noteOptions(found, sink.options)
  for (const { options } of topology.spouts) noteSpout(found, options)
  const functions = topology.bolts.flatMap(({ operator }) => (typeof operator === 'function' ? [String(operator)] : []))
  const read = [...functions.filter((text) => !ofRx.test(text)), ...sources].map(wordsOfText)
  for (const { properties } of read) for (const property of properties) found.note(property)
  for (const word of words) if (isName(word)) found.note({ path: [word], values: [] })
  const texts = new Set([...words, ...read.flatMap((one) => one.texts)])
  return {
    properties: found.list(),
    collections: [...new Set(read.flatMap((one) => one.collections))],
    projects: [...new Set(read.flatMap((one) => one.projects))],
    texts: [...texts],
    events,
  }
}

// What RxJS returns says nothing of what it was given.
const ofRx = /\bhasLift\b|\bfns\b/

/** What a dictionary without a topology has: enough for any bolt that looks at nothing. */
export const commonWords: DrawWords = {
  properties: [
    { path: ['kind'], values: ['a', 'b'] },
    { path: ['value'], values: [], isNumber: true },
    { path: ['tag'], values: ['x', 'y'] },
    { path: ['item', 'id'], values: [1, 2] },
  ],
  collections: [],
  projects: [],
  texts: [],
  events: [],
}

const isName = (word: string): boolean => /^[\p{L}_][\p{L}\p{N}_-]{0,40}$/u.test(word)

const noteOperator = (found: Properties, operator: BoltNode['operator']): void => {
  if (typeof operator === 'function') return
  if (isDedupe(operator)) {
    found.note({ path: operator.path, values: [] })
    return
  }
  if (!isStateOperator(operator)) return
  for (const path of operator.reads) found.note({ path, values: [] })
  noteOptions(found, operator.options)
}

/** Filters and aggregates in the options of an operator or a sink, wherever they stand. */
const noteOptions = (found: Properties, options: JsonValue): void => {
  if (Array.isArray(options)) {
    for (const one of options as readonly JsonValue[]) noteOptions(found, one) // isArray widens a readonly list
    return
  }
  if (!isJsonObject(options)) return
  const {
    property_name: name,
    property_value: value,
    path,
    aggregate,
  } = options as Record<string, JsonValue | undefined> // members may be absent
  if (typeof name === 'string') noteValues(found, name, value)
  if (typeof path === 'string' && typeof aggregate === 'string' && numeric.has(aggregate)) {
    const parsed = parsePath(path)
    if (parsed !== undefined) found.note({ path: parsed, values: [], isNumber: true })
  }
  for (const one of Object.values(options)) noteOptions(found, one)
}

const noteValues = (found: Properties, name: string, value: JsonValue | undefined): void => {
  const path = parsePath(name)
  if (path === undefined) return
  const all = (Array.isArray(value) ? value : [value]) as readonly (JsonValue | undefined)[] // isArray widens it
  const isScalar = (one: JsonValue | undefined): one is JsonScalar => one === null || typeof one !== 'object'
  found.note({ path, values: all.filter((one) => one !== undefined).filter(isScalar) })
}

/** Times of bodies; the names of project and collection are put where the spout looks for them. */
const noteSpout = (found: Properties, { datetimes = [] }: LogOptions): void => {
  for (const written of datetimes) noteValues(found, written, '2026-01-01T00:00:00.000Z')
}

class Properties {
  readonly #known = new Map<string, WordProperty>()

  note(property: WordProperty): void {
    // Spillway's own names are set apart from the others.
    if (isOwn(property.path)) return
    const key = formatPath(property.path)
    const known = this.#known.get(key)
    if (known === undefined) {
      this.#known.set(key, property)
      return
    }
    const isRare = known.isRare === true && property.isRare === true
    const isNumber = known.isNumber === true || property.isNumber === true
    const values = [...new Set([...known.values, ...property.values])]
    this.#known.set(key, { path: known.path, values, ...(isRare ? { isRare } : {}), ...(isNumber ? { isNumber } : {}) })
  }

  list(): readonly WordProperty[] {
    return [...this.#known.values()]
  }
}

const isOwn = (path: Path): boolean =>
  path[0] === 'keen' && ['id', 'created_at', 'timestamp', 'client_id', 'uniqueness_token'].includes(path[1] ?? 'id')
