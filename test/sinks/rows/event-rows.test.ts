import { afterEach, expect, test } from 'vitest'
import { eventRows } from '../../../sinks/rows/event-rows.ts'
import { bucketTable, eventStamp, eventTable, hourOf } from '../../../sinks/rows/event-table.ts'
import { createMemoryRows, type MemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { SinkWriter } from '../../../topology/model/sink.ts'
import { DirectedRows } from './directed-rows.ts'
import { apply, batch, hour9, idOf, never, retract, storeOn } from './given-events.ts'
import { epoch, words } from './given-state.ts'

afterEach(() => plantedFaults.clear())

const table = eventTable('events')
const hour = hourOf(Date.parse(hour9))
const bodies = (rows: MemoryRows) => rows.dump(table).map((row) => [row[9], row[10]])

test('event rows: one row per event under its id, with the own bytes of the record as body', async () => {
  const rows = createMemoryRows()
  await apply(rows, [{ offset: 5, body: '{ "Größe": 1e400 }' }])
  expect(rows.dump(table)).toEqual([
    [
      ...['shop', 'orders', '2026-01-31T09Z', 0, 0, idOf({ offset: 5 }), 'events'],
      ...[Date.parse(hour9), Date.parse(hour9) + 1000, '{ "Größe": 1e400 }', null, null],
    ],
  ])
})

test('event rows: the stamp is base + offset + 1, the mark of a delete base + offset of the delete + 1', async () => {
  const rows = new DirectedRows()
  await apply(rows, [{ offset: 5 }])
  await retract(rows, [{ offset: 5 }], 9)
  const stamps = rows.writes.filter((write) => write.table === 'events').map((write) => write.stamps)
  expect(stamps).toEqual([[eventStamp(hour, 5)], [eventStamp(hour, 9)]])
})

test('event rows: any order and repetition of writers gives the same rows (I-1, I-2)', async () => {
  const [once, often] = [createMemoryRows(), createMemoryRows()]
  const list = [{ offset: 1 }, { offset: 2 }, { offset: 3, at: '1928-11-18' }]
  await apply(once, list)
  await apply(often, list.slice(2))
  await apply(often, list)
  await apply(often, list.slice(0, 1))
  expect(often.dump(table)).toEqual(once.dump(table))
})

test('event rows: weight -1 in an epoch that applies events leaves them out (I-3)', async () => {
  const rows = createMemoryRows()
  await apply(rows, [{ offset: 1 }, { offset: 2 }, { offset: 3 }], [{ offset: 2 }])
  expect(bodies(rows)).toEqual([
    ['{"n":1}', null],
    ['{"n":3}', null],
  ])
})

test('event rows: the epoch of a delete empties and marks rows; a late write of the event loses to the mark (I-3)', async () => {
  const rows = createMemoryRows()
  await apply(rows, [{ offset: 1 }, { offset: 2 }])
  await retract(rows, [{ offset: 1 }], 8)
  await apply(rows, [{ offset: 1 }, { offset: 2 }])
  expect(bodies(rows)).toEqual([
    ['', 8],
    ['{"n":2}', null],
  ])
})

test('event-row-wall-clock, planted, is caught: a late write of the event beats its mark', async () => {
  plantedFaults.add('event-row-wall-clock')
  const rows = createMemoryRows()
  await apply(rows, [{ offset: 1 }])
  await retract(rows, [{ offset: 1 }], 8)
  await apply(rows, [{ offset: 1 }])
  expect(bodies(rows)).not.toEqual([['', 8]])
})

const clientIds = (rows: MemoryRows) => rows.dump(table).map((row) => [row[10], row[11]])

test('event rows: the client id of an event stands beside it, null where it has none or none in well-formed text', async () => {
  const rows = createMemoryRows()
  const ids = [undefined, 'a', undefined, '', '\ud800', 'b\0']
  await apply(
    rows,
    ids.map((clientId, offset) => (clientId === undefined ? { offset } : { offset, clientId })),
  )
  expect(clientIds(rows).map(([, id]) => id)).toEqual([null, 'a', null, '', null, 'b\0'])
})

test('event rows: the mark of a delete takes the client id too, and keeps a late write from bringing it back (I-3)', async () => {
  const rows = createMemoryRows()
  const one = { offset: 1, clientId: 'a' }
  await apply(rows, [one])
  await retract(rows, [one], 8)
  await apply(rows, [one])
  expect(clientIds(rows)).toEqual([[8, '']])
})

test('event rows: a bucket stands in the catalogue before its first row, once per writer', async () => {
  const rows = new DirectedRows()
  const writer = await storeOn(rows)
  for (const offset of [1, 2]) {
    const open = writer.openEpoch()
    open.add(batch([{ offset }]), 1)
    await open.write(epoch(offset, { sink: 'events' }), never)
  }
  expect(rows.writes.map((write) => write.table)).toEqual(['events_buckets', 'events', 'events'])
  expect(rows.writes[0]?.rows).toEqual([['shop', 'orders', '2026-01', 0, '2026-01-31T09Z', 0, true]])
})

test('event rows: the few events of one tenant are written before the many of another in the same epoch (C20)', async () => {
  const rows = new DirectedRows()
  const many = Array.from({ length: 600 }, (_, index) => ({ offset: index, project: 'noisy' }))
  await apply(rows, [...many, { offset: 600, project: 'shop' }])
  const writes = rows.writes.filter(({ table }) => table === 'events')
  expect(writes[0]!.rows[0]![0]).toBe('shop')
  expect(writes.flatMap(({ stamps }) => stamps)).toHaveLength(601)
})

test('event rows: a bucket whose catalogue row failed is written again', async () => {
  const rows = new DirectedRows()
  const open = (await storeOn(rows)).openEpoch()
  open.add(batch([{ offset: 1 }]), 1)
  rows.fates = [{ reaches: [], fails: true }]
  await expect(open.write(epoch(1), never)).rejects.toThrow('planned')
  await open.write(epoch(1), never)
  expect(rows.writes.map((write) => write.table)).toEqual(['events_buckets', 'events_buckets', 'events'])
})

test('event rows: two spouts whose records share partition, offset and time keep two rows', async () => {
  const rows = createMemoryRows()
  const writer = await storeOn(rows)
  for (const spout of ['left', 'right']) {
    const open = writer.openEpoch()
    open.add(batch([{ offset: 1 }]), 1)
    await open.write(epoch(1, { spout }), never)
  }
  expect(rows.dump(table)).toHaveLength(2)
})

test('event rows: bytes larger than a chunk are kept whole', async () => {
  const rows = createMemoryRows()
  const body = JSON.stringify({ text: 'x'.repeat(300_000) })
  await apply(rows, [{ offset: 1 }, { offset: 2, body }, { offset: 3 }])
  expect(bodies(rows).map(([text]) => text)).toEqual(['{"n":1}', body, '{"n":3}'])
})

test('event rows: held bytes grow with what was added and fall with discard (I-6)', async () => {
  const open = (await storeOn(new DirectedRows())).openEpoch()
  const empty = open.heldBytes()
  open.add(batch(Array.from({ length: 2_000 }, (_, offset) => ({ offset, body: `{"text":"${'x'.repeat(500)}"}` }))), 1)
  expect(open.heldBytes()).toBeGreaterThan(1_000_000)
  open.discard()
  expect(open.heldBytes()).toBe(empty)
})

test('event rows: client ids are counted in what an epoch holds (I-6)', async () => {
  const open = (await storeOn(new DirectedRows())).openEpoch()
  const events = (clientId: string) => Array.from({ length: 100 }, (_, offset) => ({ offset, clientId }))
  open.add(batch(events('')), 1)
  const before = open.heldBytes()
  open.add(batch(events('x'.repeat(1_000))), 1)
  expect(open.heldBytes() - before).toBeGreaterThan(100 * 2_000)
})

test('event rows: a bolt that emits other objects is refused with the way on', async () => {
  const writer: SinkWriter = await storeOn(createMemoryRows())
  expect(() => writer.openEpoch().add(words('a'), 1)).toThrow('sink events: eventRows() stores events')
})

test('event rows: the tables are declared by the sink', () => {
  expect(eventRows().tables('events', undefined)).toEqual([table, bucketTable('events'), catalogueOfPartitions])
})

test('event rows: an epoch discarded while it is written writes no body of the epoch that has its memory then (I-2)', async () => {
  const rows = createMemoryRows()
  const paused = Promise.withResolvers<void>()
  const slow = {
    ...rows,
    write: (...call: Parameters<typeof rows.write>) => paused.promise.then(() => rows.write(...call)),
  }
  const store = await storeOn(slow)
  const [first, second] = [store.openEpoch(), store.openEpoch()]
  first.add(batch([1, 2, 3, 4, 5].map((offset) => ({ offset }))), 1)
  const writing = first.write(epoch(1, { sink: 'events' }), never)
  first.discard()
  second.add(batch([7, 8, 9].map((offset) => ({ offset, body: '"of another"' }))), 1)
  paused.resolve()
  await expect(writing).rejects.toThrow('discarded while it was written')
  expect(bodies(rows).map(([body]) => body)).not.toContain('"of another"')
})
