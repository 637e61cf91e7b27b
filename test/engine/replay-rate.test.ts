/** A replay reads no faster than it was told, alone and beside a run, and the same command changes that. */
import { createMemoryLog, put } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'
import { seenOf } from './seen-in-namespace.ts'

const begin = (given: GivenPorts, rate?: number | null, tenant?: string): Promise<unknown> => {
  const { resources, clock } = given
  const ports = { ...resources, clock, random: systemRandom }
  const request = {
    namespace: 'shadow',
    fromMs: startMs,
    toMs: startMs + 3_600_000,
    ...(tenant === undefined ? {} : { tenant }),
  }
  const pace = rate === undefined ? {} : { rate }
  return given.drive(beginReplay(everySink, ports, request, new AbortController().signal, pace))
}

/** Forty records are read by the live sinks. */
const caughtUp = async (): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append(orders(0, 40))
  await given.run(everySink)
  return given
}
const elapsed = async (given: GivenPorts): Promise<number> => {
  const before = given.clock.nowMs()
  await given.run(everySink)
  return given.clock.nowMs() - before
}

test('alone: forty records at two a second take nearly twenty seconds, and give the same', async () => {
  const given = await caughtUp()
  await begin(given, 2)
  expect(await elapsed(given)).toBeGreaterThan(15_000)
  expect(await seenOf(given.read(everySink), 'shadow')).toEqual(await seenOf(given.read(everySink)))
})

test('without a rate, or when it was taken away, it takes no such time', async () => {
  const given = await caughtUp()
  await begin(given, 2)
  await begin(given, null)
  expect(await elapsed(given)).toBeLessThan(5_000)
})

test('beside a run: a rate that is changed meanwhile holds from then on, and live work does not wait for it', async () => {
  const given = await caughtUp()
  const run = await given.start(everySink)
  await begin(given, 1)
  given.append(orders(40, 44))
  await given.pass(8_000)
  const live = await seenOf(given.read(everySink))
  expect(live.events).toHaveLength(44)
  expect((await seenOf(given.read(everySink), 'shadow')).events.length).toBeLessThan(20)
  await begin(given, 1_000)
  await given.pass(8_000)
  expect((await seenOf(given.read(everySink), 'shadow')).events).toHaveLength(40)
  expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
})

test('the same request without a rate leaves it as it was', async () => {
  const given = await caughtUp()
  await begin(given, 2)
  await begin(given)
  const doc = await given.resources.ledger.read({ topology: 'every', spout: 'events', partition: 0 })
  expect(doc!.sinks['totals@shadow']!.replay).toMatchObject({ rate: 2 })
})

describe('one tenant whose events lie in one of four partitions', () => {
  const [count, rate] = [300, 50]

  const fourPartitions = async (): Promise<GivenPorts> => {
    const given = new GivenPorts()
    const log = createMemoryLog({ clock: given.clock, partitions: 4, topic: 'events', id: 'log' })
    given.resources = { ...given.resources, logs: { default: log } }
    for (let index = 0; index < 4 * count; index++) {
      const project = index % 4 === 2 ? 'zoe' : 'bob'
      const { record } = put({ kind: 'a', value: 1, number: index }, { project, partition: index % 4 })
      log.appendAt(startMs, [record])
    }
    await given.run(everySink)
    return given
  }

  test('is read at nearly the whole rate, alone', async () => {
    const given = await fourPartitions()
    await begin(given, rate, 'zoe')
    const ms = await elapsed(given)
    expect(ms).toBeGreaterThan((count * 1_000) / rate - 1_000)
    expect(ms).toBeLessThan((count * 1_500) / rate)
  })

  test('is read at nearly the whole rate, beside a run', async () => {
    const given = await fourPartitions()
    const run = await given.start(everySink)
    await begin(given, rate, 'zoe')
    await given.pass((count * 1_500) / rate + 3_000)
    const read = given.read(everySink)
    expect(Object.values(await read.objects('shadow')).flat()).toHaveLength(count)
    await given.drive(run.stop())
  })
})
