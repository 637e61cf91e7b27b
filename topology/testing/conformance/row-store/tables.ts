/** Clauses about tables, names and the passage of values in and out. */
import assert from 'node:assert/strict'
import type { Row, RowStore, TableSpec } from '../../../model/ports/row-store.ts'
import { allTypes, type RowStoreCheck, readOne, refuses, scanAll, shelf } from './fixtures.ts'

const values: readonly Row[] = [
  ['a', 1, 'naïve 😀 "quoted" \u0000 end', 0, 0.1, true, new Uint8Array([0, 255, 7])],
  ['a', 2, '', Number.MAX_SAFE_INTEGER, -1e300, false, new Uint8Array(0)],
  ['a', -3, 'x'.repeat(100_000), Number.MIN_SAFE_INTEGER, Number.MIN_VALUE, true, new Uint8Array(100_000).fill(9)],
  ['', 0, null, null, null, null, null],
]

const giveValuesBack = async (store: RowStore): Promise<void> => {
  await store.ensureTable(allTypes)
  await store.write(allTypes, values, 1)
  for (const row of values) {
    const found = await readOne(store, allTypes, row.slice(0, 2))
    // Bytes may come back as any kind of Uint8Array.
    const plain = found?.map((cell) => (cell instanceof Uint8Array ? new Uint8Array(cell) : cell))
    assert.deepEqual(plain, row)
  }
}

const keepOrderOfKeys = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  const [first, second]: [Row, Row] = [
    ['a', 1, 1, 'l', 'first'],
    ['a', 1, 2, 'l', 'second'],
  ]
  await store.write(shelf, [first, second], 1)
  const keys = [second.slice(0, 4), ['a', 1, 9, 'l'], first.slice(0, 4), second.slice(0, 4)]
  assert.deepEqual(await store.read(shelf, keys), [second, undefined, first, second])
  assert.deepEqual(await store.read(shelf, []), [])
}

const keepTablesApart = async (store: RowStore): Promise<void> => {
  const other = { ...shelf, name: 'shelf_2' }
  await store.ensureTable(shelf)
  await store.ensureTable(other)
  await store.write(shelf, [['a', 1, 1, 'l', 'here']], 1)
  assert.equal(await readOne(store, other, ['a', 1, 1, 'l']), undefined)
  assert.deepEqual(await scanAll(store, other), [])
}

const addColumns = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  await store.write(shelf, [['a', 1, 1, 'l', 'old']], 1)
  // In front of the others: a store must not go by the place of a column.
  const wider: TableSpec = { ...shelf, columns: [{ name: 'pages', type: 'integer' }, ...shelf.columns] }
  await store.ensureTable(wider)
  await store.ensureTable(wider)
  await store.write(wider, [['a', 1, 2, 'l', 300, 'new']], 1)
  assert.deepEqual(await scanAll(store, wider), [
    ['a', 1, 1, 'l', null, 'old'],
    ['a', 1, 2, 'l', 300, 'new'],
  ])
  assert.deepEqual(await readOne(store, shelf, ['a', 1, 2, 'l']), ['a', 1, 2, 'l', 'new'])
}

const otherKeys: readonly TableSpec[] = [
  { ...shelf, cluster: shelf.cluster.slice(0, 1) },
  { ...shelf, cluster: shelf.cluster.toReversed() },
  { ...shelf, cluster: [{ name: 'place', type: 'text' }, ...shelf.cluster.slice(1)] },
]

const refuseOtherKeys = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  await store.write(shelf, [['a', 1, 1, 'l', 'kept']], 1)
  for (const table of otherKeys) await refuses(() => store.ensureTable(table), 'rowsShape', 'stop')
  assert.deepEqual(await readOne(store, shelf, ['a', 1, 1, 'l']), ['a', 1, 1, 'l', 'kept'])
}

const refuseOtherTypes = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  const table: TableSpec = { ...shelf, columns: [{ name: 'title', type: 'boolean' }] }
  await refuses(() => store.ensureTable(table), 'rowsShape', 'stop')
}

const strangeNames: TableSpec = {
  name: 'select "from" where; --\'',
  partition: [{ name: 'keen.timestamp', type: 'text' }],
  cluster: [{ name: 'order', type: 'text' }],
  columns: [
    { name: 'größe "x" [y] `z`', type: 'double' },
    { name: 'rowid', type: 'integer' },
    { name: '?1 :a', type: 'text' },
  ],
}

const takeStrangeNames = async (store: RowStore): Promise<void> => {
  await store.ensureTable(strangeNames)
  await store.ensureTable(strangeNames)
  const row: Row = ['a', 'b', 1.5, 7, 'c']
  await store.write(strangeNames, [row], 1)
  await store.write(strangeNames, [row], 2)
  assert.deepEqual(await readOne(store, strangeNames, ['a', 'b']), row)
  assert.deepEqual(await scanAll(store, strangeNames, { partition: ['a'], from: 'b', to: 'c' }), [row])
}

const keepLoneKeys = async (store: RowStore): Promise<void> => {
  const table: TableSpec = { name: 'hours', partition: [{ name: 'hour', type: 'integer' }], cluster: [], columns: [] }
  await store.ensureTable(table)
  await store.write(table, [[-5], [7], [7]], [1, 1, 2])
  assert.deepEqual(await store.read(table, [[7], [-5], [6]]), [[7], [-5], undefined])
}

const replaceLoneSurrogates = async (store: RowStore): Promise<void> => {
  await store.ensureTable(shelf)
  await store.write(shelf, [['\ud800', 1, 1, 'l', 'a\udc00']], 1)
  assert.deepEqual(await readOne(store, shelf, ['\ud800', 1, 1, 'l']), ['\ufffd', 1, 1, 'l', 'a\ufffd'])
}

export const tableClauses: readonly RowStoreCheck[] = [
  ['gives back every type of value as it was written', giveValuesBack],
  ['reads in the order of the keys, undefined where there is no row', keepOrderOfKeys],
  ['keeps tables apart', keepTablesApart],
  ['adds missing columns, which are null in older rows', addColumns],
  ['refuses a table whose key has another shape', refuseOtherKeys],
  ['refuses a column of another type', refuseOtherTypes],
  ['takes any text as the name of a table or column', takeStrangeNames],
  ['takes a table that is all key', keepLoneKeys],
  ['keeps a lone surrogate as U+FFFD, in keys too', replaceLoneSurrogates],
]
