import { afterEach, describe, expect, test } from 'vitest'
import { bucketTable, eventTable, hourOf } from '../../../sinks/rows/event-table.ts'
import { KnownBuckets } from '../../../sinks/rows/known-buckets.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { RetainedEvents } from '../../../sinks/rows/retained-events.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'
import type { LogOptions } from '../../../topology/model/topology.ts'
import { createDecoder } from '../../../topology/spouts/decode/create-decoder.ts'
import { DirectedRows, type WriteFate } from './directed-rows.ts'
import { apply, never, retract } from './given-events.ts'

afterEach(() => plantedFaults.clear())

const everywhere: WriteFate = { reaches: [0, 1, 2] }

const timeMs = Date.UTC(2026, 0, 1, 10, 20)
const appendMs = timeMs + 90_000

const scope = { project: 'ann', collection: undefined, timeframe: undefined }

/** A store with a row per offset; `dead`: emptied by the delete at 900. */
const given = async (offsets: readonly number[], body = '{"a":1}', dead: readonly number[] = []): Promise<RowStore> => {
  const rows = createMemoryRows()
  for (const table of [eventTable('store'), bucketTable('store'), catalogueOfPartitions]) await rows.ensureTable(table)
  for (const at of offsets) {
    const block = Math.floor(at / 2 ** 18)
    const bucket = ['ann', 'orders', '2026-01-01T10Z', 0, block]
    const id = eventId(timeMs, partition(0), offset(at))
    const isDead = dead.includes(at)
    const cells = [id, 'events', timeMs, appendMs, isDead ? '' : body, isDead ? 900 : null]
    await rows.write(eventTable('store'), [[...bucket, ...cells]], 1)
    const buckets = [{ project: 'ann', collection: 'orders', hour: hourOf(timeMs), block }]
    await new KnownBuckets(rows, bucketTable('store'), 0).ensure(buckets, never)
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
    write: async (table, some) => void written.push(table.name, some.length, some[0]?.at(-1)),
  }
  expect((await readOf(watched, all)).map((record) => record.offset)).toEqual([1])
  expect(written).toEqual(['store', 1, 900])
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
