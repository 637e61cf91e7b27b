/**
 * Who may send to which host: a permit for each request, as many per host as its `RequestLimit` says.
 *
 * A request takes the replica with the most room, so a slow host gets fewer and the others keep their pace (P18). Waiting
 * is first come, first served, but nobody waits behind a request that can only go to a host that is full.
 */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { CassandraHost } from './cassandra-client.ts'
import { RequestLimit } from './request-limit.ts'

/** How a request ended: `unsent` says nothing about its host. */
export type RequestEnd = 'answered' | 'strained' | 'unsent'

export interface Permit {
  readonly host: CassandraHost
  /** Gives the permit back, once. */
  end(how: RequestEnd): void
}

interface Waiting {
  readonly hosts: readonly CassandraHost[]
  readonly grant: (permit: Permit) => void
}

export class HostPermits {
  readonly #clock: Clock
  readonly #max: () => number
  readonly #limits = new Map<string, RequestLimit>()
  readonly #waiting: Waiting[] = []

  constructor(clock: Clock, max: () => number) {
    this.#clock = clock
    this.#max = max
  }

  /** A permit for one of the hosts, at least one. */
  take(hosts: readonly CassandraHost[]): Permit | Promise<Permit> {
    const permit = this.#waiting.length === 0 ? this.#tryTake(hosts) : undefined
    if (permit !== undefined) return permit
    // A host that is heard of for the first time has room.
    for (const host of hosts) this.limitOf(host)
    return new Promise((grant) => {
      this.#waiting.push({ hosts, grant })
      this.#serve()
    })
  }

  limitOf({ address }: CassandraHost): RequestLimit {
    let limit = this.#limits.get(address)
    if (limit === undefined) {
      limit = new RequestLimit({ max: this.#max })
      this.#limits.set(address, limit)
    }
    return limit
  }

  #tryTake(hosts: readonly CassandraHost[]): Permit | undefined {
    let best: { readonly host: CassandraHost; readonly limit: RequestLimit } | undefined
    let most = Number.POSITIVE_INFINITY
    for (const host of hosts) {
      const limit = this.limitOf(host)
      const load = limit.inFlight / limit.limit
      if (limit.isFree && load < most) {
        best = { host, limit }
        most = load
      }
    }
    return best === undefined ? undefined : this.#permit(best.host, best.limit)
  }

  #permit(host: CassandraHost, limit: RequestLimit): Permit {
    const startMs = this.#clock.nowMs()
    limit.take()
    return {
      host,
      end: (how) => {
        // A clock that was put back has measured nothing.
        const latencyMs = Math.max(0, this.#clock.nowMs() - startMs)
        limit.give(how === 'unsent' ? undefined : latencyMs, how === 'strained')
        this.#serve()
      },
    }
  }

  /** Usually one permit has come back, and the first in the line takes it. */
  #serve(): void {
    for (let index = 0; index < this.#waiting.length && this.#hasRoom(); ) {
      const { hosts, grant } = this.#waiting[index]!
      const permit = this.#tryTake(hosts)
      if (permit === undefined) index += 1
      else {
        this.#waiting.splice(index, 1)
        grant(permit)
      }
    }
  }

  #hasRoom(): boolean {
    for (const limit of this.#limits.values()) if (limit.isFree) return true
    return false
  }
}
