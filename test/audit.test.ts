/** Whether the audit is exact: silent after anything that may happen, and loud where a single count is changed. */
import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, dedupe, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { CRASH, cut, put, remove, replay, settle, type TestResult, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { objectTable } from '../sinks/objects/object-manifest.ts'
import { eventCell, eventTable } from '../sinks/rows/event-table.ts'
import { type StateLayout, stateLayout, stateTable } from '../sinks/rows/state-table.ts'
import { auditTopology } from '../topology/audit.ts'
import type { AuditReport } from '../topology/audit-report.ts'
import { planSpout } from '../topology/declare/plan-spout.ts'
import { eventId, parseEventId } from '../topology/model/event-id.ts'
import type { JsonObject } from '../topology/model/json.ts'
import type { LaneState } from '../topology/model/ledger-document.ts'
import type { Row, TableSpec } from '../topology/model/ports/row-store.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'
import { planted } from './engine/planted.ts'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'perMinute',
      rollup({ window: ['1 minute', '1 day'], by: ['country'], values: { orders: count(), paid: sum('price') } }),
    )
    .sink('totals', tableRows())
  events
    .bolt(
      'fromSpain',
      rollup({
        window: '1 hour',
        where: [{ property_name: 'country', operator: 'eq', property_value: 'ES' }],
        values: { orders: count() },
      }),
    )
    .sink('spain', tableRows())
  const bought = events.bolt(
    'bought',
    filter((event) => {
      if (event.body['poison'] === true) throw new Error('no')
      return event.collection === 'bought'
    }),
  )
  bought.sink('archive', objects({ compression: 'none' }))
  bought.bolt('perHour', rollup({ window: '1 hour', values: { orders: count() } })).sink('revenue', tableRows())
  events.bolt('once', dedupe({ by: 'token', window: '1 hour' })).sink('singles', objects({ compression: 'none' }))
})

const countries = ['NZ', 'DE', 'ES']
const startMs = Date.UTC(2026, 0, 1)

const drawn = (seed: number, events: number): readonly TestStep[] => {
  const random = seededRandom(seed)
  const upTo = (most: number): number => Math.floor(random.next() * most)
  const event = (): TestStep => {
    if (upTo(40) === 0) return put('nonsense', { partition: upTo(2) })
    const body = { country: countries[upTo(3)]!, price: upTo(100), token: `t${upTo(60)}`, poison: upTo(30) === 0 }
    const place = { project: `p${upTo(3)}`, collection: upTo(3) === 0 ? 'seen' : 'bought', partition: upTo(2) }
    return put(body, { ...place, atMs: startMs + upTo(5 * 3_600_000) })
  }
  const request = (): JsonObject => ({
    project: `p${upTo(3)}`,
    allowScan: true,
    filters: [{ property_name: 'country', operator: 'eq', property_value: countries[upTo(3)]! }],
  })
  const other = (): TestStep =>
    [CRASH, settle, remove(request()), cut('store', 1 + upTo(3)), cut('totals', 2), cut('archive', 2)][upTo(6)]!
  return Array.from({ length: events }, () => (upTo(12) === 0 ? other() : event()))
}

const audited = (result: TestResult, more: object = {}): Promise<AuditReport> => {
  const { logs, rows, ledger, objects: store } = result.resources
  return auditTopology({ topology: shop, logs, rows, ledger, objects: store, ...more })
}

const told = ({ differences, problems, counters }: AuditReport): unknown => ({
  differences,
  problems,
  counters: counters.filter((one) => one.problems.length > 0),
})
const nothing = { differences: [], problems: [], counters: [] }

