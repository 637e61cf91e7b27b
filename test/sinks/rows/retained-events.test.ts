import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { bucketTable, eventCell, eventTable, hourOf } from '../../../sinks/rows/event-table.ts'
import { KnownBuckets } from '../../../sinks/rows/known-buckets.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { RetainedEvents } from '../../../sinks/rows/retained-events.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { Row, RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'
import type { LogOptions } from '../../../topology/model/topology.ts'
import { createDecoder } from '../../../topology/spouts/decode/create-decoder.ts'
import { tempFolders } from '../../conformance/temp-folder.ts'
import { DirectedRows, type WriteFate } from './directed-rows.ts'
import { apply, never, retract } from './given-events.ts'

afterEach(() => plantedFaults.clear())

const newFolder = tempFolders()
const everywhere: WriteFate = { reaches: [0, 1, 2] }

const timeMs = Date.UTC(2026, 0, 1, 10, 20)
const appendMs = timeMs + 90_000

const scope = { project: 'ann', collection: undefined, timeframe: undefined }

const blockOf = (at: number): number => Math.floor(at / 2 ** 18)

const rowAt = (at: number, body: string, clientId: string | null = null): Row => {
  const id = eventId(timeMs, partition(0), offset(at))
  return ['ann', 'orders', '2026-01-01T10Z', 0, blockOf(at), id, 'events', timeMs, appendMs, body, null, clientId]
}

const catalogued = (rows: RowStore, block: number): Promise<void> => {
  const buckets = [{ project: 'ann', collection: 'orders', hour: hourOf(timeMs), block }]
  return new KnownBuckets(rows, bucketTable('store'), 0).ensure(buckets, never)
}

/** A store with a row per offset; `dead`: emptied by the delete at 900. */
const given = async (
  offsets: readonly number[],
  body = '{"a":1}',
  dead: readonly number[] = [],
  clientId: string | null = null,
): Promise<RowStore> => {
  const rows = createMemoryRows()
  for (const table of [eventTable('store'), bucketTable('store'), catalogueOfPartitions]) await rows.ensureTable(table)
  for (const at of offsets) {
    const row = rowAt(at, body, clientId)
    const emptied = [...row.slice(0, eventCell.body), '', 900, '']
    await rows.write(eventTable('store'), [dead.includes(at) ? emptied : row], 1)
    await catalogued(rows, blockOf(at))
  }
  return rows
}

const readOf = async (
  rows: RowStore,
  span: { readonly from: number; readonly to: number; readonly offsets?: ReadonlySet<number> },
  options: LogOptions = {},
): Promise<readonly LogRecord[]> => {
  const spout = { kind: 'spout' as const, name: 'events', options }
  const retained = new RetainedEvents({ rows, sink: 'store', spout, partition: 0, scopes: [scope] })
  return (await Array.fromAsync(retained.read(span, span.offsets))).flat()
}

const all = { from: 0, to: 2 ** 19 }

test('rows of the range, or of the wanted offsets in it, become records again', async () => {
  const rows = await given([1, 2, 3, 2 ** 18 + 5])
  const offsets = async (...args: Parameters<typeof readOf>): Promise<unknown> =>
    (await readOf(...args)).map((record) => record.offset)
  expect(await offsets(rows, all)).toEqual([1, 2, 3, 2 ** 18 + 5])
  expect(await offsets(rows, { from: 2, to: 2 ** 18 })).toEqual([2, 3])
  expect(await offsets(rows, { ...all, offsets: new Set([3, 9]) })).toEqual([3])
})

test('a row that a delete has emptied is none, and is written once more as it was found', async () => {
  const rows = await given([1, 2], '{}', [2])
  const written: unknown[] = []
  const watched: RowStore = {
    ...rows,
    scan: (table, range) => rows.scan(table, range),
    write: async (table, some) => void written.push(table.name, some.length, some[0]?.slice(-3)),
  }
  expect((await readOf(watched, all)).map((record) => record.offset)).toEqual([1])
  expect(written).toEqual(['store', 1, ['', 900, '']])
})

/** The mark of a delete reached one replica before its writer died; a recovery reads the store, and then its work is done. */
const recovered = async (): Promise<readonly LogRecord[]> => {
  const rows = new DirectedRows()
  await apply(rows, [{ offset: 1 }])
  rows.fates = [everywhere, { reaches: [0], fails: true }]
  await retract(rows, [{ offset: 1 }], 8).catch(() => undefined)
  const spout = { kind: 'spout' as const, name: 'events', options: {} }
  const read = (): Promise<readonly LogRecord[]> =>
    Array.fromAsync(
      new RetainedEvents({ rows, sink: 'events', spout, partition: 0, scopes: [{ ...scope, project: 'shop' }] }).read({
        from: 0,
        to: 9,
      }),
    ).then((all) => all.flat())
  expect(await read()).toEqual([])
  rows.readsFrom = [1, 2]
  return read()
}

describe('tombstone-event-row', () => {
  test('is not what happens: no reader of other replicas sees the event again (I-3)', async () => {
    expect(await recovered()).toEqual([])
  })

  test('planted, is caught', async () => {
    plantedFaults.add('tombstone-event-row')
    expect(await recovered()).toMatchObject([{ offset: 1 }])
  })
})

const sources: readonly LogOptions[] = [
  {},
  { project: { header: 'who' }, collection: { header: 'what' } },
  { tenant: { key: true }, collection: 'orders' },
  { project: { path: 'owner' }, collection: { path: 'of' }, time: 'at' },
]
const body = `{"owner":"ann","of":"orders","at":"${new Date(timeMs).toISOString()}","keen":{"timestamp":"2000-01-01T00:00:00Z"}}`

/** Client ids as the decoder reads them again. */
const clientIdsOf = async (rows: RowStore, options: LogOptions = {}): Promise<unknown> => {
  const records = await readOf(rows, all, options)
  const decoder = createDecoder({ spout: options, topic: 'events', wanted: { paths: [], shapes: false } })
  const { events } = decoder.decode({ partition: partition(0), from: offset(0), to: offset(9), records, byteLength: 0 })
  return Array.from(events.clientIds())
}

test.each([
  ['of a header', '{}', 'a', undefined, 'a'],
  ['that is an empty text', '{}', '', undefined, ''],
  ['of a header, before that of the body', '{"of":"b"}', 'a', 'of', 'a'],
  ['of the body', '{"of":7}', '7', 'of', '7'],
  ['of the body, in no well-formed text', '{"of":"\\ud800"}', null, 'of', '\ud800'],
  ['that is not there', '{"of":7}', null, undefined, undefined],
] as const)('a client id %s is what it was', async (_, body, stored, path, wanted) => {
  const options = path === undefined ? {} : { clientId: path }
  expect(await clientIdsOf(await given([1], body, [], stored), options)).toEqual([wanted])
})

test('a table without the column of client ids gives the records of events without one', async () => {
  const path = join(newFolder(), 'rows.db')
  const rows = await openSqliteRows({ path })
  const { columns, ...before } = eventTable('store')
  const old = { ...before, columns: columns.filter(({ name }) => name !== 'client_id') }
  for (const table of [old, bucketTable('store'), catalogueOfPartitions]) await rows.ensureTable(table)
  await catalogued(rows, 0)
  await rows.write(old, [rowAt(1, '{}').slice(0, -1)], 1)
  expect(await clientIdsOf(rows)).toEqual([undefined])
  await rows.ensureTable(eventTable('store'))
  await rows.write(eventTable('store'), [rowAt(2, '{}', 'a')], 1)
  expect(await clientIdsOf(rows)).toEqual([undefined, 'a'])
  await rows.close()
})

test.each(sources)('a spout that takes names and time by %j makes the same event of it', async (options) => {
  const [record] = await readOf(await given([7], body), all, options)
  const decoder = createDecoder({ spout: options, topic: 'events', wanted: { paths: [], shapes: false } })
  const batch = { partition: partition(0), from: offset(7), to: offset(8), records: [record!], byteLength: 0 }
  const { events } = decoder.decode(batch)
  expect([events.projects()[0], events.collections()[0]]).toEqual(['ann', 'orders'])
  expect([events.timesMs()[0], events.appendTimesMs[0]]).toEqual([timeMs, appendMs])
  const { buffer, start, end } = events.bytes(0)
  expect(Buffer.from(buffer.subarray(start, end)).toString()).toBe(body)
  expect([events.id(0), events.hasTimestamp[0]]).toEqual([eventId(timeMs, partition(0), offset(7)), 1])
})
