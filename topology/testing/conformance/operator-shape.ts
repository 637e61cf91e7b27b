/** Clauses about what an operator declares: its keys, columns and options. */
import assert from 'node:assert/strict'
import type { Cell, ColumnSpec } from '../../model/ports/row-store.ts'
import { fold, type OperatorClause, operatorClause, rowsOf, sampleOf } from './operator-under-test.ts'

const isCellOf = (cell: Cell, { type }: ColumnSpec): boolean => {
  if (cell === null) return true
  if (type === 'text') return typeof cell === 'string'
  if (type === 'boolean') return typeof cell === 'boolean'
  if (type === 'bytes') return cell instanceof Uint8Array
  return type === 'integer' ? Number.isSafeInteger(cell) : typeof cell === 'number' && Number.isFinite(cell)
}

const assertFits = (cells: readonly Cell[], columns: readonly ColumnSpec[]): void => {
  assert.equal(cells.length, columns.length)
  for (const [i, column] of columns.entries()) {
    assert.ok(isCellOf(cells[i] ?? null, column), `cell ${String(cells[i])} is no ${column.type} (${column.name})`)
  }
}

const sharedColumns = ['spout', 'log_partition', 'slot', 'applied', 'state']

export const operatorShape: readonly OperatorClause[] = [
  operatorClause('key: it fits the table and has no empty cell', (fixture) => {
    const { table } = fixture.operator
    for (const { key } of fold(fixture, [sampleOf(fixture)]).values()) {
      assertFits(key, [...table.partition, ...table.cluster])
      assert.ok(key.every((cell) => cell !== null))
    }
  }),

  operatorClause('key: equal keys have one id in every epoch, and an id names one key', (fixture) => {
    const keyOfId = new Map<string, string>()
    const idOfKey = new Map<string, string>()
    for (const seed of [20, 21]) {
      for (const [id, { key }] of fold(fixture, [sampleOf(fixture, 80, seed)])) {
        const text = JSON.stringify(key)
        assert.equal(keyOfId.get(id) ?? text, text)
        assert.equal(idOfKey.get(text) ?? id, id)
        keyOfId.set(id, text)
        idOfKey.set(text, id)
      }
    }
  }),

  operatorClause('columns: they fit the table', (fixture) => {
    const { operator } = fixture
    for (const { key, state } of fold(fixture, [sampleOf(fixture)]).values()) {
      assertFits(operator.columns(key, state), operator.table.columns)
    }
  }),

  operatorClause('table: column names differ, also from those that every state table has', ({ operator }) => {
    const { partition, cluster, columns } = operator.table
    const names = [...partition, ...cluster, ...columns].map(({ name }) => name.toLowerCase())
    assert.equal(new Set([...names, ...sharedColumns]).size, names.length + sharedColumns.length)
    assert.ok(partition.length > 0)
  }),

  operatorClause('bound: guides are rows of the table, and neither question changes the deltas', (fixture) => {
    const { operator } = fixture
    const { bound } = operator
    if (bound === undefined) return
    const deltas = fold(fixture, [sampleOf(fixture)])
    const before = rowsOf(operator, deltas)
    const guides = bound.guides(deltas)
    const states = new Map([...guides].map(([id, { state }]) => [id, operator.decode(operator.encode(state))]))
    for (const { key } of guides.values()) assertFits(key, [...operator.table.partition, ...operator.table.cluster])
    const written = rowsOf(operator, new Map(bound.bounded(new Map([...deltas, ...guides]), states)))
    assert.deepEqual(rowsOf(operator, deltas), before)
    assert.deepEqual(
      rowsOf(operator, new Map(bound.bounded(new Map([...deltas, ...bound.guides(deltas)]), states))),
      written,
    )
  }),

  operatorClause('options: they are plain data and every instance has the same', async ({ operator }) => {
    assert.deepEqual(JSON.parse(JSON.stringify(operator.options)), operator.options)
    assert.deepEqual(JSON.parse(JSON.stringify(operator.reading ?? null)), operator.reading ?? null)
    assert.ok(operator.name.length > 0 && operator.doc.length > 0)
  }),
]
