import { expect, test, vi } from 'vitest'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import {
  endRunPositions,
  findRunRow,
  freshPositionsMs,
  readRunPositions,
  runPositionsTable,
  writeRunPositions,
} from '../../../sinks/rows/run-positions.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import type { LaneStatus, WaitingFor } from '../../../topology/model/run-handle.ts'
import { givenSnapshot } from '../../observe/given-snapshot.ts'

const openRows = async (): Promise<RowStore> => {
  const rows = createMemoryRows()
  await rows.ensureTable(runPositionsTable)
  return rows
}

const tell = async (rows: RowStore, process: string, nowMs: number, waitingFor: readonly WaitingFor[] = []) => {
  const name = await findRunRow(rows, 't', { host: 'h', process }, nowMs)
  const lane = { spout: 's', partition: 0, lane: 0, position: nowMs } as LaneStatus // what is read of it
  await writeRunPositions(rows, 't', name, { process, lanes: [lane], waitingFor, nowMs })
  return name
}

test('processes of one host have rows of their own, and keep them', async () => {
  const rows = await openRows()
  expect(await tell(rows, 'a', 1_000)).toBe('h#1')
  expect(await tell(rows, 'b', 1_000)).toBe('h#2')
  expect(await tell(rows, 'a', 2_000)).toBe('h#1')
  expect((await readRunPositions(rows, 't', 2_000)).processes).toBe(2)
})

test('the row of a process that is gone is taken by the next one: rows do not pile up', async () => {
  const rows = await openRows()
  for (let n = 0; n < 20; n++) await tell(rows, `p${n}`, n * (freshPositionsMs + 1))
  const names = (await Array.fromAsync(rows.scan(runPositionsTable))).flat().map((row) => row[1])
  expect(names).toEqual(['h#1'])
})

test('two that took one row at once part with their next word', async () => {
  const rows = await openRows()
  const told = { lanes: [], waitingFor: [], nowMs: 1_000 }
  await writeRunPositions(rows, 't', 'h#1', { ...told, process: 'a' })
  await writeRunPositions(rows, 't', 'h#1', { ...told, process: 'b', nowMs: 1_001 })
  expect([await tell(rows, 'a', 2_000), await tell(rows, 'b', 2_000)]).toEqual(['h#2', 'h#1'])
})

test('a process that says where its row was looks at no other, until it is taken from it', async () => {
  const memory = await openRows()
  const [scan, told] = [vi.fn(memory.scan), { lanes: [], waitingFor: [] }]
  const rows = { ...memory, scan }
  await writeRunPositions(rows, 't', 'h#1', { ...told, process: 'a', nowMs: 1_000 })
  expect(await findRunRow(rows, 't', { host: 'h', process: 'a' }, 2_000, 'h#1')).toBe('h#1')
  expect(scan).not.toHaveBeenCalled()
  await writeRunPositions(rows, 't', 'h#1', { ...told, process: 'b', nowMs: 2_000 })
  expect(await findRunRow(rows, 't', { host: 'h', process: 'a' }, 2_000, 'h#1')).toBe('h#2')
})

test('what processes wait for is told once for each dependency, since the first of them met it', async () => {
  const rows = await openRows()
  const wait = { resource: 'log', name: 'events', reason: 'no answer' } as const
  await tell(rows, 'a', 9_000, [{ ...wait, sinceMs: 7_000 }])
  await tell(rows, 'b', 9_000, [{ ...wait, sinceMs: 5_000 }])
  const told = await readRunPositions(rows, 't', 9_500)
  expect(told.waitingFor).toEqual([{ ...wait, sinceMs: 5_000 }])
  expect(told.positions).toEqual({ 's/0/0': 9_000 })
  expect(await readRunPositions(rows, 't', 9_500 + freshPositionsMs)).toEqual({
    ...{ processes: 0, positions: {}, snapshots: [], waitingFor: [], toldAtMs: 9_000 },
  })
})

test('a process behind a slow store runs on for people, and nobody takes its row', async () => {
  const rows = await openRows()
  await tell(rows, 'a', 1_000)
  expect(await tell(rows, 'b', 13_000)).toBe('h#2')
  expect(await readRunPositions(rows, 't', 13_000)).toMatchObject({ processes: 2, toldAtMs: 13_000 })
})

test('the snapshots of all processes are told, but not those of another version', async () => {
  const rows = await openRows()
  const snapshot = givenSnapshot({ process: 'h#1' })
  const told = { lanes: [], waitingFor: [], nowMs: 1_000 }
  await writeRunPositions(rows, 't', 'h#1', { ...told, process: 'a', snapshot })
  const later = JSON.parse(JSON.stringify({ ...snapshot, format: 99 }))
  await writeRunPositions(rows, 't', 'h#2', { ...told, process: 'b', snapshot: later })
  expect((await readRunPositions(rows, 't', 1_000)).snapshots).toEqual([snapshot])
})

test('the row of a process that says that it ends is free at once, and no silence is told of', async () => {
  const rows = await openRows()
  const name = await tell(rows, 'a', 1_000)
  await endRunPositions(rows, 't', name, { process: 'a', nowMs: 1_000 })
  expect(await readRunPositions(rows, 't', 1_001)).toEqual({
    ...{ processes: 0, positions: {}, snapshots: [], waitingFor: [] },
  })
  expect(await tell(rows, 'b', 1_500)).toBe('h#1')
})
