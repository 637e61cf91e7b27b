/** Views that differ from the truth are found, whatever differs; and the truth of what random schedules do not have. */
import { map } from 'rxjs'
import { defineTopology, log, type Topology } from 'spillway'
import { count, dedupe, rollup } from 'spillway/operators'
import { eventRows, objects, propagateDeletes, tableRows } from 'spillway/sinks'
import { put, remove, settle, type TestResult, type TestStep, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { eventCell, eventTable } from '../../../sinks/rows/event-table.ts'
import { stateTable } from '../../../sinks/rows/state-table.ts'
import type { TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkMoment } from '../../../topology/testing/simulation/invariants/check-moment.ts'
import { checkViews } from '../../../topology/testing/simulation/invariants/check-views.ts'
import { truthOf } from '../../../topology/testing/simulation/truth/truth-of.ts'

const perKind = rollup({ window: '1 minute', by: ['kind'], values: { seen: count() } })
const topology = defineTopology('tampered', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('by_kind', perKind).sink('totals', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})

const steps: readonly TestStep[] = [
  ...['a', 'b', 'a'].map((kind) => put({ kind }, { project: 'ann' })),
  settle,
  remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: 'b' }] }),
]
const ran = (of: Topology = topology, what = steps): Promise<TestResult> =>
  testTopology(of, { seed: 1, partitions: 1 }).run(what)
const placeOf = ({ resources }: TestResult, of: Topology = topology) => ({
  topology: of,
  resources,
  logs: resources.logs,
})

/** Writes the first row of a table again, changed, above whatever it had as a stamp. */
const tamper = async ({ resources: { rows } }: TestResult, table: TableSpec, change: (row: unknown[]) => void) => {
  const pages = await Array.fromAsync(rows.scan(table))
  const row = [...pages.flat()[0]!]
  change(row)
  await rows.write(table, [row], Number.MAX_SAFE_INTEGER)
}

test('views that are as the log says pass', async () => {
  const place = placeOf(await ran())
  await checkViews(place)
  await checkMoment(place)
})

test('a state that differs is found (I-1), and one that is below zero at any moment (I-3)', async () => {
  const result = await ran()
  await tamper(result, stateTable('totals', perKind), (row) => row.splice(-1, 1, '[-1,-1]'))
  await expect(checkMoment(placeOf(result))).rejects.toThrow(/^I-3: the shard .* has lost more than it had taken: -1/)
  await expect(checkViews(placeOf(result))).rejects.toThrow(/^I-1: totals holds/)
})

test('a readable column that its state does not say is found (I-1)', async () => {
  const result = await ran()
  await tamper(result, stateTable('totals', perKind), (row) => row.splice(-3, 1, 7))
  await expect(checkViews(placeOf(result))).rejects.toThrow(/^I-1: the shard .* shows 7 where its state says/)
})

test('an event that is back after its delete is done is found at any moment (I-3)', async () => {
  const result = await ran()
  const table = eventTable('store')
  const dead = (await Array.fromAsync(result.resources.rows.scan(table)))
    .flat()
    .find((row) => row[eventCell.dead] !== null)!
  const back = [...dead.slice(0, eventCell.body), '{"kind":"b"}', null, null]
  await result.resources.rows.write(table, [back], Number.MAX_SAFE_INTEGER)
  await expect(checkMoment(placeOf(result))).rejects.toThrow(
    /^I-3: store shows 1 of events, partition 0, whose delete is done/,
  )
  await expect(checkViews(placeOf(result))).rejects.toThrow(/^I-3: store shows an event that the log does not have/)
})

test('an object that holds an event once more is found (I-7)', async () => {
  const result = await ran()
  const { objects: store } = result.resources
  for await (const { key } of store.list('')) {
    const { bytes, metadata } = (await store.read(key))!
    await store.create(
      `${key}.again`,
      async function* () {
        yield bytes
      },
      metadata,
    )
    break
  }
  await expect(checkViews(placeOf(result))).rejects.toThrow(
    /^I-7: .* of archive holds a line that another object has too/,
  )
})

test('a log that is read by half is told as such (I-9)', async () => {
  const result = await ran()
  await result.resources.logs['events']!.append([{ key: 'ann', headers: [], value: new TextEncoder().encode('{}') }])
  await expect(checkViews(placeOf(result))).rejects.toThrow(/^I-9: partition 0 of events is not caught up: lane/)
})

test('duplicates that are held back, and records on which a bolt throws, belong to no view', async () => {
  const picky = defineTopology('picky', (t) => {
    const events = t.spout('events', log())
    const once = events.bolt('once', dedupe({ by: 'token' }))
    once
      .bolt(
        'check',
        map((event) => {
          if ('poison' in event.body) throw new Error('poison')
          return event.withBody({ ...event.body, isChecked: true })
        }),
      )
      .sink('checked', objects({ compression: 'none' }))
    events.sink('all', eventRows())
  })
  const bodies = [{ token: 1 }, { token: 1 }, { poison: 1, token: 2 }, { token: 2 }, {}]
  const result = await ran(
    picky,
    bodies.map((body) => put(body, { project: 'ann' })),
  )
  const truth = await truthOf(picky, result.resources.logs)
  const shown = (sink: string): readonly string[] => truth.viewOf(sink).stored!.map(({ body }) => body)
  expect(shown('checked')).toEqual(['{"token":1,"isChecked":true}', '{"isChecked":true}'])
  expect(shown('all')).toHaveLength(5)
  await checkViews({ ...placeOf(result, picky), isByPeople: () => false })
})

test('requests that sinks have appended are those that events have asked for', async () => {
  const forgetful = defineTopology('forgetful', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    const matches = ({ body }: { readonly body: { readonly [name: string]: unknown } }) => [
      { property_name: 'user', operator: 'eq' as const, property_value: String(body['forget']) },
    ]
    events.sink('forgets', propagateDeletes({ when: (event) => 'forget' in event.body, matches }))
  })
  const asked = [put({ user: 'eve' }, { project: 'ann' }), put({ forget: 'eve' }, { project: 'ann' })]
  const result = await testTopology(forgetful, { seed: 1, partitions: 1 }).run(asked)
  const again = await checkViews(placeOf(result, forgetful)).catch((error: unknown) => String(error))
  // The request stands behind the end to which this run went.
  expect(again).toContain('not caught up')
  const truth = await truthOf(forgetful, result.resources.logs)
  expect(truth.viewOf('store').stored!.map(({ body }) => body)).toEqual(['{"forget":"eve"}'])
})
