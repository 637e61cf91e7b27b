/**
 * Random schedules: events of changing types, deletes of every form, cuts, crashes and pauses, all from one seed.
 *
 * The offsets of all records are known while the list is made, so that deletes by id can name events that exist, that
 * are gone already, or that come later.
 */
import { advance, CRASH, cut, put, remove, settle, type TestStep } from 'spillway/testing'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'

export const partitions = 2

export interface Schedule {
  readonly steps: readonly TestStep[]
  readonly knobs: Readonly<Record<string, number>>
}

const projects = ['ann', 'bob']
const collections = ['bought', 'seen']
const sinks = ['store', 'schemas', 'totals', 'archive']
const startMs = Date.UTC(2026, 0, 1)

export const randomSchedule = (seed: number): Schedule => {
  const random = seededRandom(seed * 104_729 + 1)
  const drawer = new Drawer(random)
  const length = 4 + drawer.below(24)
  const steps = Array.from({ length }, () => drawer.step())
  const knobs = {
    'batch.records': 1 + drawer.below(8),
    'epoch.records': 100,
    'delete.epochMs': 10,
    'delete.coalesceMs': drawer.below(2) * 200,
    'delete.rewriteMs': drawer.below(2) * 500,
    'ledger.tickMs': 50,
  }
  return { steps, knobs }
}

class Drawer {
  readonly #random: Random
  /** Records of each partition so far. */
  readonly #ends: number[] = Array.from({ length: partitions }, () => 0)
  /** Ids of events that were put, and of some that come later. */
  readonly #ids: string[] = []

  constructor(random: Random) {
    this.#random = random
  }

  below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  #of<Value>(list: readonly Value[]): Value {
    return list[this.below(list.length)]!
  }

  step(): TestStep {
    const draw = this.below(100)
    if (draw < 68) return this.#event()
    if (draw < 84) return this.#delete()
    if (draw < 88) return CRASH
    if (draw < 92) return settle
    if (draw < 96) return advance(1 + this.below(3_000))
    return cut(this.#of(sinks), 2 + this.below(2))
  }

  #event(): TestStep {
    const place = this.below(partitions)
    const at = this.#ends[place]!++
    const timeMs = startMs + this.below(4) * 40_000
    this.#ids.push(eventId(timeMs, partition(place), offset(at)))
    const body: JsonObject = {
      keen: { timestamp: new Date(timeMs).toISOString() },
      ...this.#maybe('kind', this.#of(['a', 'b', 1, null])),
      ...this.#maybe('value', this.#value()),
      ...this.#maybe('tag', this.#of(['x', 'y', 2, true, null])),
      ...this.#maybe(
        'item',
        this.#of<JsonValue>([{ id: this.below(3) }, { id: null, deep: { p: [] } }, 'none', [1, { q: 1 }]]),
      ),
    }
    // One in thirty is no JSON: a dead letter, which no delete touches.
    if (this.below(30) === 0) return put('{"broken', { partition: place, project: this.#of(projects) })
    return put(body, { project: this.#of(projects), collection: this.#of(collections), partition: place })
  }

  #value(): JsonValue {
    const draw = this.below(10)
    if (draw === 0) return 'unicorn'
    if (draw === 1) return null
    if (draw === 2) return 1e16
    if (draw === 3) return -1e16
    return draw < 7 ? this.below(4) : (this.below(2_000) - 1_000) / 7
  }

  #maybe(name: string, value: JsonValue): JsonObject {
    return this.below(8) === 0 ? {} : { [name]: value }
  }

  #delete(): TestStep {
    const project = this.#of(projects)
    const isById = this.below(3) === 0 && this.#ids.length > 0
    if (isById) return this.#deleteById(project)
    for (let place = 0; place < partitions; place++) this.#ends[place]! += 1
    const collection = this.below(2) === 0 ? {} : { collection: this.#of(collections) }
    const from = startMs + this.below(4) * 40_000
    const timeframe = { start: new Date(from).toISOString(), end: new Date(from + 80_000).toISOString() }
    const narrowed = this.below(4) === 0 ? { timeframe } : {}
    const filters = this.below(6) === 0 ? [] : [this.#filter()]
    return remove({ project, ...collection, ...narrowed, filters })
  }

  #deleteById(project: string): TestStep {
    const id = this.#of(this.#ids)
    const place = Number.parseInt(id.slice(20, 23), 16) & 0x3ff
    this.#ends[place]! += 1
    return remove({ project, filters: [filter('keen.id', 'eq', id)] })
  }

  #filter(): JsonObject {
    return this.#of([
      filter('kind', 'eq', this.#of(['a', 'b', 1, null])),
      filter('kind', 'ne', 'a'),
      filter('kind', 'in', ['b', 1]),
      filter('value', 'gte', this.below(4)),
      filter('value', 'lt', 0),
      filter('tag', 'exists', this.below(2) === 0),
      filter('tag', 'contains', 'x'),
      filter('item.id', 'lte', 1),
      filter('item', 'eq', 1),
    ])
  }
}

const filter = (name: string, operator: string, value: JsonValue): JsonObject => ({
  property_name: name,
  operator,
  property_value: value,
})
