/** A simulated cluster: three replicas, and calls that are late, lost, refused or taken without an answer. */
import { expect, test } from 'vitest'
import type { Row, RowStore, TableSpec } from '../../../../topology/model/ports/row-store.ts'
import {
  createSimulatedRows,
  type SimulatedRows,
} from '../../../../topology/testing/simulation/servers/simulated-rows.ts'
import { eventRow, eventsTable } from '../../../sinks/rows/sqlite/events-table.ts'
import { type GivenDice, givenDice } from '../given-dice.ts'

const retry = { publicName: 'storeUnavailable', errorClass: 'retry' }
const pause = (): Promise<void> => Promise.resolve()

const openRows = async (): Promise<{ rows: SimulatedRows; dice: GivenDice }> => {
  const dice = givenDice()
  const rows = createSimulatedRows({ dice, pause })
  await rows.ensureTable(eventsTable)
  return { rows, dice }
}

const seen = async (rows: RowStore): Promise<Set<unknown>> => {
  const found = new Set<unknown>()
  for (let time = 0; time < 50; time += 1) found.add((await rows.read(eventsTable, [['p', 1]]))[0]?.[2])
  return found
}

test('a write that times out may have been made on all replicas', async () => {
  const { rows, dice } = await openRows()
  dice.next('timeoutApplied')
  await expect(rows.write(eventsTable, [eventRow(1, 'made')], 1)).rejects.toMatchObject(retry)
  expect(await seen(rows)).toEqual(new Set(['made']))
})

test('a write that no quorum has taken fails, though one replica may have it', async () => {
  const { rows, dice } = await openRows()
  // The first of three replicas takes it.
  let visits = 0
  dice.rig((kind) => kind === 'lostWrite' && ++visits > 1)
  await expect(rows.write(eventsTable, [eventRow(1, 'in part')], 1)).rejects.toMatchObject(retry)
  dice.rig(undefined)
  expect(await seen(rows)).toEqual(new Set([undefined, 'in part']))
  await rows.write(eventsTable, [eventRow(1, 'in part')], 1)
  expect(await seen(rows)).toEqual(new Set(['in part']))
})

test('what is late arrives at any time, and loses to what was written since', async () => {
  const { rows, dice } = await openRows()
  dice.chances.lateWrite = 1
  await expect(rows.write(eventsTable, [eventRow(1, 'z late')], 1)).rejects.toMatchObject(retry)
  dice.chances.lateWrite = 0
  await rows.write(eventsTable, [eventRow(1, 'newer')], 2)
  expect(rows.pendingCount).toBe(3)
  rows.deliver(1)
  rows.deliver()
  expect([rows.pendingCount, await seen(rows)]).toEqual([0, new Set(['newer'])])
  expect(dice.befell[0]).toBe(`lateWrite ${eventsTable.name}`)
})

test('an overloaded cluster refuses calls for a while and not for ever', async () => {
  const { rows, dice } = await openRows()
  dice.next('throttle')
  let refused = 0
  for (let isDone = false; !isDone; ) {
    const write = rows.write(eventsTable, [eventRow(1)], 1)
    isDone = await write.then(
      () => true,
      () => false,
    )
    if (!isDone) refused += 1
  }
  expect(refused).toBeGreaterThan(0)
  expect(refused).toBeLessThan(8)
})

const numbers: TableSpec = {
  name: 'numbers',
  partition: [{ name: 'place', type: 'integer' }],
  cluster: [],
  columns: [
    { name: 'text', type: 'text' },
    { name: 'total', type: 'integer' },
    { name: 'mean', type: 'double' },
  ],
}

test.each([
  ['null before any value', ['zzz', 9, 9.5], [null, null, null], [null, null, null]],
  ['the larger bytes', ['a', 1, 1.5], ['b', 2, 2.5], ['b', 2, 2.5]],
  ['a negative number, whose first bit is set', ['a', 5, 5.5], ['a', -5, -5.5], ['a', -5, -5.5]],
  ['of negative ones the larger integer and the smaller double', ['a', -1, -1.5], ['a', -2, -2.5], ['a', -1, -2.5]],
] as const)('at one stamp the cluster keeps %s', async (_name, left, right, winner) => {
  for (const order of [
    [left, right],
    [right, left],
  ]) {
    const rows = createSimulatedRows({ dice: givenDice(), pause })
    await rows.ensureTable(numbers)
    for (const cells of order) await rows.write(numbers, [[1, ...cells]], 4)
    expect(await rows.read(numbers, [[1]])).toEqual([[1, ...winner]])
  }
})

test('where a table keeps values over null, a null takes nothing away', async () => {
  const rows = createSimulatedRows({ dice: givenDice(), pause })
  const keeping: TableSpec = { ...numbers, nulls: 'keep' }
  await rows.ensureTable(keeping)
  await rows.write(keeping, [[1, 'kept', 1, null]], 1)
  await rows.write(keeping, [[1, null, 2, null]], 2)
  expect(await rows.read(keeping, [[1]])).toEqual([[1, 'kept', 2, null]])
})

test('a scan gives a page after the other, and sees what is written ahead of it', async () => {
  const rows = createSimulatedRows({ dice: givenDice(), pause, pageRows: 2 })
  await rows.ensureTable(eventsTable)
  await rows.write(
    eventsTable,
    [1, 2, 3, 4].map((id) => eventRow(id)),
    1,
  )
  const pages: (readonly Row[])[] = []
  for await (const page of rows.scan(eventsTable)) {
    if (pages.length === 0) await rows.write(eventsTable, [eventRow(0), eventRow(9)], 1)
    pages.push(page)
  }
  expect(pages.map((page) => page.map((row) => row[1]))).toEqual([[1, 2], [3, 4], [9]])
})

test('the same dice give the same history', async () => {
  const play = async (): Promise<string[]> => {
    const dice = givenDice({ lateWrite: 0.2, lostWrite: 0.2, throttle: 0.1, timeoutApplied: 0.1 }, 7)
    const rows = createSimulatedRows({ dice, pause })
    await rows.ensureTable(eventsTable)
    for (let stamp = 1; stamp <= 40; stamp += 1) {
      await rows.write(eventsTable, [eventRow(1, `at ${stamp}`)], stamp).catch(() => undefined)
      dice.befell.push(await rows.read(eventsTable, [['p', 1]]).then((found) => JSON.stringify(found), String))
      if (stamp % 7 === 0) rows.deliver(1)
    }
    return dice.befell
  }
  expect(await play()).toEqual(await play())
})
