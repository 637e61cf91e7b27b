/** The deletes of some entries, compiled once for look-up: those that are listed, or those of a block of the archive. */
import type { EventBatch } from '../model/decoder.ts'
import { type DeleteRequest, readDeleteRequest } from '../model/delete-request.ts'
import { type Filter, filterMatches } from '../model/filter.ts'
import type { DeleteRecord } from '../model/ledger-document.ts'
import { FilterTest } from './filter-test.ts'
import { idsOf } from './named-events.ts'
import { RulesByFilter } from './rules-by-filter.ts'
import { type Hit, type NamedEvent, RulesById } from './rules-by-id.ts'

/** What an entry of the list says. */
export interface ListedDelete {
  readonly n: number
  readonly records: readonly DeleteRecord[]
}

// A request with its filters as objects, about.
const bytesPerFilter = 1_000

export class DeleteRules {
  /** Largest offset of a record: no event there or behind is matched. */
  readonly top: number
  readonly #byId: RulesById
  readonly #byFilter = new RulesByFilter()

  constructor(deletes: readonly ListedDelete[], partition: number) {
    const named: NamedEvent[] = []
    const tests = new Map<string, FilterTest>()
    let top = 0
    for (const { n, records } of deletes) {
      for (const [record, { offset, request: json }] of records.entries()) {
        const request = readDeleteRequest(json)
        if (typeof request === 'string') continue
        top = Math.max(top, offset)
        const filter = idFilter(request)
        if (filter === undefined) {
          this.#byFilter.add(request, n, record, offset)
          continue
        }
        const name = FilterTest.nameOf(request, filter)
        const test = tests.get(name) ?? new FilterTest(request, filter)
        tests.set(name, test)
        for (const id of new Set(idsOf(request)))
          if (filterMatches(filter, id)) named.push({ id, n, record, at: offset, test })
      }
    }
    this.top = top
    this.#byId = new RulesById(named, partition)
  }

  get isEmpty(): boolean {
    return this.top === 0
  }

  /** About how much memory they hold. */
  get bytes(): number {
    return this.#byId.bytes + this.#byFilter.count * bytesPerFilter
  }

  /** Offsets `[from, to)` of events that they can match. */
  get reach(): readonly [from: number, to: number] {
    if (this.#byFilter.count > 0) return [0, this.top]
    const [from, to] = this.#byId.reach
    return [from, Math.max(from, Math.min(to, this.top))]
  }

  find(events: EventBatch, index: number, hit: Hit): void {
    if (events.offsets[index]! >= this.top) return
    this.#byId.find(events, index, hit)
    if (this.#byFilter.count > 0) this.#byFilter.find(events, index, hit)
  }
}

/** The filter that `idsOf` reads. */
const idFilter = (request: DeleteRequest): Filter | undefined =>
  request.filters.find((one) => one.path.join('.') === 'keen.id' && (one.operator === 'eq' || one.operator === 'in'))
