/**
 * Deletes by client id of what the log has dropped: the event store holds the ids too, from the header or the body, so
 * they end as if the log were whole, beside other deletes and before them (I-3).
 */
import { defineTopology, log } from 'spillway'
import { count, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { remove, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { GivenPorts } from './given-ports.ts'
import { order } from './orders.ts'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log({ clientId: 'client' }))
  const values = { orders: count(), value: sum('value') }
  events.sink('store', eventRows())
  events.bolt('by_kind', rollup({ window: '1 year', by: ['kind'], values })).sink('kinds', tableRows())
  events.bolt('by_client', rollup({ window: '1 year', by: ['keen.client_id'], values })).sink('clients', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})

const ordersMax = 30

/** Of five orders one has its client id in the header, one in the body, one in both, two have none. */
const orders = Array.from({ length: ordersMax }, (_, index): TestStep => {
  const inBody = index % 5 === 1 || index % 5 === 2
  const put = order(index, inBody ? { client: `b${(index % 3) % 2}` } : {})
  if (index % 5 !== 0 && index % 5 !== 2) return put
  const headers = [...put.record.headers, ['spillway-id', `h${(index % 3) % 2}`] as const]
  return { ...put, record: { ...put.record, headers } }
})

const by = (path: string, operator: string, value: JsonValue, id?: string): TestStep => {
  const filters = [{ property_name: path, operator, property_value: value }]
  return remove({ project: 'bob', filters, ...(id === undefined ? {} : { id }) })
}
const byClient = (operator: string, value: JsonValue, id?: string): TestStep =>
  by('keen.client_id', operator, value, id)
const byKind = by('kind', 'eq', 'a')

interface Left {
  readonly work: readonly (readonly { readonly retracted: number }[])[]
  readonly sinks: unknown
}

/** Of every delete that is listed, by sink. */
const workOf = async ({ resources }: GivenPorts): Promise<Left['work']> => {
  const { deletes } = (await resources.ledger.read({ topology: 'shop', spout: 'events', partition: 0 }))!
  return deletes.map(({ work }) =>
    Object.entries(work).map(([sink, { retracted, expired = 0 }]) => ({ sink, retracted, expired })),
  )
}

const sinksOf = async (given: GivenPorts): Promise<unknown> => {
  const result = given.read(shop)
  const events = await Promise.all(['new', 'old'].map((collection) => result.events('store', collection)))
  return { events, kinds: await result.rows('kinds'), clients: await result.rows('clients') }
}

/** What is there after deletes that come when the log has dropped its beginning: listed together, or one after the other. */
const leftOf = async (deletes: readonly (readonly TestStep[])[], before: number): Promise<Left> => {
  const given = new GivenPorts()
  given.append(orders)
  await given.run(shop)
  given.log.expire(partition(0), offset(before))
  for (const some of deletes) {
    given.append(some)
    await given.run(shop)
  }
  return { work: await workOf(given), sinks: await sinksOf(given) }
}

describe.each(
  Object.entries({
    'from the header': [[byClient('eq', 'h0')]],
    'from the body': [[byClient('eq', 'b1')]],
    'of several': [[byClient('in', ['h0', 'h1', 'b0'])]],
    'of those that have none': [[byClient('exists', false)]],
    'beside another': [[byClient('eq', 'h0'), byKind]],
    'after another': [[byKind], [byClient('eq', 'h0')]],
    'before another': [[byClient('eq', 'h0')], [byKind]],
  }),
)('a delete by client id %s', (_, deletes) => {
  test.each([12, ordersMax])('takes out what the log had up to %i, as if it were there', async (before) => {
    const wanted = await leftOf(deletes, 0)
    expect(wanted.work.flat().every(({ retracted }) => retracted > 0)).toBe(true)
    expect(await leftOf(deletes, before)).toEqual(wanted)
  })
})

/** A delete by client id rests while another one, which matches some of its events, is at work. */
const rested = async (before: number): Promise<readonly Left[]> => {
  const given = new GivenPorts()
  given.append(orders)
  await given.run(shop)
  given.log.expire(partition(0), offset(before))
  const run = await given.start(shop, { knobs: { 'epoch.ageMs': 1_000 } })
  run.pauseDelete('rests')
  for (const one of [byClient('eq', 'h0', 'rests'), byKind]) {
    given.append([one])
    await given.pass(10_000)
  }
  const resting = { work: await workOf(given), sinks: await sinksOf(given) }
  run.resumeDelete('rests')
  await given.pass(20_000)
  await given.drive(run.stop())
  return [resting, { work: await workOf(given), sinks: await sinksOf(given) }]
}

test('what belongs to a delete by client id that rests is left to it', async () => {
  const wanted = await rested(0)
  expect(wanted[0]!.work[0]!.every(({ retracted }) => retracted === 0)).toBe(true)
  expect(wanted[1]!.work.flat().every(({ retracted }) => retracted > 0)).toBe(true)
  expect(await rested(ordersMax)).toEqual(wanted)
})
