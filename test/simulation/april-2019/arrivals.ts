/** What twelve customers send: unequal, unsteady, and one of them for two and a half hours at thirty times its usual rate. */

import type { Random } from '../../../topology/model/ports/random.ts'
import type { Headers, NewRecord } from '../../../topology/model/record.ts'
import { partitionOf } from '../../../topology/spouts/partition-of.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import type { Night, Tenant } from './draw-night.ts'

export interface Arrival {
  readonly tenant: string
  readonly collection: string
  readonly country: string
  readonly price: number
  readonly number: number
  readonly appendMs: number
  readonly partition: number
  readonly offset: number
}

const encoder = new TextEncoder()
const collections = ['purchases', 'pageviews'] as const
const note = 'x'.repeat(120)

export class Arrivals {
  /** Everything that was sent, by partition and offset. */
  readonly all: readonly Arrival[][]
  readonly #night: Night
  readonly #random: Random
  /** Parts of events that are owed. */
  readonly #owed = new Map<string, number>()
  readonly #headers = new Map<string, Headers>()
  count = 0

  constructor(night: Night) {
    this.#night = night
    this.#random = seededRandom(night.seed + 1_000_000)
    this.all = Array.from({ length: night.partitions }, () => [])
  }

  /** Events a second of a tenant, on the average of some minutes. */
  rateOf({ name, eventsPerSecond }: Tenant, nowMs: number): number {
    const { tenant, factor, fromMs, toMs } = this.#night.spike
    return name === tenant && nowMs >= fromMs && nowMs < toMs ? eventsPerSecond * factor : eventsPerSecond
  }

  /** What all tenants send within the next `ms`, and where the log puts it. */
  within(nowMs: number, ms: number): readonly NewRecord[] {
    const records: NewRecord[] = []
    for (const tenant of this.#night.tenants) {
      const burst = this.#burst()
      const owed = (this.#owed.get(tenant.name) ?? 0) + (this.rateOf(tenant, nowMs) * burst * ms) / 1_000
      const whole = Math.floor(owed)
      this.#owed.set(tenant.name, owed - whole)
      for (let index = 0; index < whole; index++) records.push(this.#record(tenant.name, nowMs))
    }
    return records
  }

  /** Some seconds bring next to nothing, some `burst` times as much; 1 on the average. */
  #burst(): number {
    const { burst } = this.#night
    const calm = 1 / burst
    return this.#random.next() < (1 - calm) / (burst - calm) ? burst : calm
  }

  #record(tenant: string, appendMs: number): NewRecord {
    const number = this.count++
    const collection = collections[number % 2]!
    const country = `c${Math.floor(this.#random.next() * 5)}`
    const price = (number % 400) / 4
    const partition = partitionOf(tenant, this.#night.partitions)
    const own = this.all[partition]!
    own.push({ tenant, collection, country, price, number, appendMs, partition, offset: own.length })
    return {
      key: tenant,
      headers: this.#headersOf(tenant, collection),
      value: encoder.encode(JSON.stringify({ number, country, price, note })),
    }
  }

  #headersOf(tenant: string, collection: string): Headers {
    const key = `${tenant} ${collection}`
    const known = this.#headers.get(key)
    if (known !== undefined) return known
    const made: Headers = [
      ['project', tenant],
      ['collection', collection],
    ]
    this.#headers.set(key, made)
    return made
  }
}
