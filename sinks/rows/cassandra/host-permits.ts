/**
 * Who may send to which host: a permit for each request, as many per host as its `RequestLimit` says.
 *
 * A request takes the replica with the most room, so a slow host gets fewer and the others keep their pace (P18). Waiting
 * is first come, first served, but nobody waits behind a request that can only go to a host that is full, nor for long
 * behind a few that hang.
 */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { PoolUsage } from '../../../topology/model/ports/dependency.ts'
import { RoundTrips } from '../../../topology/model/round-trips.ts'
import type { CassandraHost } from './cassandra-client.ts'
import { RequestLimit } from './request-limit.ts'

/** How a request ended: `unsent` says nothing about its host. */
export type RequestEnd = 'answered' | 'strained' | 'unsent'

export interface Permit {
  readonly host: CassandraHost
  /** Gives the permit back, once. */
  end(how: RequestEnd): void
}

/** A permit that was granted. */
interface Granted {
  readonly limit: RequestLimit
  readonly startMs: number
}

// A request hangs when it takes so many times what an answer without a queue takes, within these bounds.
const hangsAfter = 20
const hangsMinMs = 100
const hangsMaxMs = 2_000

interface Waiting {
  readonly hosts: readonly CassandraHost[]
  readonly grant: (permit: Permit) => void
}

export class HostPermits {
  readonly #clock: Clock
  readonly #max: () => number
  readonly #limits = new Map<string, RequestLimit>()
  readonly #waiting: Waiting[] = []
  readonly #roundTrips: RoundTrips
  /** In the order of their times. */
  readonly #granted = new Set<Granted>()
  #isWatching = false

  constructor(clock: Clock, max: () => number, roundTrips: RoundTrips = new RoundTrips()) {
    this.#clock = clock
    this.#max = max
    this.#roundTrips = roundTrips
  }

  /** Of each host that was asked for something; `what` says what these requests do. */
  usage(what: string): readonly PoolUsage[] {
    return Array.from(this.#limits, ([address, { inFlight, limit }]) => ({
      name: `${address} ${what}`,
      used: inFlight,
      limit,
      waiting: this.#waiting.filter(({ hosts }) => hosts.some((host) => host.address === address)).length,
    }))
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
      if (!this.#isWatching) void this.#watch()
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
    const granted = { limit, startMs }
    this.#granted.add(granted)
    const endTrip = this.#roundTrips.begin(startMs)
    return {
      host,
      end: (how) => {
        endTrip(this.#clock.nowMs(), how !== 'unsent')
        // A clock that was put back has measured nothing.
        const latencyMs = Math.max(0, this.#clock.nowMs() - startMs)
        if (this.#granted.delete(granted)) limit.give(how === 'unsent' ? undefined : latencyMs, how === 'strained')
        else limit.giveLent()
        this.#serve()
      },
    }
  }

  /** While somebody waits: where nothing ends, nobody else would look. */
  async #watch(): Promise<void> {
    this.#isWatching = true
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(hangsMinMs)
      this.#serve()
    }
    this.#isWatching = false
  }

  #lendHanging(): void {
    const nowMs = this.#clock.nowMs()
    for (const granted of this.#granted) {
      const { limit, startMs } = granted
      if (nowMs - startMs < hangsMinMs) break
      const hangsMs = Math.min(hangsMaxMs, Math.max(hangsMinMs, (limit.shortestMs ?? 0) * hangsAfter))
      if (nowMs - startMs >= hangsMs && limit.lend()) this.#granted.delete(granted)
    }
  }

  /** Usually one permit has come back, and the first in the line takes it. */
  #serve(): void {
    if (this.#waiting.length > 0) this.#lendHanging()
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
