/**
 * One replica of rows and the way to it: cells with stamps, writes that arrive at once, late or never.
 *
 * A replica knows no quorum and repairs nothing; a late write is applied under the same rule of stamps whenever it
 * arrives, so the order of arrival never matters for what a replica holds in the end.
 */
import { largerCell, storedCell } from '../../sinks/rows/cells/stored-cell.ts'
import { keyText } from '../../sinks/rows/memory/row-keys.ts'
import type { TableLayout } from '../../sinks/rows/memory/table-catalogue.ts'
import type { Random } from '../model/ports/random.ts'
import type { Cell, Row, RowKey } from '../model/ports/row-store.ts'

/** Chances in [0, 1], of one row's write at one replica. May be changed at any time. */
export interface ReplicaChances {
  /** Arrives only with `deliver`; the writer hears nothing. */
  late: number
  /** Never arrives. */
  lost: number
}

interface StampedCell {
  readonly stamp: number
  readonly cell: Cell
}

export interface ReplicaRow {
  readonly key: RowKey
  readonly cells: (StampedCell | undefined)[]
}

/** Rows of one table on one replica. */
export type ReplicaTable = Map<string, ReplicaRow>

/** One row's write on its way. */
export interface Mutation {
  readonly table: string
  readonly layout: TableLayout
  readonly key: RowKey
  readonly cells: readonly Cell[]
  readonly stamp: number
}

// A test that never delivers must not grow without end; what exceeds this is lost, as in life.
const pendingMax = 65_536

const winner = (left: StampedCell | undefined, right: StampedCell): StampedCell => {
  if (left === undefined || right.stamp > left.stamp) return right
  if (right.stamp < left.stamp) return left
  return { stamp: left.stamp, cell: largerCell(left.cell, right.cell) }
}

/** The tables of one replica. */
export class Replica {
  readonly #tables = new Map<string, ReplicaTable>()

  tableOf(name: string): ReplicaTable {
    const table = this.#tables.get(name) ?? new Map<string, ReplicaRow>()
    this.#tables.set(name, table)
    return table
  }

  apply({ table, layout, key, cells, stamp }: Mutation): void {
    const rows = this.tableOf(table)
    const text = keyText(key)
    const row = rows.get(text) ?? { key, cells: [] }
    rows.set(text, row)
    cells.forEach((cell, index) => {
      const place = layout.places[index]!
      row.cells[place] = winner(row.cells[place], { stamp, cell })
    })
  }
}

/** The answers of some replicas to one read, put together cell by cell; `undefined` when none has the row. */
export const mergeRows = (found: readonly ReplicaRow[], layout: TableLayout): Row | undefined => {
  if (found.length === 0) return undefined
  return layout.places.map((place) => {
    let best: StampedCell | undefined
    for (const row of found) {
      const cell = row.cells[place]
      if (cell !== undefined) best = winner(best, cell)
    }
    return storedCell(best?.cell ?? null)
  })
}

/** The items in an order chosen by chance. */
export const shuffled = <Item>(items: readonly Item[], random: Random): Item[] => {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1))
    const item = result[last]!
    result[last] = result[other]!
    result[other] = item
  }
  return result
}

/** Carries writes to replicas and keeps those that are late. */
export class Network {
  readonly chances: ReplicaChances
  readonly #random: Random
  readonly #pending: { readonly replica: Replica; readonly mutation: Mutation }[] = []

  constructor(random: Random, chances: Partial<ReplicaChances>) {
    this.#random = random
    this.chances = { late: 0, lost: 0, ...chances }
  }

  get pendingCount(): number {
    return this.#pending.length
  }

  /** Whether the replica has taken the write and said so. */
  send(replica: Replica, mutation: Mutation): boolean {
    const draw = this.#random.next()
    if (draw >= this.chances.late + this.chances.lost) {
      replica.apply(mutation)
      return true
    }
    if (draw < this.chances.late && this.#pending.length < pendingMax) this.#pending.push({ replica, mutation })
    return false
  }

  deliver(count: number): void {
    for (let left = Math.min(count, this.#pending.length); left > 0; left -= 1) {
      const index = Math.floor(this.#random.next() * this.#pending.length)
      const [arrived] = this.#pending.splice(index, 1)
      arrived?.replica.apply(arrived.mutation)
    }
  }
}
