/** Every store of rows keeps every clause; for every clause there is a planted fault that it finds. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
import { openSqliteRows } from '../../sinks/rows/sqlite/sqlite-rows.ts'
import { type MakeRowStore, rowStoreClauses } from '../../topology/testing/conformance/row-store.ts'
import { createFaultyRowStore } from '../../topology/testing/faults/faulty-row-store.ts'
import { createReplicatedRows } from '../../topology/testing/replicated-rows.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { createSimulatedRows } from '../../topology/testing/simulation/servers/simulated-rows.ts'
import { givenDice } from '../testing/simulation/given-dice.ts'
import { makePlanted, plantedRowStores } from './planted-row-stores.ts'
import { repeatingRows } from './repeating.ts'
import { tempFolders } from './temp-folder.ts'

const newFolder = tempFolders()
const lossy = { late: 0.2, lost: 0.2 }
const pause = (): Promise<void> => Promise.resolve()
const everyFault = { lateWrite: 0.0002, lostWrite: 0.0002, timeoutApplied: 0.2, throttle: 0.1 }

const stores: readonly (readonly [name: string, make: MakeRowStore])[] = [
  ['sqlite', () => openSqliteRows({ path: join(newFolder(), 'rows.db') })],
  ['memory', async () => createMemoryRows()],
  ['replicated', async () => createReplicatedRows({ random: seededRandom(1) })],
  [
    'replicated with late and lost writes',
    async () => createReplicatedRows({ random: seededRandom(2), chances: lossy, attempts: 100 }),
  ],
  [
    'slow but faultless',
    async () => createFaultyRowStore({ store: createMemoryRows(), random: seededRandom(3), chances: { slow: 0.5 } }),
  ],
  ['the simulated cluster', async () => createSimulatedRows({ dice: givenDice(), pause })],
  [
    'the simulated cluster with late and lost writes',
    async () => createSimulatedRows({ dice: givenDice({ lateWrite: 0.2, lostWrite: 0.2 }), pause, attempts: 100 }),
  ],
  [
    'the simulated cluster that times out and is overloaded, to a caller that repeats',
    async () => repeatingRows(createSimulatedRows({ dice: givenDice(everyFault), pause })),
  ],
]

describe.each(stores)('rows in %s', (_name, make) => {
  test.each(rowStoreClauses.map((clause) => [clause.name, clause] as const))('%s', (_clause, clause) =>
    clause.run(make),
  )
})

test.each(
  plantedRowStores.flatMap((planted) => planted.clauses.map((name) => [planted.fault, name, planted] as const)),
)('a store where %s breaks the clause: %s', async (_fault, name, planted) => {
  const clause = rowStoreClauses.find((each) => each.name === name)
  expect(clause).toBeDefined()
  await expect(clause?.run(async () => makePlanted(planted))).rejects.toThrow()
})

test('every clause has a planted fault', () => {
  const found = new Set(plantedRowStores.flatMap((planted) => planted.clauses))
  expect([...found].sort()).toEqual(rowStoreClauses.map((clause) => clause.name).sort())
})
