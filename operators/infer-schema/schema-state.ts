/**
 * A fragment of the schema of a collection: path -> type -> count, a multiset that deletes subtract from exactly (I-1, I-3).
 *
 * Only beyond the hard bound of paths does a fragment give up names, in `settle`, when it is written or read: the
 * children of the object that has the most become `path.*`, for good, and the schema is marked approximate.
 */

import { type TypeName, typeNames } from '../../topology/model/event.ts'
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'

import { isJsonList, numbersOf } from '../numbers/json-list.ts'

/** Counts by the order of `typeNames`. */
export type TypeCounts = number[]

export interface SchemaState {
  /** Events of the collection; stands in fragment 0 alone. */
  events: number
  readonly paths: Map<string, TypeCounts>
  /** Written paths of objects whose children are counted together; '' is the event itself. */
  readonly collapsed: Set<string>
}

/** Fragments of a collection: 16 x 1,000 paths never give up a name below the 10,000 that DOMAIN section 4 promises. */
export const schemaFragments = 16
const fragmentPathsMax = 1_000

export const startSchema = (): SchemaState => ({ events: 0, paths: new Map(), collapsed: new Set() })

export const typeIndex = (type: TypeName): number => typeNames.indexOf(type)

/** The counts of a path, made when they are not there yet. */
export const countsOf = (state: SchemaState, path: string): TypeCounts => {
  let counts = state.paths.get(path)
  if (counts === undefined) {
    counts = typeNames.map(() => 0)
    state.paths.set(path, counts)
  }
  return counts
}

const addCounts = (into: TypeCounts, counts: readonly number[]): void => {
  for (let i = 0; i < into.length; i += 1) into[i]! += counts[i] ?? 0
}

const isZero = (counts: readonly number[]): boolean => counts.every((count) => count === 0)

export const mergeSchema = (left: SchemaState, right: SchemaState): SchemaState => {
  left.events += right.events
  for (const [path, counts] of right.paths) addCounts(countsOf(left, path), counts)
  for (const path of right.collapsed) left.collapsed.add(path)
  return left
}

export const isEmptySchema = (state: SchemaState): boolean =>
  state.events === 0 && [...state.paths.values()].every(isZero)

/** Forgets what has no count, applies what is collapsed, and bounds the rest. Repeating it changes nothing. */
export const settleSchema = (state: SchemaState, pathsMax: number = fragmentPathsMax): void => {
  for (const [path, counts] of state.paths) if (isZero(counts)) state.paths.delete(path)
  if (state.paths.size === 0) state.collapsed.clear()
  collapsePaths(state.paths, state.collapsed)
  while (state.paths.size > pathsMax) {
    const widest = widestObject(state.paths)
    if (widest === undefined) return
    state.collapsed.add(widest)
    collapsePaths(state.paths, state.collapsed)
  }
}

/** Adds the counts of the children of collapsed objects to `path.*`. */
export const collapsePaths = (paths: Map<string, TypeCounts>, collapsed: ReadonlySet<string>): void => {
  if (collapsed.size === 0) return
  for (const [path, counts] of [...paths]) {
    const shorter = collapsedPath(path, collapsed)
    if (shorter === path) continue
    paths.delete(path)
    const into = paths.get(shorter)
    if (into === undefined) paths.set(shorter, [...counts])
    else addCounts(into, counts)
  }
}

const anyName = '*'

/** Segments of a path as the schema writes it: `item[].price` has the segments `item[]` and `price`. */
export const schemaSegments = (path: string): readonly string[] => {
  // A plain path is split without reading it; a quoted segment keeps its quotes, so joining gives the path again.
  if (!path.includes('"')) return path.split('.')
  return path.match(/(?:"(?:[^"\\]|\\.)*"|[^."]+)+/g) ?? [path]
}

// DOMAIN section 2: a longer name is counted under `path.*`.
const nameLengthMax = 255
// `schema.depthLevels`: below this many levels names are counted together.
const depthMax = 64

/** The path under which a sighting is counted: names that cannot be shown are `*`. */
export const countedPath = (path: string): string => {
  if (path.length <= depthMax) return path
  const segments = schemaSegments(path)
  if (segments.length <= depthMax && path.length <= nameLengthMax) return path
  return segments
    .slice(0, depthMax)
    .map((segment, i) =>
      nameLength(segment) > nameLengthMax || (segments.length > depthMax && i === depthMax - 1)
        ? anyName + listMarks(segment)
        : segment,
    )
    .join('.')
}

const nameLength = (segment: string): number => {
  if (segment.length <= nameLengthMax || !segment.startsWith('"')) return segment.length - listMarks(segment).length
  const name: unknown = JSON.parse(segment.slice(0, segment.lastIndexOf('"') + 1))
  return String(name).length
}

const collapsedPath = (path: string, collapsed: ReadonlySet<string>): string => {
  const segments = [...schemaSegments(path)]
  for (let i = 0; i < segments.length; i += 1) {
    if (collapsed.has(segments.slice(0, i).join('.'))) segments[i] = anyName + listMarks(segments[i]!)
  }
  return segments.join('.')
}

/** `[]` at the end of a segment: a list among the children stays a list. */
const listMarks = (segment: string): string => /(?:\[\])*$/.exec(segment)?.[0] ?? ''

/** Child names of each object that the paths show. */
export const childNames = (paths: Iterable<string>): Map<string, Set<string>> => {
  const names = new Map<string, Set<string>>()
  for (const path of paths) {
    const segments = schemaSegments(path)
    let parent = ''
    for (const segment of segments) {
      let children = names.get(parent)
      if (children === undefined) {
        children = new Set()
        names.set(parent, children)
      }
      // `item` and `item[]` are one name.
      const marks = listMarks(segment)
      const name = marks === '' ? segment : segment.slice(0, -marks.length)
      if (name !== anyName) children.add(name)
      parent = parent === '' ? segment : `${parent}.${segment}`
    }
  }
  return names
}

const widestObject = (paths: ReadonlyMap<string, unknown>): string | undefined => {
  let widest: string | undefined
  let most = 1
  for (const [path, names] of childNames(paths.keys())) {
    if (names.size < most || (names.size === most && (widest === undefined || path >= widest))) continue
    widest = path
    most = names.size
  }
  return widest
}

/** `[events, { path: [counts] }]`, paths in code unit order, trailing zeros left out; collapsed objects follow. */
export const encodeSchema = (state: SchemaState): string => {
  settleSchema(state)
  const members = [...state.paths.keys()].sort().map((path) => {
    const counts = state.paths.get(path)!
    const last = counts.findLastIndex((count) => count !== 0)
    return `${JSON.stringify(path)}:${JSON.stringify(counts.slice(0, last + 1))}`
  })
  const collapsed = state.collapsed.size === 0 ? '' : `,${JSON.stringify([...state.collapsed].sort())}`
  return `[${state.events},{${members.join(',')}}${collapsed}]`
}

export const decodeSchema = (text: string): SchemaState => {
  const json: JsonValue = JSON.parse(text)
  const [events = 0, paths = {}, collapsed = []] = isJsonList(json) ? json : []
  const state = startSchema()
  state.events = Number(events)
  if (isJsonObject(paths))
    for (const [path, counts] of Object.entries(paths)) addCounts(countsOf(state, path), numbersOf(counts))
  if (isJsonList(collapsed)) for (const path of collapsed) state.collapsed.add(String(path))
  return state
}

export const schemaSizeBytes = (state: SchemaState): number => 128 + state.paths.size * 200
