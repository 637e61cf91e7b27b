/** A replay recomputes a range of the log into a namespace: the same results, and never an event that a delete took. */
import { advance, cut, remove, replay, settle, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { everySink } from './every-sink.ts'
import { bad, order, orders, startMs } from './orders.ts'
import { numbersIn, replayedEqually, seenOf } from './seen-in-namespace.ts'

/** Append time of order `index`. */
const at = (index: number): number => startMs + index * 7_000
const whole = { from: at(0), to: at(1_000) }
const play = (
  ...steps: readonly (TestStep | readonly TestStep[])[]
): ReturnType<ReturnType<typeof testTopology>['run']> =>
  testTopology(everySink, { partitions: 1, startMs }).run(steps.flat())

const ofKind = (kind: string): TestStep =>
  remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: kind }] })
const ofNumber = (number: number): TestStep =>
  remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: number }] })

test('a replay of everything equals the live result, to the last bit (I-1)', async () => {
  const result = await play(orders(0, 20), settle, replay({ ...whole, into: 'shadow' }))
  const live = await seenOf(result)
  expect(live.events).toHaveLength(20)
  expect(await seenOf(result, 'shadow')).toEqual(live)
})

test('a replay of a range is what a topology gives that has seen nothing else', async () => {
  const result = await play(orders(0, 20), settle, replay({ from: at(5), to: at(12), into: 'shadow' }))
  await replayedEqually(result, 'shadow', [5, 6, 7, 8, 9, 10, 11])
})

test('a replay of one tenant holds that tenant alone', async () => {
  const result = await play(orders(0, 12), settle, replay({ ...whole, into: 'shadow', tenant: 'ann' }))
  await replayedEqually(result, 'shadow', [0, 3, 6, 9])
})

test('a replay by event time holds what happened then, whenever it was appended', async () => {
  const timeframe = { startMs: at(3), endMs: at(7) }
  const result = await play(orders(0, 12), settle, replay({ ...whole, into: 'shadow', timeframe }))
  await replayedEqually(result, 'shadow', [3, 4, 5, 6])
})

test('records that a bolt fails on, and broken ones, are left out of a replay too', async () => {
  const steps = [...orders(0, 4), bad('{"broken'), order(4, { poison: true }), ...orders(5, 8)]
  const result = await play(steps, settle, replay({ ...whole, into: 'shadow' }))
  expect(await seenOf(result, 'shadow')).toEqual(await seenOf(result))
  const letters = (await result.deadLetters()).map(({ offset, sink }) => `${offset} ${sink}`)
  expect(letters).toEqual(expect.arrayContaining(['5 totals', '5 totals@shadow', '4 *']))
})

describe('D21: a replay of a range that holds deleted events shows none of them', () => {
  const shadow = replay({ from: at(4), to: at(12), into: 'shadow' })
  const cases: Readonly<Record<string, readonly TestStep[]>> = {
    'deleted and worked off before': [...orders(0, 16), ofKind('a'), ofNumber(7), settle, shadow],
    'deleted inside the range': [...orders(0, 8), ofKind('a'), ...orders(8, 16), ofNumber(7), settle, shadow],
    'deleted behind the range, by records that nobody has read': [
      ...orders(0, 16),
      settle,
      ofKind('a'),
      ofNumber(7),
      shadow,
    ],
    'deleted when the replay has begun': [...orders(0, 16), settle, shadow, ofKind('a'), ofNumber(7)],
    'deleted when the replay is done': [...orders(0, 16), settle, shadow, settle, ofKind('a'), ofNumber(7)],
    'deleted beside a running topology': [
      ...orders(0, 16),
      settle,
      advance(1_000),
      shadow,
      ofKind('a'),
      advance(5_000),
      ofNumber(7),
      advance(20_000),
    ],
    'ahead of the live lanes, which have the range and the deletes to come': [
      ...orders(0, 2),
      settle,
      ...orders(2, 16),
      ofKind('a'),
      ofNumber(7),
      shadow,
    ],
    'while the live lanes are cut': [
      ...orders(0, 2),
      settle,
      ...orders(2, 16),
      cut('totals', 3),
      shadow,
      ofNumber(7),
      ofKind('a'),
    ],
    'with a crash of the process that serves it': [
      ...orders(0, 16),
      settle,
      shadow,
      ofKind('a'),
      { kind: 'crash' },
      ofNumber(7),
      { kind: 'crash' },
    ],
  }
  test.each(Object.entries(cases))('%s', async (_, steps) => {
    const result = await play(steps)
    const alive = (await seenOf(result)).events
    const inside = alive.filter((one) => one >= 4 && one < 12)
    expect(inside).toEqual([4, 5, 8, 9, 10, 11])
    await replayedEqually(result, 'shadow', inside)
  })
})

test('two namespaces know nothing of each other, and later deletes reach both', async () => {
  const result = await play(
    orders(0, 12),
    settle,
    replay({ from: at(0), to: at(6), into: 'first' }),
    replay({ from: at(4), to: at(12), into: 'second-half' }),
    settle,
    ofNumber(5),
  )
  await replayedEqually(result, 'first', [0, 1, 2, 3, 4])
  await replayedEqually(result, 'second-half', [4, 6, 7, 8, 9, 10, 11])
  expect(numbersIn(Object.values(await result.objects()).flat())).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11])
})

test('the same replay again changes nothing; another range needs another namespace', async () => {
  const once = [...orders(0, 8), settle, replay({ ...whole, into: 'shadow' }), settle]
  const plain = await (await play(once)).ledger()
  expect(await (await play(once, replay({ ...whole, into: 'shadow' }))).ledger()).toEqual(plain)
  const other = play(once, replay({ from: at(1), to: at(1_000), into: 'shadow' }))
  await expect(other).rejects.toThrow('namespace shadow holds the replay of another range')
})

test('a topology that has not run here is not replayed', async () => {
  await expect(play(orders(0, 8), replay({ ...whole, into: 'shadow' }))).rejects.toThrow('`topology run` comes first')
})
