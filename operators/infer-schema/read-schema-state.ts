/**
 * What a reader shows of a collection: the published types and counts (DOMAIN section 4).
 *
 * Everything that leaves something out (collapsed names, the 1,000 published paths) is decided here, on the union of
 * all shards, so it depends neither on the cut of the log nor on when a deleted event left (I-1).
 */
import { type TypeName, typeNames } from '../../topology/model/event.ts'
import { knobValue } from '../../topology/model/knobs.ts'
import { mergeSchema, type SchemaState, startSchema } from './schema-state.ts'
import { collapsedObjects, collapseWide, eachPath, markCollapsed, schemaTree } from './schema-tree.ts'
import { settleSchema } from './settle-schema.ts'
import type { TypeCounts } from './type-counts.ts'

export interface SchemaProperty {
  readonly type: TypeName
  /** Sightings, all types together. */
  readonly count: number
  readonly types: Readonly<Partial<Record<TypeName, number>>>
  /** Share of the events that show the path, 0 to 1. */
  readonly present: number
}

export interface CollectionSchema {
  readonly collection: string
  readonly events: number
  readonly approximate: boolean
  /** By written path: the most frequent first, ties by name. */
  readonly properties: Readonly<Record<string, SchemaProperty>>
  /** Objects whose child names are data, counted together as `path.*`. */
  readonly collapsed: readonly { readonly path: string; readonly names: number }[]
  /** Paths beyond the published ones. */
  readonly unpublished: number
}

/** Bounds of the answer. Left out: the initial values of the knobs `schema.childNames` and `schema.publishedPaths`. */
export interface SchemaBounds {
  readonly childNames?: number | undefined
  readonly publishedPaths?: number | undefined
}

/** Sums the states of all fragments and shards of a collection and describes what they say. */
export const readSchemaState = (
  states: Iterable<SchemaState>,
  collection: string,
  bounds: SchemaBounds = {},
): CollectionSchema => {
  const publishedMax = bounds.publishedPaths ?? knobValue('schema.publishedPaths')
  const childMax = bounds.childNames ?? knobValue('schema.childNames')
  const union = startSchema()
  for (const state of states) mergeSchema(union, state)
  settleSchema(union, Number.POSITIVE_INFINITY)
  const tree = schemaTree(union.paths)
  markCollapsed(tree, union.collapsed)
  // The event itself may have as many names as are published: a wide table is no map of data.
  collapseWide(tree, (path) => (path === '' ? Math.max(childMax, publishedMax) : childMax), true)
  const ranked: RankedPath[] = []
  eachPath(tree, (path, counts) => ranked.push({ path, counts, count: totalOf(counts) }))
  ranked.sort(byCount)
  return {
    collection,
    events: union.events,
    approximate: union.collapsed.size > 0,
    properties: Object.fromEntries(
      ranked.slice(0, publishedMax).map(({ path, counts, count }) => [path, propertyOf(counts, count, union.events)]),
    ),
    collapsed: [...collapsedObjects(tree)]
      .map(([path, names]) => ({ path, names }))
      .sort((left, right) => (left.path < right.path ? -1 : 1)),
    unpublished: Math.max(0, ranked.length - publishedMax),
  }
}

interface RankedPath {
  readonly path: string
  readonly counts: TypeCounts
  readonly count: number
}

const byCount = (left: RankedPath, right: RankedPath): number =>
  right.count - left.count || (left.path < right.path ? -1 : 1)

const totalOf = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

const propertyOf = (counts: readonly number[], count: number, events: number): SchemaProperty => {
  const seen = typeNames.flatMap((type, i) => (counts[i] === 0 ? [] : [[type, counts[i]] as const]))
  return {
    type: publishedType(counts),
    count,
    types: Object.fromEntries(seen),
    // Lists can show a path with two types in one event, and collapsed names add up.
    present: events === 0 ? 0 : Math.min(1, count / events),
  }
}

const tieOrder: readonly TypeName[] = ['string', 'num', 'bool', 'datetime', 'list']

/** The most frequent type other than null; null only when nothing else was seen. */
const publishedType = (counts: readonly number[]): TypeName => {
  let published: TypeName = 'null'
  let most = 0
  for (const type of tieOrder) {
    const count = counts[typeNames.indexOf(type)]!
    if (count <= most) continue
    published = type
    most = count
  }
  return published
}
