/** Clauses about rows that no caller may write: the whole call is refused, nothing of it is kept. */
import assert from 'node:assert/strict'
import type { Cell, Row, RowStore } from '../../../model/ports/row-store.ts'
import { allTypes, type RowStoreCheck, refuses, scanAll, shelf } from './fixtures.ts'

const good: Row = ['a', 1, 'x', 1, 1, true, new Uint8Array(1)]
const withCell = (index: number, cell: Cell): Row => good.map((other, at) => (at === index ? cell : other))

const badRows: readonly Row[] = [
  withCell(4, Number.NaN),
  withCell(3, 1.5),
  withCell(3, 2 ** 53),
  withCell(3, '1'),
  withCell(2, 1),
  withCell(5, 1),
  withCell(6, 'x'),
  withCell(0, null),
  withCell(1, null),
  good.slice(0, 6),
  [...good, 'more'],
]

const refuseBadRows = async (store: RowStore): Promise<void> => {
  await store.ensureTable(allTypes)
  for (const bad of badRows) {
    await refuses(() => store.write(allTypes, [['kept', 1, ...good.slice(2)], bad], 1), 'rowsShape', 'stop')
  }
  assert.deepEqual(await scanAll(store, allTypes), [])
}

const refuseBadStamps = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  const rows: Row[] = [
    ['a', 1, 1, 'l', 'x'],
    ['a', 1, 2, 'l', 'x'],
  ]
  for (const stamps of [[1], [1, 2, 3], [1, 0.5], 2 ** 53, Number.NaN]) {
    await refuses(() => store.write(shelf, rows, stamps), 'rowsShape', 'stop')
  }
  assert.deepEqual(await scanAll(store, shelf), [])
}

const refuseMissingTable = async (store: RowStore): Promise<void> => {
  await refuses(() => store.write(shelf, [['a', 1, 1, 'l', 'x']], 1), 'rowsShape', 'stop')
  await store.ensureTable(shelf)
  await store.write(shelf, [['a', 1, 1, 'l', 'x']], 1)
  assert.equal((await scanAll(store, shelf)).length, 1)
}

const refuseUnusableTables = async (store: RowStore): Promise<void> => {
  for (const name of ['', 'a\u0000b', '\ud800']) {
    await refuses(() => store.ensureTable({ ...shelf, name }), 'rowsShape', 'stop')
    await refuses(() => store.ensureTable({ ...shelf, columns: [{ name, type: 'text' }] }), 'rowsShape', 'stop')
  }
  const twice = { ...shelf, columns: [...shelf.columns, ...shelf.columns] }
  await refuses(() => store.ensureTable(twice), 'rowsShape', 'stop')
  await refuses(() => store.ensureTable({ ...shelf, partition: [], cluster: [] }), 'rowsShape', 'stop')
}

const refuseBoundsAlone = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  for (const range of [{ from: 1 }, { partition: ['a'], to: 1 }, { partition: ['a', 'not a number'] }]) {
    await refuses(() => scanAll(store, shelf, range), 'rowsShape', 'stop')
  }
}

export const refusalClauses: readonly RowStoreCheck[] = [
  ['refuses a row with a cell that does not fit, and all of its call', refuseBadRows],
  ['refuses stamps that are no safe integers or not one per row', refuseBadStamps],
  ['refuses to write to a table that nobody has created', refuseMissingTable],
  ['refuses tables without a key or with unusable names', refuseUnusableTables],
  ['refuses bounds without the whole partition', refuseBoundsAlone],
]
