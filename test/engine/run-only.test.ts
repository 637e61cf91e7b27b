/** `only`: some branches are served, the others stay exactly where they are. */
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { numbersIn, seenOf } from './seen-in-namespace.ts'

const documentOf = async (given: GivenPorts): Promise<LedgerDocument> =>
  (await given.resources.ledger.read({ topology: 'every', spout: 'events', partition: 0 }))!
const positions = async (given: GivenPorts): Promise<Readonly<Record<string, unknown>>> => {
  const { lanes, sinks } = await documentOf(given)
  return Object.fromEntries(Object.values(lanes).map(({ sink, at }) => [sink, [at, sinks[sink]!.retired]]))
}
const ofFour = remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })

test('one branch goes on, the others are neither retired nor moved', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(everySink)
  const before = await positions(given)
  given.append(orders(6, 10))
  expect(await given.run(everySink, { only: ['totals'] })).toMatchObject({ state: 'caughtUp' })
  expect(await positions(given)).toEqual({ ...before, totals: [10, false] })
})

test('a bolt means all sinks below it', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(everySink, { only: ['shorten'] })
  expect(Object.keys((await documentOf(given)).sinks)).toEqual(['notes'])
})

test('a name that is neither sink nor bolt is refused with the nearest one', async () => {
  const given = new GivenPorts()
  await expect(given.start(everySink, { only: ['total'] })).rejects.toThrow('did you mean "totals"?')
})

test('a delete that waits for the others does not hold the run, and is done when they have come', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(everySink)
  given.append([ofFour])
  for (const only of ['store', 'totals']) await given.run(everySink, { only: [only] })
  expect((await seenOf(given.read(everySink))).events).toContain(4)
  await given.run(everySink)
  expect((await seenOf(given.read(everySink))).events).toEqual([0, 1, 2, 3, 5])
})

test('branch after branch gives what all together give (I-1)', async () => {
  const alone = new GivenPorts()
  const together = new GivenPorts()
  for (const given of [alone, together]) given.append([...orders(0, 9), ofFour, ...orders(9, 12)])
  for (const only of ['archive', 'totals', 'notes', 'store', 'schemas']) await alone.run(everySink, { only: [only] })
  for (const given of [alone, together]) await given.run(everySink)
  const [seen, whole] = [await seenOf(alone.read(everySink)), await seenOf(together.read(everySink))]
  expect(seen).toEqual(whole)
  expect(numbersIn(Object.values(await alone.read(everySink).objects()).flat())).toEqual([
    0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11,
  ])
})
