/**
 * Which events with a token were accepted, per partition: rows of one table, written before anything that rests on them.
 *
 * A row is a fact about the log: whoever writes it, and whenever, writes the same one. So it needs no condition and no
 * order, and no two owners, lanes or sinks can disagree (I-1, I-4); it is never changed or removed, so a decision stays
 * what it was when a delete, a recovery or a new sink asks again (I-3). One row per token that holds a list would be
 * lighter to read, but two owners that stand at different places would write different lists, and the last to write
 * would take away what the other still needs. One row per event, found by a scan of the token, would cost a scan for
 * each token that is new, which is nearly every one. Numbered intervals of append time make exact keys instead, so a
 * batch is one read. What is kept in memory only spares reads.
 */
import { plantedFaults } from '../../model/planted-faults.ts'
import type { Row, RowKey, RowStore, TableSpec } from '../../model/ports/row-store.ts'
import type { PlannedDedupe } from '../../model/spout-plan.ts'
import { type AcceptedEvent, intervalOf, intervalsAround, type TokenUse, verdictOf } from '../accepted-events.ts'
import type { EngineParts } from './engine-parts.ts'
import { persist } from './persist.ts'

export const acceptedTable: TableSpec = {
  name: 'spillway_tokens',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'spout', type: 'text' },
    { name: 'log_partition', type: 'integer' },
    // A digest of the bolt, project, collection and value.
    { name: 'token', type: 'text' },
  ],
  cluster: [{ name: 'interval', type: 'integer' }],
  columns: [
    { name: 'offset', type: 'integer' },
    { name: 'appended_at', type: 'integer' },
  ],
}

// Keys of one read and rows of one write: some milliseconds of an embedded store.
const chunkMax = 1_000
// About 200 bytes each, in two generations: 2 MB per partition.
const tokensKeptMax = 5_000

type TokenRows = Pick<RowStore, 'read' | 'write'>

/** What of the engine's parts it takes. */
export interface TokenParts extends Pick<EngineParts, 'clock' | 'random' | 'knob' | 'report' | 'waits'> {
  readonly resources: { readonly rows: TokenRows }
}

export interface TokenPlace {
  readonly topology: string
  readonly spout: string
  readonly partition: number
}

export class AcceptedTokens {
  readonly #parts: TokenParts
  readonly #place: TokenPlace
  readonly #signal: AbortSignal
  /** By token. What is used moves to the fresh generation; when that one is full, the other is forgotten. */
  #fresh = new Map<string, readonly AcceptedEvent[]>()
  #stale = new Map<string, readonly AcceptedEvent[]>()

  constructor(parts: TokenParts, place: TokenPlace, signal: AbortSignal) {
    this.#parts = parts
    this.#place = place
    this.#signal = signal
  }

  /** Indices of the duplicates among events in log order, ascending. What is newly accepted is durable when it resolves. */
  async duplicatesIn({ windowMs }: PlannedDedupe, uses: readonly TokenUse[]): Promise<readonly number[]> {
    const known = await this.#lookUp(uses, windowMs)
    const duplicates: number[] = []
    const fresh: TokenUse[] = []
    for (const use of uses) {
      const accepted = known.get(use.token) ?? []
      const verdict = verdictOf(use, accepted, windowMs)
      if (verdict === 'duplicate') duplicates.push(use.index)
      if (verdict !== 'unknown') continue
      fresh.push(use)
      known.set(use.token, [...accepted, { offset: use.offset, appendTimeMs: use.appendTimeMs }])
    }
    if (!plantedFaults.has('token-in-memory')) await this.#keep(fresh, windowMs)
    for (const [token, accepted] of known) this.#remember(token, accepted)
    return duplicates
  }

  /** What was accepted near the events, by token: from memory where that says enough, else from the store. */
  async #lookUp(uses: readonly TokenUse[], windowMs: number): Promise<Map<string, readonly AcceptedEvent[]>> {
    const known = new Map<string, readonly AcceptedEvent[]>()
    const wanted = new Map<string, RowKey>()
    for (const use of uses) {
      const { token, appendTimeMs } = use
      const remembered = known.get(token) ?? this.#recall(token)
      known.set(token, remembered)
      if (verdictOf(use, remembered, windowMs) !== 'unknown') continue
      for (const interval of intervalsAround(appendTimeMs, windowMs))
        wanted.set(`${interval} ${token}`, this.#keyOf(token, interval))
    }
    const keys = [...wanted.values()]
    for (let at = 0; at < keys.length; at += chunkMax) {
      const found = await this.#store((rows) => rows.read(acceptedTable, keys.slice(at, at + chunkMax)))
      for (const row of found) if (row !== undefined) addRow(known, row)
    }
    return known
  }

  async #keep(fresh: readonly TokenUse[], windowMs: number): Promise<void> {
    for (let at = 0; at < fresh.length; at += chunkMax) {
      const chunk = fresh.slice(at, at + chunkMax)
      const rows = chunk.map(({ token, offset, appendTimeMs }) => [
        ...this.#keyOf(token, intervalOf(appendTimeMs, windowMs)),
        offset,
        appendTimeMs,
      ])
      const stamps = chunk.map(({ appendTimeMs }) => Math.max(1, Math.min(stampMax, appendTimeMs * 1_000)))
      await this.#store((store) => store.write(acceptedTable, rows, stamps))
    }
  }

  #keyOf(token: string, interval: number): RowKey {
    const { topology, spout, partition } = this.#place
    return [topology, spout, partition, token, interval]
  }

  #store<Result>(call: (rows: TokenRows) => Promise<Result>): Promise<Result> {
    return persist(this.#parts, 'rows', this.#signal, () => call(this.#parts.resources.rows))
  }

  #recall(token: string): readonly AcceptedEvent[] {
    return this.#fresh.get(token) ?? this.#stale.get(token) ?? []
  }

  #remember(token: string, accepted: readonly AcceptedEvent[]): void {
    if (accepted.length === 0) return
    if (this.#fresh.size >= tokensKeptMax) {
      this.#stale = this.#fresh
      this.#fresh = new Map()
    }
    this.#fresh.set(token, accepted.slice(-acceptedKeptMax))
  }
}

// Of a token that comes back after each window, the last few.
const acceptedKeptMax = 4
// Microseconds, as stores expect them, as far as a safe integer holds them.
const stampMax = Number.MAX_SAFE_INTEGER

const addRow = (known: Map<string, readonly AcceptedEvent[]>, row: Row): void => {
  const [token, , offset, appendTimeMs] = row.slice(3)
  const accepted = known.get(String(token)) ?? []
  const found = { offset: Number(offset), appendTimeMs: Number(appendTimeMs) }
  if (accepted.every((one) => one.offset !== found.offset)) known.set(String(token), [...accepted, found])
}
