import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { KnownPartitions } from '../../../sinks/rows/known-partitions.ts'
import {
  cataloguedPartitions,
  catalogueOfPartitions,
  listNames,
  nameOfCell,
} from '../../../sinks/rows/partition-catalogue.ts'
import type { Cell, RowStore, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { wholePartitions } from './whole-partitions.ts'

const table: TableSpec = {
  name: 'shelf',
  partition: [
    { name: 'project', type: 'text' },
    { name: 'number', type: 'integer' },
    { name: 'share', type: 'double' },
    { name: 'is_open', type: 'boolean' },
    { name: 'raw', type: 'bytes' },
  ],
  cluster: [],
  columns: [],
}

const given = async (partitions: readonly (readonly Cell[])[]): Promise<RowStore> => {
  const rows = createMemoryRows()
  await rows.ensureTable(catalogueOfPartitions)
  await new KnownPartitions(rows, table.name).ensure(partitions.map((cells) => cells.map(nameOfCell)))
  return wholePartitions(rows)
}

const bytes = Buffer.from([0, 255])
const partitions: readonly (readonly Cell[])[] = [
  ['a', -3, 0.5, true, bytes],
  ['a', -3, 0.5, false, bytes],
  ['', 2 ** 52, Number.NEGATIVE_INFINITY, true, Buffer.of()],
  ['ünder\n"', 0, 1e-7, true, bytes],
]

test('cells of every type come back as they were', async () => {
  const found = await Array.fromAsync(cataloguedPartitions(await given(partitions), table, []))
  const sorted = (list: readonly (readonly Cell[])[]) => list.map((one) => JSON.stringify(one)).sort()
  expect(sorted(found)).toEqual(sorted(partitions))
})

test('what begins otherwise, or is not wanted, is not looked at', async () => {
  const rows = await given(partitions)
  const isOpen = ([, , , open]: readonly Cell[]): boolean => open !== false
  expect(await Array.fromAsync(cataloguedPartitions(rows, table, ['a'], isOpen))).toEqual([partitions[0]])
  expect(await Array.fromAsync(cataloguedPartitions(rows, table, ['b']))).toEqual([])
})

test('a lone surrogate has the name that a store keeps', async () => {
  const rows = await given([['\ud800', 1, 1, true, bytes]])
  expect(await Array.fromAsync(cataloguedPartitions(rows, table, ['\ufffd']))).toHaveLength(1)
})

test('the first level lies on several shelves, all of them read', async () => {
  const projects = Array.from({ length: 100 }, (_, index) => `p${index}`)
  const rows = createMemoryRows()
  await rows.ensureTable(catalogueOfPartitions)
  await new KnownPartitions(rows, 'shelf').ensure(projects.map((project) => [project]))
  expect(new Set(rows.dump(catalogueOfPartitions).map((row) => row[2])).size).toBe(16)
  expect([...(await listNames(rows, 'shelf', []))].sort()).toEqual(projects.toSorted())
})
