/**
 * Deletes by filter, compiled: by project and collection, there by path and value for `eq` and `in`, the rest one after
 * the other. An event of a collection without such deletes costs a look-up.
 */
import type { EventBatch } from '../model/decoder.ts'
import type { DeleteRequest } from '../model/delete-request.ts'
import { formatPath } from '../model/path.ts'
import { FilterTest, isByValue, type ValueReader, valueReader } from './filter-test.ts'
import type { Hit } from './rules-by-id.ts'

interface Rule {
  readonly n: number
  readonly record: number
  /** Offset of the record. */
  readonly at: number
  readonly test: FilterTest
}

interface ByPath {
  readonly read: ValueReader
  readonly rules: Map<unknown, Rule[]>
}

/** Rules of one project and collection, or of all collections of a project. */
class Bucket {
  readonly #byPath = new Map<string, ByPath>()
  readonly #others: Rule[] = []
  #top = 0

  add(request: DeleteRequest, place: Omit<Rule, 'test'>): void {
    this.#top = Math.max(this.#top, place.at)
    const filter = request.filters.find(isByValue)
    if (filter === undefined) {
      this.#others.push({ ...place, test: new FilterTest(request) })
      return
    }
    const rule = { ...place, test: new FilterTest(request, filter) }
    const name = formatPath(filter.path)
    const byPath = this.#byPath.get(name) ?? { read: valueReader(filter.path), rules: new Map<unknown, Rule[]>() }
    this.#byPath.set(name, byPath)
    const values = filter.operator === 'in' && Array.isArray(filter.value) ? new Set(filter.value) : [filter.value]
    for (const value of values) {
      const rules = byPath.rules.get(value)
      if (rules === undefined) byPath.rules.set(value, [rule])
      else rules.push(rule)
    }
  }

  find(events: EventBatch, index: number, hit: Hit): void {
    const offset = events.offsets[index]!
    if (offset >= this.#top) return
    const ask = (rules: readonly Rule[] | undefined): void => {
      for (const { n, record, at, test } of rules ?? [])
        if (at > offset && test.passes(events, index)) hit(n, record, at)
    }
    ask(this.#others)
    for (const { read, rules } of this.#byPath.values()) {
      const value = read(events, index)
      // A list passes with any of its elements; an object in a filter equals nothing.
      if (Array.isArray(value)) for (const element of new Set<unknown>(value)) ask(rules.get(element))
      else ask(rules.get(value))
    }
  }
}

export class RulesByFilter {
  /** By project, then by collection; `undefined`: all of them. */
  readonly #buckets = new Map<string, Map<string | undefined, Bucket>>()
  #count = 0

  add(request: DeleteRequest, n: number, record: number, at: number): void {
    this.#count += 1
    const collections = this.#buckets.get(request.project) ?? new Map<string | undefined, Bucket>()
    this.#buckets.set(request.project, collections)
    const bucket = collections.get(request.collection) ?? new Bucket()
    collections.set(request.collection, bucket)
    bucket.add(request, { n, record, at })
  }

  get count(): number {
    return this.#count
  }

  find(events: EventBatch, index: number, hit: Hit): void {
    const collections = this.#buckets.get(events.projects()[index]!)
    if (collections === undefined) return
    collections.get(undefined)?.find(events, index, hit)
    collections.get(events.collections()[index]!)?.find(events, index, hit)
  }
}