describe('an audit', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'D20: agrees after events, deletes, poison, cuts and crashes of seed %i (I-8)',
    async (seed) => {
      const result = await testTopology(shop, { seed }).run(drawn(seed, 160))
      const report = await audited(result)
      expect(told(report)).toEqual(nothing)
      expect(report.left).toEqual([])
      expect(report.isEqual).toBe(true)
      expect(report.sinks.map(({ windows }) => windows.every(({ moving }) => moving === 0))).not.toContain(false)
    },
  )

  test.each([1, 2, 3])('agrees in a namespace of seed %i, for one project, collection or time', async (seed) => {
    const timeframe = { startMs: startMs + 1_800_000, endMs: startMs + 3 * 3_600_000 }
    const again = replay({ from: startMs + 3_600_000, into: 'v2', timeframe })
    const result = await testTopology(shop, { seed }).run([...drawn(seed, 120), settle, again, ...drawn(seed + 50, 60)])
    for (const more of [
      { namespace: 'v2' },
      { project: 'p1' },
      { project: 'p1', timeframe },
      { collection: 'bought' },
    ]) {
      const report = await audited(result, more)
      expect(told(report)).toEqual(nothing)
      expect(report.sinks.some(({ windows }) => windows.some(({ found }) => found > 0))).toBe(true)
    }
  })

  test('without the topology itself, sinks behind bolts are left out, and that is said', async () => {
    const result = await testTopology(shop).run(drawn(1, 60))
    const report = await audited(result, { topology: 'shop' })
    expect(told(report)).toEqual(nothing)
    expect(report.sinks.map(({ name }) => name)).toEqual(['store', 'schemas', 'totals', 'spain'])
    expect(report.left).toEqual([
      { name: 'archive', stored: 'archive', reason: expect.stringContaining('stands behind bought') },
      { name: 'revenue', stored: 'revenue', reason: expect.stringContaining('stands behind bought') },
      { name: 'singles', stored: 'singles', reason: expect.stringContaining('stands behind once') },
    ])
  })

  test('counts are those of the log, and told in full when asked for', async () => {
    const steps = [0, 1, 2].map((hour) =>
      put({ country: 'ES' }, { project: 'p', collection: 'bought', atMs: startMs + hour * 3_600_000 }),
    )
    const result = await testTopology(shop).run([
      ...steps,
      settle,
      remove({ project: 'p', allowScan: true }),
      steps[0]!,
    ])
    const report = await audited(result, { isAll: true })
    expect(report.cells.filter(({ sink }) => sink === 'store')).toEqual([
      expect.objectContaining({
        project: 'p',
        collection: 'bought',
        window: '1 hour',
        startMs,
        expected: 1,
        found: 1,
        moving: 0,
      }),
    ])
    expect(report.sinks[0]).toMatchObject({ events: 4, deleted: 3, deadLettered: 0, cells: 1, differing: 0 })
  })
})

/** Of the first row for which it gives one. */
const changed = async (result: TestResult, table: TableSpec, change: (row: Row) => Row | undefined): Promise<void> => {
  const { rows } = result.resources
  for await (const page of rows.scan(table))
    for (const row of page) {
      const next = change(row)
      if (next === undefined) continue
      return rows.write(table, [next], Number.MAX_SAFE_INTEGER)
    }
  throw new Error('nothing was changed')
}

const withCell = (row: Row, index: number, cell: Row[number]): Row => row.map((one, at) => (at === index ? cell : one))

const stateOf = (sink: string): { readonly table: TableSpec; readonly layout: StateLayout } => {
  const operator = planSpout(shop, 'events').sinks.find(({ name }) => name === sink)!.operator!
  return { table: stateTable(sink, operator), layout: stateLayout(operator) }
}

