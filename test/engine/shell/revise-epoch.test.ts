/** An epoch that stands open while deletes are listed: what they take leaves it again before it is declared (I-3). */
import { defineTopology, log } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../../topology/engine/shell/run-engine.ts'
import type { Event } from '../../../topology/model/event.ts'
import { GivenPorts } from '../given-ports.ts'
import { order, orders } from '../orders.ts'
import { forget } from '../single-ids.ts'

/** Keeps the numbers of the orders that it was given, each when its epoch is written. */
const keeping = (kept: Set<number>, subtracts: boolean): Sink<Event> =>
  defineSink<Event>({
    ...{ sinkKind: 'custom', name: 'keeping', doc: 'numbers', order: 'commutative', options: {}, knobs: {} },
    ...{ epochAge: 'epoch.ageMs', subtracts, tables: () => [] },
    open: async () => ({
      openEpoch: () => {
        const open = new Map<number, number>()
        return {
          add: (tuples, weight) => {
            for (let index = 0; index < tuples.length; index++) {
              const number = Number(tuples.tuple(index).body['number'])
              open.set(number, (open.get(number) ?? 0) + weight)
            }
          },
          heldBytes: () => 0,
          spilledBytes: () => 0,
          write: async () => {
            for (const [number, count] of open) if (count > 0) kept.add(number)
            return 'written'
          },
          discard: () => open.clear(),
        }
      },
      close: async () => {},
    }),
  })

interface Opened {
  readonly given: GivenPorts
  readonly run: EngineRun
  readonly kept: Set<number>
}

/** Three orders stand in an open epoch. */
const opened = async (subtracts: boolean): Promise<Opened> => {
  const [given, kept] = [new GivenPorts(), new Set<number>()]
  const shop = defineTopology('shop', (t) => void t.spout('events', log()).sink('kept', keeping(kept, subtracts)))
  given.append(orders(0, 3))
  const run = await given.start(shop, { knobs: { 'epoch.ageMs': 5_000, 'delete.coalesceMs': 0 } })
  await given.pass(500)
  return { given, run, kept }
}

/** Closes what is open; how often a lane began again. */
const restarts = async ({ given, run }: Opened): Promise<number> => {
  await given.pass(6_000)
  await given.drive(run.stop())
  return (await Array.fromAsync(run)).filter(({ kind }) => kind === 'recovered').length
}

describe.each([
  ['gives events back', true, 0],
  ['cannot give events back', false, 1],
])('a sink that %s', (_, subtracts, begunAgain) => {
  test('is not read again for deletes that take nothing out of the epoch', async () => {
    const world = await opened(subtracts)
    world.given.append([remove({ id: 'nobody', project: 'nobody' }), order(4), forget(9, 1)])
    expect(await restarts(world)).toBe(0)
    expect([...world.kept]).toEqual([0, 1, 2, 4])
  })

  test('holds nothing of what a delete takes that is listed meanwhile', async () => {
    const world = await opened(subtracts)
    world.given.append([forget(1), order(4), remove({ id: 'ann', project: 'ann' }), order(5)])
    expect(await restarts(world)).toBe(begunAgain)
    expect([...world.kept]).toEqual([2, 4, 5])
    expect(world.run.status().sinks['kept']!.counters).toMatchObject({ received: 5, applied: 3, dropped: 2 })
    expect(world.run.status().deletes.map(({ matched }) => matched)).toEqual([1, 1])
  })
})
