/** A topology that counts repetitions once, in every kind of sink, beside a count of everything. */
import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, dedupe, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { put, type TestResult } from 'spillway/testing'
import { expect } from 'vitest'
import type { Topology } from '../../topology/model/topology.ts'
import type { Put } from '../../topology/testing/test-step.ts'
import { dedupe as trueDedupe } from '../oracle/dedupe.ts'
import { readWholeLog, type TrueEvent } from '../oracle/read-whole-log.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { everyCountOf } from './every-count-of.ts'

export const windowMs = 60_000
export const startMs: number = Date.UTC(2026, 0, 1)

const totals = () => rollup({ window: '1 day', by: ['kind'], values: { orders: count(), value: sum('value') } })

export const once: Topology = defineTopology('once', (t) => {
  const events = t.spout('events', log())
  const fresh = events.bolt('once', dedupe({ window: '1 minute' }))
  fresh.sink('store', eventRows())
  fresh.bolt('schema', inferSchema()).sink('schemas', tableRows())
  fresh
    .bolt(
      'small',
      filter((event) => Number(event.body['value']) < 8),
    )
    .bolt('counted', totals())
    .sink('totals', tableRows())
  fresh.sink('archive', objects({ compression: 'none' }))
  events.bolt('all', totals()).sink('all_totals', tableRows())
  events
    .bolt('by_order', dedupe({ by: 'order', window: windowMs }))
    .bolt('orders', totals())
    .sink('per_order', tableRows())
})

export interface Sent {
  readonly token?: string
  readonly order?: number
  readonly value: number
  readonly atMs: number
  readonly partition?: number
  readonly project?: string
}

/** One event as a client sends it, once more for each repetition. */
export const send = ({ token, order, value, atMs, partition = 0, project = 'ann' }: Sent): Put =>
  put(
    {
      kind: value % 2 === 0 ? 'even' : 'odd',
      value,
      ...(order === undefined ? {} : { order }),
      ...(token === undefined ? {} : { keen: { uniqueness_token: token } }),
    },
    { project, collection: 'bought', partition, atMs: startMs + atMs },
  )

/** Every view equals the recomputation from the whole log, duplicates and deletes taken out (I-1, I-3). */
export const expectOnce = async (result: TestResult, label = ''): Promise<void> => {
  const { events, alive } = await readWholeLog(result.resources.logs['events'] ?? result.resources.logs['default']!)
  const living = (one: readonly TrueEvent[]): readonly TrueEvent[] => one.filter((event) => alive.includes(event))
  const fresh = living(trueDedupe(events, 'keen.uniqueness_token', windowMs))
  const small = fresh.filter((event) => Number(event.body['value']) < 8)
  expect((await result.events('store', 'bought')).map(valueIn).sort(), `${label} event rows`).toEqual(valuesIn(fresh))
  expect(
    Object.values(await result.objects())
      .flat()
      .map(valueIn)
      .sort(),
    `${label} objects`,
  ).toEqual(valuesIn(fresh))
  expect(await totalsIn(result, 'totals'), `${label} totals`).toEqual(trueTotals(small))
  expect(await totalsIn(result, 'all_totals'), `${label} all totals`).toEqual(trueTotals(alive))
  const perOrder = living(trueDedupe(events, 'order', windowMs))
  expect(await totalsIn(result, 'per_order'), `${label} per order`).toEqual(trueTotals(perOrder))
  expect(await everyCountOf(result, 'schemas'), `${label} schema`).toEqual(schemaCounts(fresh.map(({ body }) => body)))
}

const valueIn = (event: object): string => String(Reflect.get(event, 'value'))
const valuesIn = (events: readonly TrueEvent[]): readonly string[] => events.map(({ body }) => valueIn(body)).sort()

type Totals = readonly (readonly [kind: string, orders: number, value: number])[]

const totalsIn = async (result: TestResult, sink: string): Promise<Totals> => {
  const sums = new Map<string, [number, number]>()
  for (const { kind, orders, value } of await result.rows(sink)) {
    const [before, added] = sums.get(String(kind)) ?? [0, 0]
    sums.set(String(kind), [before + Number(orders), added + Number(value)])
  }
  return [...sums].map(([kind, [orders, value]]) => [kind, orders, value] as const).sort()
}

const trueTotals = (events: readonly TrueEvent[]): Totals =>
  [...Map.groupBy(events, ({ body }) => String(body['kind']))]
    .map(([kind, list]) => [kind, list.length, list.reduce((all, { body }) => all + Number(body['value']), 0)] as const)
    .sort()
