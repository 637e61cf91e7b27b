/** Every ledger keeps every clause; for every clause there is a planted fault that it finds. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import { openSqliteLedger } from '../../sinks/rows/sqlite/sqlite-ledger.ts'
import { ledgerClauses, type MakeLedger } from '../../topology/testing/conformance/ledger.ts'
import { createFaultyLedger } from '../../topology/testing/faults/faulty-ledger.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { createSimulatedLedger } from '../../topology/testing/simulation/servers/simulated-ledger.ts'
import { givenDice } from '../testing/simulation/given-dice.ts'
import { makePlanted, plantedLedgers } from './planted-ledgers.ts'
import { repeatingLedger } from './repeating.ts'
import { tempFolders } from './temp-folder.ts'

const newFolder = tempFolders()

const ledgers: readonly (readonly [name: string, make: MakeLedger])[] = [
  ['sqlite', () => openSqliteLedger({ path: join(newFolder(), 'rows.db') })],
  ['memory', async () => createMemoryLedger()],
  [
    'slow but faultless',
    async () => createFaultyLedger({ ledger: createMemoryLedger(), random: seededRandom(3), chances: { slow: 0.5 } }),
  ],
  ['the simulated cluster', async () => createSimulatedLedger({ dice: givenDice(), pause: () => Promise.resolve() })],
  [
    'the simulated cluster that loses requests, to a caller that repeats',
    async () => repeatingLedger(createSimulatedLedger({ dice: givenDice({ ledgerLost: 0.2 }) })),
  ],
]

describe.each(ledgers)('the ledger in %s', (_name, make) => {
  test.each(ledgerClauses.map((clause) => [clause.name, clause] as const))('%s', (_clause, clause) => clause.run(make))
})

test.each(plantedLedgers.flatMap((planted) => planted.clauses.map((name) => [planted.fault, name, planted] as const)))(
  'a ledger where %s breaks the clause: %s',
  async (_fault, name, planted) => {
    const clause = ledgerClauses.find((each) => each.name === name)
    expect(clause).toBeDefined()
    await expect(clause?.run(async () => makePlanted(planted))).rejects.toThrow()
  },
)

test('every clause has a planted fault', () => {
  const found = new Set(plantedLedgers.flatMap((planted) => planted.clauses))
  expect([...found].sort()).toEqual(ledgerClauses.map((clause) => clause.name).sort())
})
