/** Each fault does what its name says, and a caller that repeats loses nothing. */
import { expect, test } from 'vitest'
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows, type MemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import {
  createFaultyLedger,
  type FaultyLedger,
  type LedgerChances,
} from '../../topology/testing/faults/faulty-ledger.ts'
import { createFaultyRowStore, type FaultyRowStore } from '../../topology/testing/faults/faulty-row-store.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { eventRow, eventsTable } from '../sinks/rows/sqlite/events-table.ts'

const key = { topology: 'keen', spout: 'web', partition: 0 }
const documentOf = (ver: number): LedgerDocument => ({
  ...{ format: 2, ver, rules: 0, nextLane: 0, start: 0, log: 'log' },
  ...{ sinks: {}, lanes: {}, deletes: [], nextDelete: 0, archive: [], scannedTo: 0, deadLetters: {} },
})

const openRows = async (): Promise<{ store: MemoryRows; faulty: FaultyRowStore }> => {
  const store = createMemoryRows()
  await store.ensureTable(eventsTable)
  return { store, faulty: createFaultyRowStore({ store, random: seededRandom(1) }) }
}

const openLedger = (chances: Partial<LedgerChances>): FaultyLedger =>
  createFaultyLedger({ ledger: createMemoryLedger(), random: seededRandom(1), chances })

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a write that fails %s its effect leaves %i rows', async (chance, count) => {
  const { store, faulty } = await openRows()
  faulty.chances[chance] = 1
  await expect(faulty.write(eventsTable, [eventRow(1)], 1)).rejects.toMatchObject({ errorClass: 'retry' })
  expect(store.dump(eventsTable)).toHaveLength(count)
})

test('a late write is there once it is delivered, with the rows it was given', async () => {
  const { store, faulty } = await openRows()
  faulty.chances.late = 1
  const rows = [eventRow(1)]
  await expect(faulty.write(eventsTable, rows, 1)).rejects.toMatchObject({ errorClass: 'retry' })
  rows.length = 0
  expect([faulty.pendingCount, store.dump(eventsTable)]).toEqual([1, []])
  await faulty.deliver()
  expect([faulty.pendingCount, store.dump(eventsTable)]).toEqual([0, [eventRow(1)]])
})

test('reads and scans fail too', async () => {
  const { store, faulty } = await openRows()
  await store.write(eventsTable, [eventRow(1)], 1)
  faulty.chances.before = 1
  await expect(faulty.read(eventsTable, [['p', 1]])).rejects.toMatchObject({ errorClass: 'retry' })
  await expect(faulty.scan(eventsTable)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ errorClass: 'retry' })
})

test('a slow call waits before and after its effect', async () => {
  const store = createMemoryRows()
  let pauses = 0
  const pause = async (): Promise<void> => {
    pauses += 1
  }
  const faulty = createFaultyRowStore({ store, random: seededRandom(1), chances: { slow: 1 }, pause })
  await faulty.ensureTable(eventsTable)
  expect(pauses).toBe(2)
})

test('a change whose reply is lost has been made', async () => {
  const ledger = openLedger({ replyLost: 1 })
  await expect(ledger.compareAndSet(key, undefined, documentOf(1))).rejects.toMatchObject({ errorClass: 'retry' })
  expect(await ledger.read(key)).toEqual(documentOf(1))
})

test('a change that is lost has not been made', async () => {
  const ledger = openLedger({ lost: 1 })
  await expect(ledger.compareAndSet(key, undefined, documentOf(1))).rejects.toMatchObject({ errorClass: 'retry' })
  ledger.chances.lost = 0
  expect(await ledger.read(key)).toBeUndefined()
})

test('a late change arrives, and is refused when another has been faster', async () => {
  const ledger = openLedger({ late: 1 })
  await expect(ledger.compareAndSet(key, undefined, documentOf(1))).rejects.toThrow()
  await ledger.deliver()
  expect((await ledger.read(key))?.ver).toBe(1)
  await expect(ledger.compareAndSet(key, 1, documentOf(2))).rejects.toThrow()
  ledger.chances.late = 0
  await ledger.compareAndSet(key, 1, documentOf(3))
  await ledger.deliver()
  expect([(await ledger.read(key))?.ver, ledger.pendingCount]).toEqual([3, 0])
})

test('a caller that reads again after every error counts every step once', async () => {
  const ledger = openLedger({ lost: 0.2, replyLost: 0.2 })
  const tries = async <Result>(call: () => Promise<Result>): Promise<Result | undefined> =>
    call().catch(() => undefined)
  await tries(() => ledger.compareAndSet(key, undefined, documentOf(1)))
  for (let seen = 0; seen < 30; ) {
    const found = await tries(() => ledger.read(key))
    seen = found?.ver ?? 0
    await tries(() => ledger.compareAndSet(key, found?.ver, documentOf(seen + 1)))
  }
  ledger.chances.lost = 0
  expect((await ledger.read(key))?.ver).toBeGreaterThanOrEqual(30)
})
