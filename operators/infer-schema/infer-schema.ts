/**
 * Learns the schema of each collection: which paths its events show, with which types, how often.
 *
 * The decoder gives every (path, type) a small code; per batch and collection a code leads straight to its counter, so a
 * property costs one array look-up and one addition. Counts are a commutative group: any cut and order gives the same
 * schema and a delete subtracts what its events had added (I-1, I-3). A collection is spread over 16 rows by a hash of
 * the path, so that a wide schema never becomes one big row.
 */
import { defineOperator, type StateDelta, type StateDeltas, type StateOperator } from '../../topology/model/operator.ts'
import type { ShapeNames, Tuples } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import { hashText } from '../numbers/hash-text.ts'
import {
  countedPath,
  countsOf,
  decodeSchema,
  encodeSchema,
  isEmptySchema,
  mergeSchema,
  type SchemaState,
  schemaFragments,
  schemaSizeBytes,
  startSchema,
  type TypeCounts,
  typeIndex,
} from './schema-state.ts'

/** Property -> type -> count of every collection. */
export const inferSchema = (): StateOperator<unknown, SchemaState> => {
  const known = new WeakMap<StateDeltas<SchemaState>, SchemaDeltas>()
  return defineOperator<unknown, SchemaState>({
    name: 'inferSchema',
    doc: 'Property -> type -> count of every collection.',
    order: 'commutative',
    retraction: 'exact',
    options: {},
    reads: [],
    readsShapes: true,
    table: {
      partition: [
        { name: 'project', type: 'text' },
        { name: 'collection', type: 'text' },
      ],
      cluster: [{ name: 'fragment', type: 'integer' }],
      columns: [{ name: 'events', type: 'integer' }],
    },
    epochAge: 'epoch.schemaMs',
    fold(tuples, weight, into) {
      let deltas = known.get(into)
      if (deltas === undefined || !deltas.isOf(into)) {
        deltas = new SchemaDeltas()
        known.set(into, deltas)
      }
      deltas.add(tuples, weight, into)
    },
    merge: mergeSchema,
    isEmpty: isEmptySchema,
    encode: encodeSchema,
    decode: decodeSchema,
    columns: (_key, state) => [state.events],
    sizeBytes: schemaSizeBytes,
  })
}

/** Counters of one collection, by code. */
interface CollectionCounters {
  readonly project: string
  readonly collection: string
  readonly first: SchemaState
  rows: (TypeCounts | undefined)[]
  types: number[]
  names: ShapeNames | undefined
}

/** Ways from codes to counters; they belong to one map of deltas and are forgotten when the engine empties it. */
class SchemaDeltas {
  readonly #projects = new Map<string, Map<string, CollectionCounters>>()
  #made = 0

  isOf(into: StateDeltas<SchemaState>): boolean {
    return this.#made === into.size
  }

  add(tuples: Tuples, weight: Weight, into: StateDeltas<SchemaState>): void {
    const { codes, starts, names } = tuples.shapes()
    const projects = tuples.projects()
    const collections = tuples.collections()
    let counters: CollectionCounters | undefined
    for (let i = 0; i < tuples.length; i += 1) {
      if (counters === undefined || counters.project !== projects[i] || counters.collection !== collections[i]) {
        counters = this.#countersOf(projects[i]!, collections[i]!, names, into)
      }
      const { rows, types, first } = counters
      first.events += weight
      const end = starts[i + 1]!
      for (let k = starts[i]!; k < end; k += 1) {
        const code = codes[k]!
        const row = rows[code] ?? this.#learn(counters, code, into)
        row[types[code]!]! += weight
      }
    }
  }

  #countersOf(
    project: string,
    collection: string,
    names: ShapeNames,
    into: StateDeltas<SchemaState>,
  ): CollectionCounters {
    let collections = this.#projects.get(project)
    if (collections === undefined) {
      collections = new Map()
      this.#projects.set(project, collections)
    }
    let counters = collections.get(collection)
    if (counters === undefined) {
      const first = this.#delta(project, collection, 0, into).state
      counters = { project, collection, first, rows: [], types: [], names }
      collections.set(collection, counters)
    }
    // Codes mean something else as soon as the decoder starts other names.
    if (counters.names !== names) Object.assign(counters, { rows: [], types: [], names })
    return counters
  }

  #learn(counters: CollectionCounters, code: number, into: StateDeltas<SchemaState>): TypeCounts {
    const { path: seen, type } = counters.names!.name(code)
    const path = countedPath(seen)
    const fragment = hashText(path) % schemaFragments
    const row = countsOf(this.#delta(counters.project, counters.collection, fragment, into).state, path)
    // Filled from the start: a hole would make every later look-up slower.
    for (let i = counters.rows.length; i <= code; i += 1) {
      counters.rows.push(undefined)
      counters.types.push(0)
    }
    counters.rows[code] = row
    counters.types[code] = typeIndex(type)
    return row
  }

  #delta(
    project: string,
    collection: string,
    fragment: number,
    into: StateDeltas<SchemaState>,
  ): StateDelta<SchemaState> {
    const id = `${project}\u0000${collection}\u0000${fragment}`
    let delta = into.get(id)
    if (delta === undefined) {
      delta = { key: [project, collection, fragment], state: startSchema() }
      into.set(id, delta)
    }
    this.#made = into.size
    return delta
  }
}
