/**
 * Three replicas whose every write goes where the test says: the store of the directed counterexamples.
 *
 * Cells keep the larger stamp, at equal stamps the larger value; a read asks the two replicas that the test names.
 */

import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { errors } from '../../../topology/model/errors.ts'
import type { Cell, Row, RowKey, RowStore, ScanRange, TableSpec } from '../../../topology/model/ports/row-store.ts'

interface Stored {
  readonly cell: Cell
  readonly stamp: number
}

/** What happens to one write call: which replicas get how many of its rows, and whether the caller hears of success. */
export interface WriteFate {
  readonly reaches: readonly number[]
  readonly fails?: boolean
}

const everywhere: WriteFate = { reaches: [0, 1, 2] }

export class DirectedRows implements RowStore {
  readonly name = 'directed'
  /** Fates of the next write calls; then every write reaches all. */
  fates: WriteFate[] = []
  readsFrom: readonly number[] = [0, 1]
  reads = 0
  readonly writes: { readonly table: string; readonly rows: readonly Row[]; readonly stamps: readonly number[] }[] = []
  readonly #replicas = [0, 1, 2].map(() => new Map<string, { key: RowKey; cells: Map<string, Stored> }>())

  #held: { readonly begin: () => void; readonly ended: Promise<void> } | undefined

  /** The caller of the next read freezes with what it has read, until it is released. */
  holdNextRead(): { readonly isHeld: Promise<void>; release(): void } {
    const begun = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    this.#held = { begin: begun.resolve, ended: ended.promise }
    return { isHeld: begun.promise, release: ended.resolve }
  }

  async ensureTable(): Promise<void> {}
  async close(): Promise<void> {}

  async write(table: TableSpec, rows: readonly Row[], stamps: number | readonly number[]): Promise<void> {
    const each = rows.map((_, index) => (typeof stamps === 'number' ? stamps : stamps[index]!))
    // Names go before the first row of a partition and never change: no counterexample is about them.
    const isName = table.name === catalogueOfPartitions.name
    const fate = (isName ? undefined : this.fates.shift()) ?? everywhere
    if (!isName) this.writes.push({ table: table.name, rows, stamps: each })
    for (const replica of fate.reaches) {
      for (const [index, row] of rows.entries()) this.#apply(replica, table, row, each[index]!)
    }
    if (fate.fails) throw errors.storeUnavailable({ store: this.name, reason: 'planned' })
  }

  async read(table: TableSpec, keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]> {
    this.reads += keys.length
    const rows = keys.map((key) => this.rowOn(this.readsFrom, table, key))
    const held = this.#held
    this.#held = undefined
    held?.begin()
    await held?.ended
    return rows
  }

  async *scan(table: TableSpec, range?: ScanRange): AsyncIterable<readonly Row[]> {
    const ids = new Set(this.readsFrom.flatMap((replica) => [...this.#replicas[replica]!.keys()]))
    const rows: Row[] = []
    for (const id of [...ids].sort()) {
      const [name, ...key] = parsed(id)
      const isIn = range?.partition?.every((cell, index) => key[index] === cell) ?? true
      const row = name === table.name && isIn ? this.rowOn(this.readsFrom, table, key) : undefined
      const first = key[table.partition.length] ?? null
      const isAbove = range?.from === undefined || (first ?? 0) >= (range.from ?? 0)
      if (row !== undefined && isAbove && (range?.to === undefined || (first ?? 0) < (range.to ?? 0))) rows.push(row)
    }
    for (let from = 0; from < rows.length; from += 2) yield rows.slice(from, from + 2)
  }

  /** A row as a reader of these replicas sees it. */
  rowOn(replicas: readonly number[], table: TableSpec, key: RowKey): Row | undefined {
    const cells: Cell[] = []
    let isThere = false
    for (const { name } of table.columns) {
      let best: Stored | undefined
      for (const replica of replicas) {
        const stored = this.#replicas[replica]!.get(idOf(table, key))?.cells.get(name)
        if (stored !== undefined && (best === undefined || wins(stored, best))) best = stored
      }
      isThere ||= best !== undefined
      cells.push(best?.cell ?? null)
    }
    return isThere ? [...key, ...cells] : undefined
  }

  #apply(replica: number, table: TableSpec, row: Row, stamp: number): void {
    const keyCells = table.partition.length + table.cluster.length
    const key = row.slice(0, keyCells)
    const id = idOf(table, key)
    const stored = this.#replicas[replica]!.get(id) ?? { key, cells: new Map<string, Stored>() }
    this.#replicas[replica]!.set(id, stored)
    for (const [index, { name }] of table.columns.entries()) {
      const next = { cell: row[keyCells + index]!, stamp }
      const before = stored.cells.get(name)
      if (before === undefined || wins(next, before)) stored.cells.set(name, next)
    }
  }
}

const wins = (next: Stored, before: Stored): boolean =>
  next.stamp > before.stamp || (next.stamp === before.stamp && isLarger(next.cell, before.cell))

const isLarger = (left: Cell, right: Cell): boolean =>
  right === null || (left !== null && (typeof left === typeof right ? left > right : String(left) > String(right)))

const idOf = (table: TableSpec, key: RowKey): string => JSON.stringify([table.name, ...key])
const parsed = (id: string): Cell[] => JSON.parse(id)
