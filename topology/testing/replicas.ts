/**
 * One replica of rows and the way to it: cells with stamps, writes that arrive at once, late or never.
 *
 * A replica knows no quorum and repairs nothing; a late write is applied under the same rule of stamps whenever it
 * arrives, so the order of arrival never matters for what a replica holds in the end. Rows are never changed in place:
 * a write, its late copies and the replicas that took it whole share one.
 */

import { storedCell } from '../../sinks/rows/cells/stored-cell.ts'
import { keyText } from '../../sinks/rows/memory/row-keys.ts'
import type { TableLayout } from '../../sinks/rows/memory/table-catalogue.ts'
import type { Cell, ColumnSpec, Row, RowKey, TableSpec } from '../model/ports/row-store.ts'

export interface ReplicaRow {
  readonly key: RowKey
  /** In the order of the stored table; `undefined` where nothing was ever written. */
  readonly cells: readonly (Cell | undefined)[]
  /** Of all cells, or of each. */
  readonly stamps: number | readonly number[]
}

/** Which of two different cells with one stamp wins. */
export type TieRule = (type: ColumnSpec['type'], left: Cell, right: Cell) => Cell

/** Rows of one table on one replica. */
export type ReplicaTable = Map<string, ReplicaRow>

/** How one declaration of a table lies in the stored rows. */
export interface Placement {
  readonly layout: TableLayout
  /** Type of each stored cell that the declaration names. */
  readonly types: readonly (ColumnSpec['type'] | undefined)[]
  /** Whether cells lie as they are declared. */
  readonly isStraight: boolean
  readonly keyLength: number
  /** Whether a null is left out. */
  readonly keepsOverNull: boolean
}

export const placementOf = (table: TableSpec, layout: TableLayout): Placement => {
  const types = new Array<ColumnSpec['type'] | undefined>(Math.max(-1, ...layout.places) + 1).fill(undefined)
  layout.places.forEach((place, index) => {
    if (place >= 0) types[place] = layout.columns[index]!.type
  })
  const isStraight = layout.places.every((place, index) => place === index)
  return { layout, types, isStraight, keyLength: layout.keyColumns.length, keepsOverNull: table.nulls === 'keep' }
}

/** One row's write on its way. */
export interface Mutation {
  readonly table: string
  readonly placement: Placement
  /** The key, as `keyText` gives it. */
  readonly text: string
  readonly row: ReplicaRow
}

export const mutationOf = (table: TableSpec, placement: Placement, row: Row, stamp: number): Mutation => {
  const { layout, types, isStraight, keyLength, keepsOverNull } = placement
  const own = row.map(storedCell)
  const key = own.slice(0, keyLength)
  const placed = isStraight ? own : placedCells(own, layout, types.length)
  const cells = keepsOverNull ? placed.map((cell) => (cell === null ? undefined : cell)) : placed
  return { table: table.name, placement, text: keyText(key), row: { key, cells, stamps: stamp } }
}

const placedCells = (row: Row, { places }: TableLayout, width: number): (Cell | undefined)[] => {
  const cells = new Array<Cell | undefined>(width).fill(undefined)
  row.forEach((cell, index) => {
    cells[places[index]!] = cell
  })
  return cells
}

const stampOf = (row: ReplicaRow, place: number): number =>
  typeof row.stamps === 'number' ? row.stamps : (row.stamps[place] ?? Number.NEGATIVE_INFINITY)

const isEqual = (left: Cell, right: Cell): boolean =>
  left === right || (left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0)

/** What is left of two rows with the same key, cell by cell; one of the two where that says it all. */
export const mergedRow = (left: ReplicaRow, right: ReplicaRow, types: Placement['types'], tie: TieRule): ReplicaRow => {
  if (left === right) return left
  if (isAhead(left, right)) return left
  if (isAhead(right, left)) return right
  const width = Math.max(left.cells.length, right.cells.length)
  const cells = new Array<Cell | undefined>(width)
  const stamps = new Array<number>(width)
  for (let place = 0; place < width; place++) {
    const [one, other] = [left.cells[place], right.cells[place]]
    const [oneStamp, otherStamp] = [stampOf(left, place), stampOf(right, place)]
    const type = types[place]
    const isTie = one !== undefined && other !== undefined && oneStamp === otherStamp
    if (isTie) cells[place] = type === undefined || isEqual(one, other) ? one : tie(type, one, other)
    else cells[place] = one === undefined || (other !== undefined && otherStamp > oneStamp) ? other : one
    stamps[place] = one === undefined ? otherStamp : other === undefined ? oneStamp : Math.max(oneStamp, otherStamp)
  }
  return { key: left.key, cells, stamps }
}

/** A whole row whose stamp is larger than that of every cell of the other. */
const isAhead = (row: ReplicaRow, other: ReplicaRow): boolean =>
  typeof row.stamps === 'number' &&
  typeof other.stamps === 'number' &&
  row.stamps > other.stamps &&
  row.cells.length >= other.cells.length &&
  !row.cells.includes(undefined)

/** As its reader declares it. */
export const readRow = (row: ReplicaRow, { layout }: Placement): Row =>
  layout.places.map((place) => storedCell(row.cells[place] ?? null))

/** The tables of one replica. */
export class Replica {
  readonly #tie: TieRule
  readonly #tables = new Map<string, ReplicaTable>()

  constructor(tie: TieRule) {
    this.#tie = tie
  }

  tableOf(name: string): ReplicaTable {
    let table = this.#tables.get(name)
    if (table === undefined) {
      table = new Map()
      this.#tables.set(name, table)
    }
    return table
  }

  apply({ table, placement, text, row }: Mutation): void {
    const rows = this.tableOf(table)
    const stored = rows.get(text)
    rows.set(text, stored === undefined ? row : mergedRow(stored, row, placement.types, this.#tie))
  }
}

/** What becomes of one row's write at one replica. `late`: it arrives with `deliver`; the writer hears nothing. */
export type Fate = 'arrives' | 'late' | 'lost'

/** Decides it; in tests by chances, in the simulated world by dice. */
export interface Fates {
  /** Of the next write. */
  next(table: string): Fate
  /** A whole number in `[0, bound)`. */
  below(bound: number): number
}

/** The items in an order chosen by chance. */
export const shuffled = <Item>(items: readonly Item[], fates: Pick<Fates, 'below'>): Item[] => {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = fates.below(last + 1)
    const item = result[last]!
    result[last] = result[other]!
    result[other] = item
  }
  return result
}

// A test that never delivers must not grow without end; what exceeds this is lost, as in life.
const pendingMax = 65_536

/** Carries writes to replicas and keeps those that are late. */
export class Network {
  readonly #fates: Fates
  readonly #pending: { readonly replica: Replica; readonly mutation: Mutation }[] = []

  constructor(fates: Fates) {
    this.#fates = fates
  }

  get pendingCount(): number {
    return this.#pending.length
  }

  /** Whether the replica has taken the write and said so. */
  send(replica: Replica, mutation: Mutation): boolean {
    const fate = this.#fates.next(mutation.table)
    if (fate === 'arrives') replica.apply(mutation)
    else if (fate === 'late' && this.#pending.length < pendingMax) this.#pending.push({ replica, mutation })
    return fate === 'arrives'
  }

  deliver(count: number): void {
    for (let left = Math.min(count, this.#pending.length); left > 0; left -= 1) {
      const [arrived] = this.#pending.splice(this.#fates.below(this.#pending.length), 1)
      arrived?.replica.apply(arrived.mutation)
    }
  }
}
