/**
 * Rows on three replicas with the rules of a quorum store: every cell has its own stamp, the larger stamp wins, at the
 * same stamp one of the values, the same for whatever order. There is no read repair, so what a failed write left on one
 * replica stays there.
 *
 * A write reaches each replica at once, late (when the test calls `deliver`) or never, row by row. It is repeated until
 * two replicas have answered for every row, else it fails with class `retry`, and its parts may still arrive. A read
 * asks two replicas chosen by chance, and so does each page of a scan. This is the store against which the protocol's rules for rows are needed (I-1):
 * a row read once may be gone at the next read until a write of it has resolved.
 */

import { cellBytes } from '../../sinks/rows/cassandra/cell-bytes.ts'
import { checkCells, checkStamps, stampAt } from '../../sinks/rows/cells/check-cells.ts'
import { type CheckedRange, checkRange } from '../../sinks/rows/cells/check-table.ts'
import { compareKeys } from '../../sinks/rows/cells/compare-cells.ts'
import { largerCell, storedCell } from '../../sinks/rows/cells/stored-cell.ts'
import { isWithin, keyText } from '../../sinks/rows/memory/row-keys.ts'
import { createTableCatalogue, type TableCatalogue, type TableLayout } from '../../sinks/rows/memory/table-catalogue.ts'
import { errors } from '../model/errors.ts'
import { plantedFaults } from '../model/planted-faults.ts'
import type { Random } from '../model/ports/random.ts'
import type { Row, RowKey, RowStore, TableSpec } from '../model/ports/row-store.ts'
import type { Pause } from './faults/troubles.ts'
import {
  type Fates,
  type Mutation,
  mergedRow,
  mutationOf,
  Network,
  type Placement,
  placementOf,
  Replica,
  type ReplicaRow,
  type ReplicaTable,
  readRow,
  shuffled,
  type TieRule,
} from './replicas.ts'

/** Chances in [0, 1], of one row's write at one replica. May be changed at any time. */
export interface ReplicaChances {
  /** Arrives only with `deliver`; the writer hears nothing. */
  late: number
  /** Never arrives. */
  lost: number
}

export interface ReplicatedRowsOptions {
  readonly random: Random
  /** Default: nothing late, nothing lost. */
  readonly chances?: Partial<ReplicaChances>
  /** Rounds of one write call before it fails with class `retry`. Default 4. */
  readonly attempts?: number
  /** Awaited before each visit to a replica: lets other calls in between. */
  readonly pause?: () => Promise<void>
}

export interface ReplicatedRows extends RowStore {
  readonly chances: ReplicaChances
  /** Late writes that have not arrived. */
  readonly pendingCount: number
  /** Lets `count` late writes arrive (default: all), in an order chosen by chance. */
  deliver(count?: number): void
}

export interface ClusterOptions {
  readonly name: string
  readonly fates: Fates
  readonly tie: TieRule
  readonly attempts: number
  readonly pause: Pause
  /** Rows of one page of a scan, of a small table. */
  readonly pageRows: number
}

const replicaCount = 3
const quorum = 2

/** As embedded stores do. */
export const largerWins: TieRule = (_type, left, right) => largerCell(left, right)

/** As Cassandra does: null wins, else the larger bytes. */
export const nullOrLargerBytesWin: TieRule = (type, left, right) => {
  if (left === null || right === null) return null
  return Buffer.compare(cellBytes(type, left), cellBytes(type, right)) < 0 ? right : left
}

/** Three replicas behind one `RowStore`, whoever decides what becomes of a write. */
export class ClusterRows implements RowStore {
  readonly name: string
  readonly #options: ClusterOptions
  readonly #replicas: readonly Replica[]
  readonly #network: Network
  readonly #catalogue: TableCatalogue = createTableCatalogue()
  /** Every process of a simulated world asks for the same tables. */
  readonly #ensured = new WeakSet<TableSpec>()
  readonly #placements = new WeakMap<TableLayout, Placement>()

  constructor(options: ClusterOptions) {
    this.name = options.name
    this.#options = options
    this.#replicas = Array.from({ length: replicaCount }, () => new Replica(options.tie))
    this.#network = new Network(options.fates)
  }

  get pendingCount(): number {
    return this.#network.pendingCount
  }

  deliver(count: number = Number.POSITIVE_INFINITY): void {
    this.#network.deliver(count)
  }