const addedTo = (state: Row[number]): string =>
  String(state).replace(/^\[(\d+)/, (_all, events) => `[${Number(events) + 1}`)

const tamperings: readonly (readonly [
  what: string,
  expected: object,
  change: (result: TestResult) => Promise<void>,
])[] = [
  [
    'an event row that is emptied',
    { sink: 'store', meaning: expect.stringContaining('1 row missing') },
    (result) =>
      changed(result, eventTable('store'), (row) =>
        row[eventCell.dead] === null ? withCell(row, eventCell.dead, 0) : undefined,
      ),
  ],
  [
    'an event row that is written twice, under another time',
    { sink: 'store', meaning: expect.stringContaining('1 row too many') },
    (result) =>
      changed(result, eventTable('store'), (row) => {
        const at = parseEventId(String(row[eventCell.id]))!
        return withCell(row, eventCell.id, eventId(at.timeMs + 1, at.partition, at.offset))
      }),
  ],
  [
    'the manifest of an object',
    {
      sink: 'singles',
      window: '1 hour of append time',
      meaning: expect.stringContaining('2 lines of objects too many'),
    },
    (result) =>
      changed(result, objectTable, (row) =>
        row[3] === 'singles' ? withCell(row, 11, Number(row[11]) + 2) : undefined,
      ),
  ],
  [
    'the count of a rollup',
    { sink: 'spain', window: '1 hour', collection: null },
    (result) => {
      const { table, layout } = stateOf('spain')
      return changed(result, table, (row) => withCell(row, layout.state, addedTo(row[layout.state]!)))
    },
  ],
  [
    'the events of a schema',
    { sink: 'schemas', window: 'all', meaning: expect.stringContaining('1 counted event too many') },
    (result) => {
      const { table, layout } = stateOf('schemas')
      return changed(result, table, (row) => withCell(row, layout.state, addedTo(row[layout.state]!)))
    },
  ],
]

describe('an audit that is given something else', () => {
  test.each(tamperings)('D20: names %s', async (_what, expected, change) => {
    const result = await testTopology(shop).run(drawn(3, 80))
    await change(result)
    const report = await audited(result)
    expect(report.isEqual).toBe(false)
    expect(report.differences).toEqual([expect.objectContaining(expected)])
  })

  test('D20: names a readable count that is not the one of its state', async () => {
    const result = await testTopology(shop).run(drawn(3, 80))
    const { table, layout } = stateOf('revenue')
    await changed(result, table, (row) => withCell(row, layout.fullKeyCells, Number(row[layout.fullKeyCells]) + 1))
    const report = await audited(result)
    expect([report.isEqual, report.problems]).toEqual([false, [expect.stringContaining('in column orders of')]])
  })

  test('D20: names a line that is missing in an object, when objects are read back', async () => {
    const result = await testTopology(shop).run(drawn(3, 80))
    const { objects: store } = result.resources
    for await (const { key, etag } of store.list('')) {
      const { bytes, metadata } = (await store.read(key))!
      const cut = bytes.subarray(0, bytes.lastIndexOf(0x0a, bytes.length - 2) + 1)
      async function* body(): AsyncIterable<Uint8Array> {
        yield cut
      }
      await store.replace(key, etag, body, metadata)
      break
    }
    const report = await audited(result)
    expect(report.problems.join()).toMatch(/has \d+ lines, the manifest says \d+/)
    expect([report.isEqual, (await audited(result, { objects: undefined })).isEqual]).toEqual([false, true])
  })

  test('D20: names a counter that does not add up, and one that is not what the log says (I-8)', async () => {
    const result = await testTopology(shop).run(drawn(3, 80))
    const { ledger } = result.resources
    const key = { topology: 'shop', spout: 'events', partition: 0 }
    const doc = (await ledger.read(key))!
    const [[id, lane]] = Object.entries(doc.lanes).filter(([, { sink }]) => sink === 'totals') as [[string, LaneState]] // there is one
    const counters = { ...lane.counters, received: lane.counters.received + 1 }
    await ledger.compareAndSet(key, doc.ver, {
      ...doc,
      ver: doc.ver + 1,
      lanes: { ...doc.lanes, [id]: { ...lane, counters } },
    })
    const report = await audited(result)
    const wrong = report.counters.filter(({ problems }) => problems.length > 0)
    expect(wrong).toEqual([
      expect.objectContaining({
        stored: 'totals',
        partition: 0,
        problems: [expect.stringContaining('is not applied'), expect.stringContaining('the log has')],
      }),
    ])
    expect(report.isEqual).toBe(false)
  })

  test('D20: sees that records were counted again after a crash', async () => {
    const steps = [...drawn(4, 80), CRASH, ...drawn(5, 80), CRASH, ...drawn(6, 40)]
    const report = await planted('counted-again-on-recovery', async () => audited(await testTopology(shop).run(steps)))
    expect(report.counters.flatMap(({ problems }) => problems).join()).toMatch(/received \d+, the log has \d+/)
    expect(report.isEqual).toBe(false)
  })
})
