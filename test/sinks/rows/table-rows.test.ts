import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import { stateTable } from '../../../sinks/rows/state-table.ts'
import { tableRows } from '../../../sinks/rows/table-rows.ts'
import { SpillwayError } from '../../../topology/model/spillway-error.ts'
import { DirectedRows } from './directed-rows.ts'
import { contextOf, countByText, countsOf, epoch, filled, never, words, writerOn } from './given-state.ts'

const table = stateTable('counts', countByText)
const keyOf = (text: string, slot = 0) => [text, 'events', 0, slot]

test('state table: the shard stands behind the key of the operator, applied and state behind its columns', () => {
  expect(table.cluster.map((column) => column.name)).toEqual(['spout', 'log_partition', 'slot'])
  expect(table.columns.map((column) => column.name)).toEqual(['n', 'applied', 'state'])
})

test('state table: a column of the operator keeps its name, ours gives way', () => {
  const operator = {
    ...countByText,
    table: { ...countByText.table, columns: [{ name: 'State', type: 'text' as const }] },
  }
  expect(stateTable('counts', operator).columns.map((column) => column.name)).toEqual(['State', 'applied', 'state_'])
})

test('state rows: no row gives the delta, stamped and applied at seq', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows)
  expect(await filled(writer, 'a a b').write(epoch(1), never)).toBe('written')
  expect(rows.rowOn([0], table, keyOf('a'))).toEqual([...keyOf('a'), 2, 1, '2'])
  expect(rows.writes[0]?.stamps).toEqual([1, 1])
})

test('state rows: a row below seq becomes base + delta (I-1)', async () => {
  const rows = new DirectedRows()
  await filled(await writerOn(rows), 'a a').write(epoch(1), never)
  await filled(await writerOn(rows), 'a b').write(epoch(4), never)
  expect(rows.rowOn([0], table, keyOf('a'))).toEqual([...keyOf('a'), 3, 4, '3'])
})

test('state rows: a row at seq is written once more as it was read (I-2)', async () => {
  const rows = new DirectedRows()
  await filled(await writerOn(rows), 'a').write(epoch(1), never)
  await filled(await writerOn(rows), 'a').write(epoch(1), never)
  expect(rows.writes.map((write) => write.rows)).toEqual([[[...keyOf('a'), 1, 1, '1']], [[...keyOf('a'), 1, 1, '1']]])
})

test('state rows: a row above seq fences, and nothing of its chunk or behind it is written (I-4)', async () => {
  const rows = new DirectedRows()
  await filled(await writerOn(rows), 'b').write(epoch(2), never)
  const late = filled(await writerOn(rows), 'a b c')
  expect(await late.write(epoch(1), never)).toBe('fenced')
  expect(await countsOf(rows)).toEqual({ b: 1 })
})

test('state rows: a write that failed half way is repeated to the same rows (I-2)', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows, { chunkRows: 1 })
  await filled(writer, 'a b').write(epoch(1), never)
  rows.fates = [{ reaches: [0, 1, 2] }, { reaches: [2], fails: true }]
  const open = filled(writer, 'a b c')
  await expect(open.write(epoch(2), never)).rejects.toThrow(SpillwayError)
  expect(await open.write(epoch(2), never)).toBe('written')
  expect(await countsOf(rows)).toEqual({ a: 2, b: 2, c: 1 })
})

test('state rows: weight -1 in an open epoch leaves the rows as if the tuple had never been there (I-3)', async () => {
  const rows = new DirectedRows()
  await filled(await writerOn(rows), 'a b b', 'b').write(epoch(1), never)
  expect(await countsOf(rows)).toEqual({ a: 1, b: 1 })
})

test('state rows: a row that becomes empty is written empty and hidden from readers', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows)
  await filled(writer, 'a').write(epoch(1), never)
  await filled(writer, '', 'a').write(epoch(2), never)
  expect(rows.rowOn([0], table, keyOf('a'))).toEqual([...keyOf('a'), 0, 2, '0'])
  expect(await countsOf(rows)).toEqual({})
})

test('state rows: readers sum the shards of all slots and partitions', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows)
  await filled(writer, 'a b').write(epoch(1), never)
  await filled(writer, 'a').write(epoch(1, { slot: 3 }), never)
  await filled(writer, 'a').write(epoch(1, { partition: 7 }), never)
  expect(await countsOf(rows)).toEqual({ a: 3, b: 1 })
})

