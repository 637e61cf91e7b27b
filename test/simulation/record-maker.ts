/** Draws the records of a history: events of three tenants, some of them poison, and deletes of every form. */
import { eventId } from '../../topology/model/event-id.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { NewRecord } from '../../topology/model/record.ts'

const tenants = ['ann', 'bob', 'cyd']

export class RecordMaker {
  /** Tenant of each record; empty for a delete. */
  readonly tenantAt: string[] = []
  readonly #timesMs: number[] = []
  readonly #random: Random
  readonly #hasDeletes: boolean

  constructor(random: Random, hasDeletes: boolean) {
    this.#random = random
    this.#hasDeletes = hasDeletes
  }

  next(nowMs: number): NewRecord {
    const count = this.tenantAt.length
    const isDelete = this.#hasDeletes && count > 0 && this.#random.next() < 0.15
    const project = tenants[this.#below(3)]!
    const collection = this.#below(2) === 0 ? 'new' : 'old'
    const body = {
      place: `0@${count}`,
      kind: 'ab'[this.#below(2)]!,
      value: 1 + this.#below(3),
      ...(this.#below(8) === 0 ? { poison: 1 } : {}),
    }
    const value = new TextEncoder().encode(JSON.stringify(isDelete ? this.#request(project) : body))
    this.tenantAt.push(isDelete ? '' : project)
    this.#timesMs.push(nowMs)
    const headers = isDelete
      ? ([['spillway-kind', 'delete']] as const)
      : ([
          ['project', project],
          ['collection', collection],
        ] as const)
    return { key: null, headers, value, partition: partition(0) }
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  #request(project: string): object {
    const count = this.tenantAt.length
    const filter = (property_name: string, operator: string, property_value: unknown): object => ({
      id: `delete ${count}`,
      project,
      allowScan: true,
      filters: [{ property_name, operator, property_value }],
    })
    const draw = this.#below(3)
    if (draw === 0) return filter('kind', 'eq', 'ab'[this.#below(2)]!)
    if (draw === 1) return filter('value', 'gte', 1 + this.#below(3))
    const at = this.#below(count)
    return filter('keen.id', 'eq', eventId(this.#timesMs[at]!, partition(0), offset(at)))
  }
}
