import { expect, test } from 'vitest'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import {
  type CatalogueContent,
  catalogueTable,
  listCatalogue,
  readCatalogue,
  writeCatalogue,
} from '../../../sinks/rows/topology-catalogue.ts'
import { countByText } from './given-state.ts'

const content: CatalogueContent = {
  topology: 'shop',
  file: 'shop.ts',
  spouts: [{ name: 'events', options: {} }],
  sinks: [
    {
      name: 'counts',
      kind: 'rows',
      type: 'tableRows',
      options: {},
      operator: { name: countByText.name, options: {}, table: countByText.table },
      spouts: ['events'],
    },
  ],
}
const clockAt = (nowMs: number) => ({ nowMs: () => nowMs, sleep: async () => {} })

test('topology catalogue: a reader finds what run wrote', async () => {
  const rows = createMemoryRows()
  await writeCatalogue(rows, content, clockAt(1_000))
  expect(await readCatalogue(rows, 'shop')).toEqual({ format: 1, ...content, writtenAtMs: 1_000 })
})

test('topology catalogue: the latest description wins, also when the clock has gone back', async () => {
  const rows = createMemoryRows()
  await writeCatalogue(rows, content, clockAt(1_000))
  await writeCatalogue(rows, { ...content, file: null }, clockAt(10))
  expect((await readCatalogue(rows, 'shop'))?.file).toBeNull()
})

test('topology catalogue: a store without topologies is empty, the others are listed by name', async () => {
  const rows = createMemoryRows()
  expect([await readCatalogue(rows, 'shop'), await listCatalogue(rows)]).toEqual([undefined, []])
  await writeCatalogue(rows, content, clockAt(1))
  await writeCatalogue(rows, { ...content, topology: 'bakery' }, clockAt(1))
  expect((await listCatalogue(rows)).map((entry) => entry.topology)).toEqual(['bakery', 'shop'])
})

test('topology catalogue: the description of another version is refused', async () => {
  const rows = createMemoryRows()
  await rows.ensureTable(catalogueTable)
  await rows.write(catalogueTable, [['shop', '{"format":2}', 1]], 1)
  await expect(readCatalogue(rows, 'shop')).rejects.toThrow('written by another version')
})

test('topology catalogue: a sink that is no longer declared stays, retired, until it is declared again', async () => {
  const rows = createMemoryRows()
  const sinksOf = async (): Promise<readonly unknown[] | undefined> =>
    (await readCatalogue(rows, 'shop'))?.sinks.map(({ name, retired }) => [name, retired])
  const [counts] = content.sinks
  const other = { ...counts!, name: 'other' }
  await writeCatalogue(rows, content, clockAt(1))
  await writeCatalogue(rows, { ...content, sinks: [other] }, clockAt(2))
  await writeCatalogue(rows, { ...content, sinks: [other] }, clockAt(3))
  expect(await sinksOf()).toEqual([
    ['other', undefined],
    ['counts', true],
  ])
  await writeCatalogue(rows, content, clockAt(4))
  expect(await sinksOf()).toEqual([
    ['counts', undefined],
    ['other', true],
  ])
})
