/** Bolts that emit plain objects without an event time: a rollup needs one, other sinks and operators may not. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { defineOperator } from '../../topology/model/operator.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const perDay = rollup({ window: '1 day', by: ['number'], values: { orders: count() } })
const { readsTimes: _, ...unsaid } = perDay

/** Every `every`th order loses its time on the way to the totals. */
const topologyOf = (every: number, operator = perDay): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    const bare = events.bolt(
      'strip',
      map(({ body, timestamp, project }) =>
        Number(body['number']) % every === 0 ? { ...body, project } : { ...body, project, timestamp },
      ),
    )
    bare.bolt('totals', operator).sink('totals', tableRows())
  })

const numbersOf = async (given: GivenPorts, topology: Topology): Promise<readonly unknown[]> =>
  (await given.read(topology).rows('totals')).map((row) => row['number'])

const storedIn = async (given: GivenPorts, topology: Topology): Promise<number> => {
  const result = given.read(topology)
  return (await result.events('store', 'new')).length + (await result.events('store', 'old')).length
}

test('records whose tuples have no time are dead-lettered for the rollup alone, the others are in it (I-2)', async () => {
  const topology = topologyOf(5)
  const given = new GivenPorts()
  given.append(orders(0, 11))
  expect(await given.run(topology)).toMatchObject({ state: 'caughtUp', deadLetters: 3 })
  const letters = await given.read(topology).deadLetters()
  expect(letters.map((one) => [one.offset, one.sink, one.cause])).toEqual(
    [0, 5, 10].map((at) => [at, 'totals', 'BoltError']),
  )
  expect(letters[0]!.message).toContain(
    'bolt strip emitted tuple 0 without an event time: emit the event, or an object',
  )
  expect([...(await numbersOf(given, topology))].sort()).toEqual([1, 2, 3, 4, 6, 7, 8, 9])
  expect(await storedIn(given, topology)).toBe(11)
})

test('a delete takes out what was applied, and is not hindered by the records left out (I-3)', async () => {
  const topology = topologyOf(5)
  const given = new GivenPorts()
  given.append(orders(0, 11))
  await given.run(topology)
  given.append([remove({ project: 'ann' })])
  expect(await given.run(topology)).toMatchObject({ state: 'caughtUp' })
  expect([...(await numbersOf(given, topology))].sort()).toEqual([1, 2, 4, 7, 8])
})

test('a bolt that never gives a time stops the sinks below the rollup and nothing else', async () => {
  const topology = topologyOf(1)
  const given = new GivenPorts()
  given.append(orders(0, 150))
  const { state, error } = await given.run(topology)
  expect([state, error]).toMatchObject(['failed', { code: 'SPW-0402' }])
  expect(error?.message).toContain('of totals, partition 0 would be dead-lettered (bolt strip emitted tuple 0 without')
  expect([await storedIn(given, topology), await given.read(topology).deadLetters()]).toEqual([150, []])
})

test('an operator that does not say that it reads times stops its own sink, with the bolt named', async () => {
  const topology = topologyOf(5, defineOperator(unsaid))
  const given = new GivenPorts()
  given.append(orders(0, 11))
  const { state, error } = await given.run(topology)
  expect([state, error]).toMatchObject(['failed', { code: 'SPW-0109' }])
  expect(error).toMatchObject({
    message: expect.stringContaining('bolt strip'),
    hint: expect.stringContaining('run again'),
  })
  expect(await storedIn(given, topology)).toBe(11)
})
