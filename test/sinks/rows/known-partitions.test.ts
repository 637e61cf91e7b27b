import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { KnownPartitions } from '../../../sinks/rows/known-partitions.ts'
import { catalogueOfPartitions, listNames } from '../../../sinks/rows/partition-catalogue.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'

const given = async (): Promise<{ rows: RowStore; written: number[]; fail: { next: boolean } }> => {
  const kept = createMemoryRows()
  await kept.ensureTable(catalogueOfPartitions)
  const written: number[] = []
  const fail = { next: false }
  const write: RowStore['write'] = async (table, rows, stamps) => {
    written.push(rows.length)
    if (fail.next) throw new Error('planned')
    await kept.write(table, rows, stamps)
  }
  return { rows: { ...kept, write }, written, fail }
}

test('names are written once per writer, with the names above them', async () => {
  const { rows, written } = await given()
  const known = new KnownPartitions(rows, 'shelf')
  await known.ensure([
    ['a', 'x'],
    ['a', 'y'],
  ])
  await known.ensure([
    ['a', 'y'],
    ['b', 'y'],
  ])
  await known.ensure([['b', 'y']])
  expect(written).toEqual([3, 2])
  expect(await listNames(rows, 'shelf', ['a'])).toEqual(['x', 'y'])
})

test('names above the first level that is listed are left out', async () => {
  const { rows } = await given()
  await new KnownPartitions(rows, 'shelf', 1).ensure([['a', 'x']])
  expect([await listNames(rows, 'shelf', []), await listNames(rows, 'shelf', ['a'])]).toEqual([[], ['x']])
})

test('names whose write failed are written again', async () => {
  const { rows, written, fail } = await given()
  const known = new KnownPartitions(rows, 'shelf')
  fail.next = true
  await expect(known.ensure([['a', 'x']])).rejects.toThrow('planned')
  fail.next = false
  await known.ensure([['a', 'x']])
  expect(written).toEqual([2, 2])
  expect(await listNames(rows, 'shelf', ['a'])).toEqual(['x'])
})

test('many names are written in chunks, and more than are remembered are written again', async () => {
  const { rows, written } = await given()
  const known = new KnownPartitions(rows, 'shelf')
  await known.ensure(Array.from({ length: 40_000 }, (_, index) => [`p${index}`]))
  expect(written).toEqual(Array.from({ length: 80 }, () => 500))
  await known.ensure([['p39999'], ['p0']])
  expect(written.at(-1)).toBe(1)
})
