/**
 * The truth about one sink, from the documents that the ledger has taken and what was sent: which events are durable and
 * since when, whose are not, and how old these are. What the run says of itself plays no part in it.
 */
import type { LaneState, LedgerDocument, TenantScope } from '../../../topology/model/ledger-document.ts'
import type { Arrival } from './arrivals.ts'

const isOf = (scope: TenantScope, tenant: string): boolean =>
  scope.kind === 'all' || scope.names.includes(tenant) === (scope.kind === 'only')

/** Events of one tenant in one partition, in order, of which the oldest that are durable are forgotten. */
interface OwnEvents {
  readonly tenant: string
  readonly partition: number
  readonly events: Arrival[]
  /** All before it are durable. */
  first: number
}

export class TrueProgress {
  readonly #sink: string
  readonly #lanes = new Map<number, readonly LaneState[]>()
  readonly #own = new Map<string, OwnEvents>()

  constructor(sink: string) {
    this.#sink = sink
  }

  sent(arrival: Arrival): void {
    const { tenant, partition } = arrival
    const key = `${partition} ${tenant}`
    const own = this.#own.get(key)
    if (own === undefined) this.#own.set(key, { tenant, partition, events: [arrival], first: 0 })
    else own.events.push(arrival)
  }

  seen(partition: number, doc: LedgerDocument): void {
    const lanes = Object.values(doc.lanes).filter(({ sink }) => sink === this.#sink)
    this.#lanes.set(partition, lanes)
  }

  /** Events that have become durable since it was asked last, oldest first. Right where no lane of the tenant lies ahead of another. */
  takeDone(told: (arrival: Arrival) => void): void {
    for (const own of this.#own.values()) {
      for (; own.first < own.events.length; own.first++) {
        const event = own.events[own.first]!
        if (!this.#isDone(own, event)) break
        told(event)
      }
    }
  }

  /** The oldest event of a tenant that is not durable. */
  oldestOf(tenant: string): Arrival | undefined {
    return [...this.#own.values()]
      .filter((own) => own.tenant === tenant)
      .map((own) => own.events[own.first])
      .filter((event) => event !== undefined)
      .reduce<Arrival | undefined>(
        (oldest, one) => (oldest && oldest.appendMs <= one.appendMs ? oldest : one),
        undefined,
      )
  }

  /** Events of a tenant that are not durable; of all without one. */
  left(tenant?: string): number {
    return [...this.#own.values()]
      .filter((own) => tenant === undefined || own.tenant === tenant)
      .reduce(
        (sum, own) => sum + own.events.filter((event, index) => index >= own.first && !this.#isDone(own, event)).length,
        0,
      )
  }

  /** Since when a lane of its own has the tenant. */
  isApart(tenant: string): boolean {
    return [...this.#lanes.values()]
      .flat()
      .some(({ tenants }) => tenants.kind === 'only' && tenants.names.includes(tenant))
  }

  #isDone({ tenant, partition }: OwnEvents, { offset }: Arrival): boolean {
    const lanes = this.#lanes.get(partition)
    if (lanes === undefined) return false
    return !lanes.some(
      ({ at, from, to, tenants }) =>
        offset >= Math.max(at, from) && (to === null || offset < to) && isOf(tenants, tenant),
    )
  }
}
