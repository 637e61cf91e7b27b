/**
 * A fragment of the schema of a collection: path -> type -> count, a multiset that deletes subtract from exactly (I-1, I-3).
 *
 * Only beyond the hard bound of paths does a fragment give up names: see `settleSchema`.
 */

import { type TypeName, typeNames } from '../../topology/model/event.ts'
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import { isJsonList, numbersOf } from '../numbers/json-list.ts'
import { settleSchema } from './settle-schema.ts'
import { addCounts, isZeroCounts, type TypeCounts } from './type-counts.ts'

export interface SchemaState {
  /** Events of the collection; stands in fragment 0 alone. */
  events: number
  readonly paths: Map<string, TypeCounts>
  /** Characters of all paths. */
  characters: number
  /** Written paths of objects whose children are counted together for good, with how many names they showed; '' is the event. */
  readonly collapsed: Map<string, number>
}

/** Fragments of a collection: 16 x 1,000 paths never give up a name below the 10,000 that DOMAIN section 4 promises. */
export const schemaFragments = 16
export const fragmentPathsMax = 1_000

export const startSchema = (): SchemaState => ({ events: 0, paths: new Map(), characters: 0, collapsed: new Map() })

export const typeIndex = (type: TypeName): number => typeNames.indexOf(type)

/** The counts of a path, made when they are not there yet. */
export const countsOf = (state: SchemaState, path: string): TypeCounts => {
  let counts = state.paths.get(path)
  if (counts === undefined) {
    counts = typeNames.map(() => 0)
    state.paths.set(path, counts)
    state.characters += path.length
  }
  return counts
}

export const mergeSchema = (left: SchemaState, right: SchemaState): SchemaState => {
  left.events += right.events
  for (const [path, counts] of right.paths) addCounts(countsOf(left, path), counts)
  for (const [path, names] of right.collapsed) left.collapsed.set(path, Math.max(names, left.collapsed.get(path) ?? 0))
  return left
}

export const isEmptySchema = (state: SchemaState): boolean =>
  state.events === 0 && [...state.paths.values()].every(isZeroCounts)

/** `[events, { path: [counts] }]`, paths in code unit order, trailing zeros left out; collapsed objects follow. */
export const encodeSchema = (state: SchemaState): string => {
  settleSchema(state, fragmentPathsMax)
  const members = [...state.paths.keys()].sort().map((path) => {
    const counts = state.paths.get(path)!
    const last = counts.findLastIndex((count) => count !== 0)
    return `${JSON.stringify(path)}:${JSON.stringify(counts.slice(0, last + 1))}`
  })
  const names = [...state.collapsed.keys()].sort().map((path) => [path, state.collapsed.get(path)])
  return `[${state.events},{${members.join(',')}}${names.length === 0 ? '' : `,${JSON.stringify(names)}`}]`
}

export const decodeSchema = (text: string): SchemaState => {
  const json: JsonValue = JSON.parse(text)
  const [events = 0, paths = {}, collapsed = []] = isJsonList(json) ? json : []
  const state = startSchema()
  state.events = Number(events)
  if (isJsonObject(paths))
    for (const [path, counts] of Object.entries(paths)) addCounts(countsOf(state, path), numbersOf(counts))
  if (isJsonList(collapsed))
    for (const one of collapsed) if (isJsonList(one)) state.collapsed.set(String(one[0]), Number(one[1]))
  return state
}

// Six counts, a place in the map, the way from a code to the counts, the header of the text: measured.
const pathBytes = 320

/** Paths are kept with one byte a character, or two. */
export const schemaSizeBytes = (state: SchemaState): number => 256 + state.paths.size * pathBytes + state.characters * 2
