/**
 * The ledger documents of a drill as any Cassandra client reads them, again and again while it runs: which kinds of lanes
 * there were, and at the end that none of them is left and every sink is tiled (I-5).
 *
 * A server that is away is asked again later: what a look has missed stays unseen, so nothing is seen that was not there.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'cassandra-driver'
import type { LaneState, LedgerDocument } from '../../topology/model/ledger-document.ts'
import { checkTiling } from '../../topology/testing/simulation/invariants/check-tiling.ts'
import { Violation } from '../../topology/testing/simulation/violation.ts'
import type { TopicEnd } from './read-served-log.ts'

const lookEveryMs = 200

export class LedgerWatch {
  readonly #client: Pick<Client, 'execute'>
  readonly #keyspace: string
  readonly #over = new AbortController()
  readonly #watching: Promise<void>
  /** Lanes by what they are, since `forget`. */
  #seen = new Map<string, Set<string>>()
  #docs: ReadonlyMap<number, LedgerDocument> = new Map()
  #problems = new Set<string>()

  constructor(client: Pick<Client, 'execute'>, keyspace: string) {
    this.#client = client
    this.#keyspace = keyspace
    this.#watching = this.#watch()
  }

  /** `backlog`, `replay`, `tenant loud`: how many lanes of the kind there were since `forget`. */
  count(kind: string): number {
    return this.#seen.get(kind)?.size ?? 0
  }

  /** `backlog 12, tenant loud 4` */
  get text(): string {
    const counts = [...this.#seen].map(([kind, lanes]) => `${kind} ${lanes.size}`).sort()
    return counts.length === 0 ? 'none' : counts.join(', ')
  }

  get docs(): ReadonlyMap<number, LedgerDocument> {
    return this.#docs
  }

  /** Documents that were not tiled, at any look. */
  get problems(): readonly string[] {
    return [...this.#problems]
  }

  /** Counts anew from what is there by the next look. */
  forget(): void {
    this.#seen = new Map()
  }

  /** Resolves with true when it holds, asked after each look; with false after a bound. */
  async until(holds: () => boolean, boundMs: number): Promise<boolean> {
    const endMs = Date.now() + boundMs
    while (!holds()) {
      if (Date.now() > endMs) return false
      await pause(lookEveryMs)
    }
    return true
  }

  /** What is left to do: every sink has read everything in one lane, and a replay has none any more. */
  behind(ends: readonly TopicEnd[]): readonly string[] {
    return ends.flatMap(({ partition, end }) => {
      const doc = this.#docs.get(partition)
      if (doc === undefined) return [`no document of ${partition}`]
      const open = Object.entries(doc.lanes).filter(([, lane]) => !isDone(doc, lane, end))
      return open.map(([id, lane]) => `${lane.sink}/${partition} ${textOf(id, lane)} of ${end}`)
    })
  }

  async end(): Promise<void> {
    this.#over.abort()
    await this.#watching
  }

  async #watch(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#look().catch(() => undefined)
      await pause(lookEveryMs)
    }
  }

  async #look(): Promise<void> {
    const { rows } = await this.#client.execute(
      `SELECT topology, log_partition, doc FROM ${this.#keyspace}.spillway_ledger`,
    )
    const docs = new Map<number, LedgerDocument>()
    for (const row of rows)
      if (row['topology'] === 'drill') docs.set(Number(String(row['log_partition'])), JSON.parse(row['doc']))
    this.#docs = docs
    for (const [partition, doc] of docs) this.#note(partition, doc)
  }

  #note(partition: number, doc: LedgerDocument): void {
    for (const [id, lane] of Object.entries(doc.lanes)) {
      const kind = kindOf(doc, lane)
      if (kind === 'live') continue
      const lanes = this.#seen.get(kind) ?? new Set()
      this.#seen.set(kind, lanes.add(`${partition}/${id}`))
    }
    try {
      checkTiling(doc)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.#problems.add(`partition ${partition}: ${error.message}`)
    }
  }
}

const kindOf = (doc: LedgerDocument, lane: LaneState): string => {
  if (doc.sinks[lane.sink]?.replay !== undefined) return 'replay'
  if (lane.tenants.kind === 'only') return `tenant ${lane.tenants.names.join()}`
  return lane.to === null ? 'live' : 'backlog'
}

const isDone = (doc: LedgerDocument, lane: LaneState, end: number): boolean =>
  kindOf(doc, lane) === 'live' && lane.tenants.kind === 'all' && lane.declared === null && lane.at >= end

const textOf = (id: string, { from, to, at, declared, tenants, slot }: LaneState): string => {
  const whose = tenants.kind === 'all' ? '' : ` ${tenants.kind} ${tenants.names.join()}`
  const under = declared === null ? '' : `, declared to ${declared}`
  return `lane ${id} [${from}, ${to ?? 'open'})${whose} in slot ${slot} at ${at}${under}`
}