  async ensureTable(table: TableSpec): Promise<void> {
    if (this.#ensured.has(table)) return
    this.#catalogue.ensure(table)
    this.#ensured.add(table)
  }

  async write(table: TableSpec, rows: readonly Row[], stamps: number | readonly number[]): Promise<void> {
    const placement = this.#placementOf(table, this.#catalogue.require(table))
    checkStamps(table, rows.length, stamps)
    for (const row of rows) checkCells(table, placement.layout.columns, row)
    const mutations = rows.map((row, index) => mutationOf(table, placement, row, stampAt(stamps, index)))
    // A bit for each replica that has answered for the row.
    const heard = new Uint8Array(mutations.length)
    for (let attempt = 0; attempt < this.#options.attempts; attempt += 1) {
      await this.#sendToAll(mutations, heard)
      if (heard.every(isQuorum)) return
    }
    const reason = `fewer than ${quorum} replicas answered in ${this.#options.attempts} rounds`
    throw errors.storeUnavailable({ store: this.name, reason })
  }

  async read(table: TableSpec, keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]> {
    const layout = this.#catalogue.find(table)
    if (layout === undefined) return keys.map(() => undefined)
    const placement = this.#placementOf(table, layout)
    const texts = keys.map((key) => {
      checkCells(table, layout.keyColumns, key)
      return keyText(key.map(storedCell))
    })
    const found = new Array<ReplicaRow | undefined>(texts.length).fill(undefined)
    const asked = plantedFaults.has('read-one') ? 1 : quorum
    for (const replica of shuffled(this.#replicas, this.#options.fates).slice(0, asked)) {
      await this.#options.pause()
      this.#gather(replica, placement, table.name, texts, found)
    }
    return found.map((row) => (row === undefined ? undefined : readRow(row, placement)))
  }

  async *scan(table: TableSpec, range?: Parameters<RowStore['scan']>[1]): AsyncGenerator<readonly Row[]> {
    const checked = checkRange(table, range)
    let after: RowKey | undefined
    do {
      await this.#options.pause()
      const layout = this.#catalogue.find(table)
      if (layout === undefined) return
      const asked = shuffled(this.#replicas, this.#options.fates).slice(0, quorum)
      // A large table has few pages: each looks through all of it.
      const most = Math.max(this.#options.pageRows, asked[0]!.tableOf(table.name).size >> 2)
      const keys = this.#keysBehind(table.name, asked, checked, after).slice(0, most)
      const found = new Array<ReplicaRow | undefined>(keys.length).fill(undefined)
      const placement = this.#placementOf(table, layout)
      const texts = keys.map(keyText)
      for (const replica of asked) this.#gather(replica, placement, table.name, texts, found)
      if (keys.length > 0) yield found.map((row) => readRow(row!, placement))
      after = keys.length === most ? keys.at(-1) : undefined
    } while (after !== undefined)
  }

  async close(): Promise<void> {}

  async #sendToAll(mutations: readonly Mutation[], heard: Uint8Array): Promise<void> {
    for (const replica of shuffled(this.#replicas, this.#options.fates)) {
      await this.#options.pause()
      const bit = 1 << this.#replicas.indexOf(replica)
      for (let index = 0; index < mutations.length; index++) {
        if ((heard[index]! & bit) !== 0) continue
        if (this.#network.send(replica, mutations[index]!)) heard[index]! |= bit
      }
    }
  }

  /** Merges what the replica has into what others have answered. */
  #gather(
    replica: Replica,
    { types }: Placement,
    table: string,
    texts: readonly string[],
    found: (ReplicaRow | undefined)[],
  ): void {
    const stored = replica.tableOf(table)
    for (let index = 0; index < texts.length; index++) {
      const row = stored.get(texts[index]!)
      if (row === undefined) continue
      const other = found[index]
      found[index] = other === undefined ? row : mergedRow(other, row, types, this.#options.tie)
    }
  }

  /** Keys of this page and all behind it, known to one of the two replicas or to both. */
  #keysBehind(table: string, asked: readonly Replica[], range: CheckedRange, after: RowKey | undefined): RowKey[] {
    const found: RowKey[] = []
    let first: ReplicaTable | undefined
    for (const replica of asked) {
      const rows = replica.tableOf(table)
      for (const [text, { key }] of rows) {
        if (first?.has(text) === true || !isWithin(key, range)) continue
        if (after === undefined || compareKeys(key, after) > 0) found.push(key)
      }
      first ??= rows
    }
    return found.sort(compareKeys)
  }

  #placementOf(table: TableSpec, layout: TableLayout): Placement {
    const known = this.#placements.get(layout)
    if (known !== undefined) return known
    const placement = placementOf(table, layout)
    this.#placements.set(layout, placement)
    return placement
  }
}

/** Two of three bits, or all. */
const isQuorum = (heard: number): boolean => heard === 3 || heard >= 5

class ChancyRows extends ClusterRows implements ReplicatedRows {
  readonly chances: ReplicaChances

  constructor({ random, attempts = 4, pause = () => Promise.resolve(), ...options }: ReplicatedRowsOptions) {
    const chances: ReplicaChances = { late: 0, lost: 0, ...options.chances }
    const next: Fates['next'] = () => {
      const draw = random.next()
      if (draw >= chances.late + chances.lost) return 'arrives'
      return draw < chances.late ? 'late' : 'lost'
    }
    const below = (bound: number): number => Math.floor(random.next() * bound)
    super({ name: 'replicated:rows', fates: { next, below }, tie: largerWins, attempts, pause, pageRows: 1_000 })
    this.chances = chances
  }
}

/** Three replicas behind one `RowStore`. Same `random`, same calls, same `pause`: same history. */
export const createReplicatedRows = (options: ReplicatedRowsOptions): ReplicatedRows => new ChancyRows(options)
