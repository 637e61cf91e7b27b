import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { type EventsQuery, readEvents } from '../../../sinks/rows/read-events.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import type { JsonValue } from '../../../topology/model/json.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { all, apply, type Given, idOf, retract } from './given-events.ts'

const spread: readonly Given[] = [
  { offset: 1, at: '2026-01-31T09:30:00.000Z' },
  { offset: 2, at: '1928-11-18T00:00:00.000Z' },
  { offset: 300_000, at: '2026-01-31T09:10:00.000Z' },
  { offset: 4, at: '2026-03-01T00:00:00.000Z', project: 'other' },
]

const numbers = async (rows: RowStore, query: Partial<EventsQuery> = {}): Promise<unknown[]> =>
  (await all(readEvents({ rows, sink: 'events', collection: 'orders', ...query }))).map((event) => event['n'])

test('read events: keen stands first with id, created_at and timestamp, then the body', async () => {
  const rows = createMemoryRows()
  const one = { offset: 1, body: '{"n":1,"keen":{"location":{"x":1},"timestamp":"2026-01-31 09:15"},"z":0}' }
  await apply(rows, [one])
  const [event] = await all(readEvents({ rows, sink: 'events', collection: 'orders' }))
  expect(JSON.stringify(event)).toBe(
    `{"keen":{"id":"${idOf(one)}","created_at":"2026-01-31T09:15:01.000Z","timestamp":"2026-01-31T09:15:00.000Z",` +
      '"location":{"x":1}},"n":1,"z":0}',
  )
})

test('read events: a client id is a member of keen, and filters find it as those of deletes do', async () => {
  const rows = createMemoryRows()
  await apply(rows, [{ offset: 1, clientId: '7' }, { offset: 2 }, { offset: 3, clientId: '' }])
  const foundBy = (operator: 'exists' | 'in', value: JsonValue): Promise<unknown[]> =>
    numbers(rows, { filters: [{ path: ['keen', 'client_id'], operator, value }] })
  expect([await foundBy('exists', true), await foundBy('in', [7])]).toEqual([[1, 3], [1]])
  const [event] = await all(readEvents({ rows, sink: 'events', collection: 'orders' }))
  expect(event?.['keen']).toMatchObject({ client_id: '7' })
})

test('read events: ordered by event time over hours, blocks and partitions', async () => {
  const rows = createMemoryRows()
  await apply(rows, spread)
  await apply(rows, [{ offset: 9, at: '2026-01-31T09:20:00.000Z' }], [], 3)
  expect(await numbers(rows)).toEqual([2, 300_000, 9, 1, 4])
})

test('read events: an event that a delete emptied is never shown (I-3)', async () => {
  const rows = createMemoryRows()
  await apply(rows, spread)
  await retract(rows, spread.slice(0, 1), 300_001)
  expect(await numbers(rows)).toEqual([2, 300_000, 4])
})

test('read events: project, timeframe and limit narrow; the end of a timeframe is excluded', async () => {
  const rows = createMemoryRows()
  await apply(rows, spread)
  expect(await numbers(rows, { project: 'other' })).toEqual([4])
  expect(await numbers(rows, { limit: 2 })).toEqual([2, 300_000])
  expect(await numbers(rows, { limit: 0 })).toEqual([])
  const timeframe = { startMs: Date.parse('2026-01-31T09:10:00Z'), endMs: Date.parse('2026-01-31T09:30:00Z') }
  expect(await numbers(rows, { timeframe, project: 'shop' })).toEqual([300_000])
  expect(await numbers(rows, { timeframe })).toEqual([300_000])
})

test('read events: a timeframe over the ends of months reads each month once', async () => {
  const rows = createMemoryRows()
  const days = Array.from({ length: 90 }, (_, day) => ({
    offset: day,
    at: new Date(Date.UTC(2026, 0, 31 + day)).toISOString(),
  }))
  await apply(rows, days)
  const timeframe = { startMs: Date.UTC(2026, 0, 31), endMs: Date.UTC(2026, 0, 31 + 60) }
  expect(await numbers(rows, { project: 'shop', timeframe })).toEqual(days.slice(0, 60).map((day) => day.offset))
})

test('read events: filters see the body and keen; times compare as times', async () => {
  const rows = createMemoryRows()
  await apply(rows, spread)
  const at = { path: ['keen', 'timestamp'], operator: 'gte', value: '2026-01-31T10:30:00+01:00' } as const
  const by = { path: ['n'], operator: 'lt', value: 3 } as const
  expect(await numbers(rows, { filters: [at] })).toEqual([1, 4])
  expect(await numbers(rows, { filters: [at, by] })).toEqual([1])
})

test('read events: a look-up by id reads the bucket of its hour', async () => {
  const rows = createMemoryRows()
  await apply(rows, spread)
  const filters = [{ path: ['keen', 'id'], operator: 'eq', value: idOf(spread[2]!) }] as const
  expect(await numbers(rows, { filters })).toEqual([300_000])
  expect(await numbers(rows, { filters, timeframe: { startMs: 0, endMs: 1 } })).toEqual([])
})

test('read events: an event store that was never written reads as empty', async () => {
  expect(await numbers(createMemoryRows())).toEqual([])
})

test('read events: SQLite gives what memory gives', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-events-'))
  const rows = await openSqliteRows({ path: join(folder, 'rows.db') })
  await apply(rows, spread)
  await retract(rows, spread.slice(0, 1), 300_001)
  expect(await numbers(rows)).toEqual([2, 300_000, 4])
  await rows.close()
  rmSync(folder, { recursive: true })
})