test('state rows: chunks are written in key order', async () => {
  const rows = new DirectedRows()
  await filled(await writerOn(rows, { chunkRows: 2 }), 'c a d b').write(epoch(1), never)
  expect(rows.writes.map((write) => write.rows.map((row) => row[0]))).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('state rows: a warm epoch reads nothing, another slot or a gap reads again', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows)
  await filled(writer, 'a').write(epoch(1), never)
  await filled(writer, 'a').write(epoch(2), never)
  expect(rows.reads).toBe(1)
  await filled(writer, 'a').write(epoch(4), never)
  await filled(writer, 'a').write(epoch(5, { slot: 1 }), never)
  expect(rows.reads).toBe(3)
})

test('state rows: an epoch that was written is written again from the cache as it was', async () => {
  const rows = new DirectedRows()
  const open = filled(await writerOn(rows), 'a')
  await open.write(epoch(1), never)
  await open.write(epoch(1), never)
  expect(await countsOf(rows)).toEqual({ a: 1 })
})

test('state rows: a cache of no bytes reads every row of every epoch (I-6)', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows, { cacheBytes: 0 })
  await filled(writer, 'a').write(epoch(1), never)
  await filled(writer, 'a').write(epoch(2), never)
  expect(rows.reads).toBe(2)
  expect(await countsOf(rows)).toEqual({ a: 2 })
})

test('state rows: the slots of a partition share the bound of the cache; the one written longest ago gives way', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows, { cacheBytes: 500 })
  for (const slot of [0, 1, 2]) await filled(writer, 'a').write(epoch(1, { slot }), never)
  for (const slot of [2, 1]) await filled(writer, 'a').write(epoch(2, { slot }), never)
  expect(rows.reads).toBe(3)
  await filled(writer, 'a').write(epoch(2), never)
  expect(rows.reads).toBe(4)
})

test('state rows: held bytes follow the rows touched and fall to nothing', async () => {
  const open = (await writerOn(new DirectedRows())).openEpoch()
  expect(open.heldBytes()).toBe(0)
  open.add(words('a b c d'), 1)
  const four = open.heldBytes()
  open.add(words('e f g h'), 1)
  expect(open.heldBytes()).toBe(2 * four)
  open.discard()
  expect(open.heldBytes()).toBe(0)
})

test('state rows: an aborted write stops at the next chunk and leaves no cache', async () => {
  const rows = new DirectedRows()
  const writer = await writerOn(rows)
  await expect(filled(writer, 'a').write(epoch(1), AbortSignal.abort())).rejects.toThrow()
  expect(rows.writes).toEqual([])
})

test('tableRows: without an operator above it the configuration is refused', async () => {
  const open = tableRows().open(contextOf(new DirectedRows(), { operator: undefined }))
  await expect(open).rejects.toThrow('sink counts: tableRows() keeps the state of an operator')
})

test('state rows: keys that a store cannot tell apart are one row of their epoch (I-1)', async () => {
  const rows = createMemoryRows()
  await rows.ensureTable(table)
  const writer = await writerOn(rows)
  const open = filled(writer, '\ud800 \ud801 \ufffd a')
  await open.write(epoch(1), never)
  await open.write(epoch(1), never)
  await filled(writer, '\ufffd').write(epoch(2), never)
  await filled(writer, '\ud802').write(epoch(3), never)
  await filled(writer, '\ufffd').write(epoch(4), never)
  expect(await countsOf(rows)).toEqual({ a: 1, '\ufffd': 6 })
})

test('state rows: SQLite, memory and directed replicas hold the same rows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-state-'))
  const sqlite = await openSqliteRows({ path: join(folder, 'rows.db') })
  for (const rows of [sqlite, createMemoryRows(), new DirectedRows()]) {
    await rows.ensureTable(table)
    const writer = await writerOn(rows, { chunkRows: 2 })
    await filled(writer, 'a b c b').write(epoch(1), never)
    await filled(writer, 'd', 'b').write(epoch(2), never)
    expect(await countsOf(rows)).toEqual({ a: 1, b: 1, c: 1, d: 1 })
  }
  await sqlite.close()
  rmSync(folder, { recursive: true })
})
