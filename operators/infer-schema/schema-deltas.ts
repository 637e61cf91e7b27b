/**
 * Folds batches into the deltas of an epoch.
 *
 * Of each collection in a batch the codes are counted first, in one array that all of them share; then each code that was
 * met leads to its counter once. So a property costs one addition, and what an epoch holds grows with the different
 * paths of its collections alone, not with the codes that the decoder has given out (I-6).
 */
import type { StateDelta, StateDeltas } from '../../topology/model/operator.ts'
import type { ShapeNames, Shapes, Tuples } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import { hashText } from '../numbers/hash-text.ts'
import { countsOf, type SchemaState, schemaFragments, startSchema, typeIndex } from './schema-state.ts'
import type { TypeCounts } from './type-counts.ts'

/** Where a code is counted. */
interface Counter {
  readonly counts: TypeCounts
  readonly type: number
}

interface Collection {
  readonly project: string
  readonly name: string
  readonly first: SchemaState
  /** Events of the batch at hand. */
  readonly events: number[]
  readonly byCode: Map<number, Counter>
  /** Which names the codes belong to. */
  age: number
}

/** Ways from codes to counters; they belong to one map of deltas and are forgotten when the engine empties it. */
export class SchemaDeltas {
  readonly #projects = new Map<string, Map<string, Collection>>()
  #deltas = 0
  // Those of the last batch alone: names that the decoder has given up must not stay because of a collection that is quiet.
  #names: ShapeNames | undefined
  #age = 0
  /** How often each code was met in the events at hand, and which were. */
  #tally: Int32Array = new Int32Array(1_024)
  readonly #met: number[] = []

  isOf(into: StateDeltas<SchemaState>): boolean {
    return this.#deltas === into.size
  }

  add(tuples: Tuples, weight: Weight, into: StateDeltas<SchemaState>): void {
    const shapes = tuples.shapes()
    if (shapes.names !== this.#names) {
      this.#names = shapes.names
      this.#age += 1
    }
    for (const collection of this.#collectionsOf(tuples, into)) {
      collection.first.events += weight * collection.events.length
      this.#count(shapes, collection.events)
      for (const code of this.#met) {
        const { counts, type } = collection.byCode.get(code) ?? this.#learn(collection, shapes.names, code, into)
        counts[type]! += weight * this.#tally[code]!
        this.#tally[code] = 0
      }
      this.#met.length = 0
      collection.events.length = 0
    }
  }

  /** The collections of a batch, each with its events. */
  #collectionsOf(tuples: Tuples, into: StateDeltas<SchemaState>): readonly Collection[] {
    const projects = tuples.projects()
    const collections = tuples.collections()
    const found: Collection[] = []
    let last: Collection | undefined
    for (let i = 0; i < tuples.length; i += 1) {
      if (last === undefined || last.project !== projects[i] || last.name !== collections[i]) {
        last = this.#collection(projects[i]!, collections[i]!, into)
        if (last.events.length === 0) found.push(last)
      }
      last.events.push(i)
    }
    return found
  }

  #count({ codes, starts }: Shapes, events: readonly number[]): void {
    let tally = this.#tally
    const met = this.#met
    for (const event of events) {
      const end = starts[event + 1]!
      for (let k = starts[event]!; k < end; k += 1) {
        const code = codes[k]!
        if (code >= tally.length) tally = this.#growTally(code)
        if (tally[code] === 0) met.push(code)
        tally[code]! += 1
      }
    }
  }

  #growTally(code: number): Int32Array {
    const grown = new Int32Array(2 * (code + 1))
    grown.set(this.#tally)
    this.#tally = grown
    return grown
  }

  #collection(project: string, name: string, into: StateDeltas<SchemaState>): Collection {
    let collections = this.#projects.get(project)
    if (collections === undefined) {
      collections = new Map()
      this.#projects.set(project, collections)
    }
    let collection = collections.get(name)
    if (collection === undefined) {
      const first = this.#delta(project, name, 0, into).state
      collection = { project, name, first, events: [], byCode: new Map(), age: this.#age }
      collections.set(name, collection)
    }
    // Codes mean something else as soon as the decoder starts other names.
    if (collection.age !== this.#age) {
      collection.byCode.clear()
      collection.age = this.#age
    }
    return collection
  }

  #learn(collection: Collection, names: ShapeNames, code: number, into: StateDeltas<SchemaState>): Counter {
    const { path, type } = names.name(code)
    const fragment = hashText(path) % schemaFragments
    const { state } = this.#delta(collection.project, collection.name, fragment, into)
    const counter = { counts: countsOf(state, path), type: typeIndex(type) }
    collection.byCode.set(code, counter)
    return counter
  }

  #delta(project: string, name: string, fragment: number, into: StateDeltas<SchemaState>): StateDelta<SchemaState> {
    const id = `${project}\u0000${name}\u0000${fragment}`
    let delta = into.get(id)
    if (delta === undefined) {
      delta = { key: [project, name, fragment], state: startSchema() }
      into.set(id, delta)
    }
    this.#deltas = into.size
    return delta
  }
}
