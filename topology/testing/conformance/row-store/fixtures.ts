/** Tables and small steps that the clauses of row stores share. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Cell, Row, RowKey, RowStore, ScanRange, TableSpec } from '../../../model/ports/row-store.ts'

/** A clause before it is told how to make a store. */
export type RowStoreCheck = readonly [name: string, check: (store: RowStore) => Promise<void>]

/** One cell of every type. */
export const allTypes: TableSpec = {
  name: 'all_types',
  partition: [{ name: 'tenant', type: 'text' }],
  cluster: [{ name: 'place', type: 'integer' }],
  columns: [
    { name: 'note', type: 'text' },
    { name: 'total', type: 'integer' },
    { name: 'mean', type: 'double' },
    { name: 'is_last', type: 'boolean' },
    { name: 'raw', type: 'bytes' },
  ],
}

/** A key of three columns and one text. */
export const shelf: TableSpec = {
  name: 'shelf',
  partition: [
    { name: 'room', type: 'text' },
    { name: 'row', type: 'integer' },
  ],
  cluster: [
    { name: 'place', type: 'integer' },
    { name: 'side', type: 'text' },
  ],
  columns: [{ name: 'title', type: 'text' }],
}

/** Rows of one partition that differ in a text alone. */
export const marks: TableSpec = {
  name: 'marks',
  partition: [{ name: 'tenant', type: 'text' }],
  cluster: [
    { name: 'id', type: 'text' },
    { name: 'source', type: 'text' },
  ],
  columns: [{ name: 'body', type: 'text' }],
}

/** Pairs of cells of one column of `allTypes`, the smaller first. */
export const ties: readonly (readonly [column: number, smaller: Cell, larger: Cell])[] = [
  [2, 'abc', 'abd'],
  [2, 'ab', 'abc'],
  [2, 'Z', 'a'],
  // By code points, not by code units.
  [2, '\uffee', '😀'],
  [2, null, ''],
  [3, -10, 9],
  [3, 9, 10],
  [3, null, Number.MIN_SAFE_INTEGER],
  [4, -0.5, 1e-300],
  [5, false, true],
  [5, null, false],
  [6, new Uint8Array([1]), new Uint8Array([1, 0])],
  [6, new Uint8Array([127]), new Uint8Array([128])],
]

export const readOne = async (store: RowStore, table: TableSpec, key: RowKey): Promise<Row | undefined> =>
  (await store.read(table, [key]))[0]

export const scanAll = async (store: RowStore, table: TableSpec, range?: ScanRange): Promise<Row[]> => {
  const rows: Row[] = []
  for await (const page of store.scan(table, range)) rows.push(...page)
  return rows
}

/** Equal rows in the same order. Names the first difference only: a diff of thousands of rows takes seconds to print. */
export const sameRows = (found: readonly Row[], expected: readonly Row[]): void => {
  const place = expected.findIndex((row, index) => !isDeepStrictEqual(found[index], row))
  if (place >= 0) assert.deepEqual(found[place], expected[place], `row ${place} of ${expected.length} differs`)
  assert.equal(found.length, expected.length)
}

/** Rejects, and with an error of this name and class. */
export const refuses = async (call: () => Promise<unknown>, name: string, errorClass: string): Promise<void> => {
  await assert.rejects(call, (error: Error & { publicName?: string; errorClass?: string }) => {
    assert.deepEqual([error.publicName, error.errorClass], [name, errorClass], error.message)
    return true
  })
}
