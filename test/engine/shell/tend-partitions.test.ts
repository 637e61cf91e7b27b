/** How often lanes are looked at, and the document. */
import { createVirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { tendPartitions } from '../../../topology/engine/shell/tend-partitions.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { everySink } from '../every-sink.ts'
import { GivenPorts } from '../given-ports.ts'
import { orders } from '../orders.ts'

test('lanes that stand still for a decision are looked at sooner than others', async () => {
  const clock = createVirtualClock(0)
  const knobs = new KnobDesk()
  const end = new AbortController()
  const looks: number[] = []
  const supervise = async (): Promise<boolean> => {
    looks.push(clock.nowMs())
    if (looks.length === 6) end.abort()
    return looks.length > 2 && looks.length < 5
  }
  const parts = { clock, knob: (name: string) => knobs.value(name) }
  await drive(
    clock,
    tendPartitions(parts, () => [], { supervise, commit: async () => undefined }, end.signal),
  )
  expect(looks).toEqual([0, 500, 1_000, 1_200, 1_400, 1_900])
})

/** A run, and how often its document was read from now on. */
const withReads = async () => {
  const given = new GivenPorts()
  const { ledger } = given.resources
  let reads = 0
  const read: Ledger['read'] = (key) => {
    reads += 1
    return ledger.read(key)
  }
  given.resources = { ...given.resources, ledger: { ...ledger, read } }
  const run = await given.start(everySink)
  await given.pass(1_000)
  const take = (): number => {
    const before = reads
    reads = 0
    return before
  }
  take()
  return { given, run, take }
}

test('a document that is written all the time is not read as well; one at rest is read every two seconds', async () => {
  const { given, run, take } = await withReads()
  for (let second = 0; second < 20; second++) {
    given.append(orders(second * 10, second * 10 + 10))
    await given.pass(1_000)
  }
  expect(take()).toBeLessThanOrEqual(2)
  await given.pass(10_000)
  take()
  await given.pass(10_000)
  expect(take()).toBeGreaterThanOrEqual(4)
  await given.drive(run.stop())
})

test('a document at rest is read although the clock goes back', async () => {
  const { given, run, take } = await withReads()
  await given.pass(5_000)
  const { nowMs } = given.clock
  Object.assign(given.clock, { nowMs: () => nowMs() - 3_600_000 })
  take()
  await given.pass(10_000)
  expect(take()).toBeGreaterThanOrEqual(4)
  await given.drive(run.stop())
})
