/** Clauses about scans: pages, order, ranges, and work beside them. */
import assert from 'node:assert/strict'
import type { Row, RowStore } from '../../../model/ports/row-store.ts'
import { type RowStoreCheck, sameRows, scanAll, shelf } from './fixtures.ts'

const manyRows = 2_500

const fill = async (store: RowStore): Promise<Row[]> => {
  await store.ensureTable(shelf)
  const rows = Array.from(
    { length: manyRows },
    (_, index): Row => ['a', index % 2, index - 1_000, 'l', `book ${index}`],
  )
  // Not in the order of the keys.
  await store.write(
    shelf,
    rows.toSorted((left, right) => String(left[4]).localeCompare(String(right[4]))),
    1,
  )
  return rows
}

const giveEveryRowOnce = async (store: RowStore): Promise<void> => {
  const rows = await fill(store)
  const pages: (readonly Row[])[] = []
  for await (const page of store.scan(shelf)) pages.push(page)
  const titles = new Set(pages.flat().map((row) => row[4]))
  assert.equal(rows.filter((row) => !titles.has(row[4] ?? '')).length, 0)
  assert.equal(pages.flat().length, manyRows)
  assert.ok(
    pages.every((page) => page.length > 0 && page.length <= 10_000),
    'pages are neither empty nor large',
  )
}

const orderWithinPartition = async (store: RowStore): Promise<void> => {
  const rows = await fill(store)
  const odd = rows.filter((row) => row[1] === 1)
  sameRows(await scanAll(store, shelf, { partition: ['a', 1] }), odd)
  const names = { ...shelf, name: 'names', cluster: [{ name: 'name', type: 'text' as const }] }
  await store.ensureTable(names)
  const sorted = ['', 'A', 'B', 'a', 'ab', 'b', '\uffee', '😀'].map((name): Row => ['a', 1, name, null])
  await store.write(names, sorted.toReversed(), 1)
  sameRows(await scanAll(store, names), sorted)
}

const narrowToPartition = async (store: RowStore): Promise<void> => {
  await fill(store)
  const other: Row[] = [
    ['b', 1, 1, 'l', 'other'],
    ['b', 1, 1, 'r', 'other'],
  ]
  await store.write(shelf, other, 1)
  sameRows(await scanAll(store, shelf, { partition: ['b', 1] }), other)
  sameRows(await scanAll(store, shelf, { partition: ['b', 2] }), [])
}

const narrowToBounds = async (store: RowStore): Promise<void> => {
  await fill(store)
  await store.write(shelf, [['a', 0, 100, 'r', 'same place']], 1)
  const places = async (bounds: { from?: number; to?: number }): Promise<unknown[]> =>
    (await scanAll(store, shelf, { partition: ['a', 0], ...bounds })).map((row) => row[2])
  assert.deepEqual(await places({ from: 98, to: 104 }), [98, 100, 100, 102])
  assert.deepEqual(await places({ from: 1_496 }), [1_496, 1_498])
  assert.deepEqual(await places({ to: -996 }), [-1_000, -998])
  assert.deepEqual(await places({ from: 5, to: 5 }), [])
  assert.equal((await places({ from: -1_000, to: 1_498 })).length, manyRows / 2)
}

const allowWorkBesides = async (store: RowStore): Promise<void> => {
  await fill(store)
  const seen: unknown[] = []
  let stamp = 2
  for await (const page of store.scan(shelf, { partition: ['a', 0] })) {
    // Rows before, behind and among those already given; and changes of rows still to come.
    await store.write(
      shelf,
      [
        ['a', 0, -5_000 - stamp, 'l', 'added'],
        ['a', 0, 1_498, 'l', `changed ${stamp}`],
      ],
      stamp,
    )
    stamp += 1
    seen.push(...page.map((row) => row[2]))
  }
  const filled = seen.filter((place) => Number(place) >= -1_000)
  assert.equal(filled.length, manyRows / 2)
  assert.equal(new Set(filled).size, manyRows / 2)
}

const stopEarly = async (store: RowStore): Promise<void> => {
  await fill(store)
  for await (const page of store.scan(shelf)) {
    assert.ok(page.length > 0)
    break
  }
  await store.write(shelf, [['c', 1, 1, 'l', 'after']], 1)
  assert.equal((await scanAll(store, shelf)).length, manyRows + 1)
}

const readMissingTables = async (store: RowStore): Promise<void> => {
  assert.deepEqual(await store.read(shelf, [['a', 1, 1, 'l']]), [undefined])
  sameRows(await scanAll(store, shelf), [])
}

export const scanClauses: readonly RowStoreCheck[] = [
  ['scans every row once, in pages', giveEveryRowOnce],
  ['scans a partition in the order of its keys', orderWithinPartition],
  ['narrows a scan to one partition', narrowToPartition],
  ['narrows a scan from a value (inclusive) to a value (exclusive)', narrowToBounds],
  ['writes while a scan is open, and the scan gives each row once', allowWorkBesides],
  ['lets a scan be left before its end', stopEarly],
  ['reads a table that nobody has created as empty', readMissingTables],
]
