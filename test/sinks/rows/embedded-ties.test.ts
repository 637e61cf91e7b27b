/** The rule of embedded stores for two writes with the same stamp: the larger value of each cell wins. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import type { Cell, Row, RowStore } from '../../../topology/model/ports/row-store.ts'
import { allTypes, marks, ties } from '../../../topology/testing/conformance/row-store/fixtures.ts'
import { createReplicatedRows } from '../../../topology/testing/replicated-rows.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { tempFolders } from '../../conformance/temp-folder.ts'

const newFolder = tempFolders()

const stores: readonly (readonly [name: string, make: () => Promise<RowStore>])[] = [
  ['sqlite', () => openSqliteRows({ path: join(newFolder(), 'rows.db') })],
  ['memory', async () => createMemoryRows()],
  ['replicated', async () => createReplicatedRows({ random: seededRandom(1) })],
]

const rowOf = (column: number, cell: Cell): Row =>
  ['t', 1, null, null, null, null, null].map((other, index) => (index === column ? cell : other))

test.each(stores)('%s: the larger value wins a tie, whichever comes first', async (_name, make) => {
  for (const [column, smaller, larger] of ties) {
    for (const cells of [
      [smaller, larger],
      [larger, smaller],
    ]) {
      const store = await make()
      await store.ensureTable(allTypes)
      for (const cell of cells) await store.write(allTypes, [rowOf(column, cell)], 4)
      const [found] = await store.read(allTypes, [['t', 1]])
      const winner = found?.[column]
      expect(winner instanceof Uint8Array ? new Uint8Array(winner) : winner).toEqual(larger)
      await store.close()
    }
  }
})

test.each(stores)('%s: of many rows that differ in one text, a tied one keeps its larger cell', async (_name, make) => {
  const store = await make()
  await store.ensureTable(marks)
  const rows = (body: string): Row[] => Array.from({ length: 40 }, (_, index) => ['a', `${index}`, 's', body])
  await store.write(marks, rows('z'), 5)
  await store.write(marks, rows(''), 5)
  expect((await store.read(marks, [['a', '7', 's']]))[0]?.[3]).toBe('z')
  await store.close()
})
