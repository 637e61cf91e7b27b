/** What the supervisor of lanes keeps over the partitions that come and go. */
import { createMemoryLedger, createMemoryObjects, createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { LaneSupervisor } from '../../../topology/engine/shell/lane-supervisor.ts'
import type { SupervisedPartition } from '../../../topology/engine/shell/supervised-partition.ts'
import { applied, docOf } from '../catch-up/given-facts.ts'
import { GivenLane } from './given-lane.ts'

const ranges = applied(docOf(['totals', 'rows']), { kind: 'cut', lane: 0, at: 100_000, cuts: [], slots: [1] })

/** All that supervising needs. */
const partsOf = ({ clock }: GivenLane): EngineParts => {
  const knobs = new KnobDesk()
  const resources = { rows: createMemoryRows(), ledger: createMemoryLedger(), objects: createMemoryObjects() }
  const parts = {
    clock,
    resources,
    plans: [],
    knobs,
    report: () => undefined,
    knob: (name: string) => knobs.value(name),
  }
  return parts as unknown as EngineParts // a test of what it does with lanes asks for nothing else
}
const live = { workers: () => 2, untilCaughtUp: false, signal: new AbortController().signal }

test('lanes that read what has just come stand still for a decision, and it is said that the next look comes soon', async () => {
  const given = new GivenLane(docOf(['totals', 'rows']))
  const block = { tenant: 'ann', rule: 'block', author: 'bob', reason: '', untilMs: null } as const
  const rules = { tenantRules: () => [block] }
  const supervisor = new LaneSupervisor(partsOf(given), { ...live, ...rules, partitions: () => [given.partition] })
  given.tell(10, 10)
  await supervisor.tick(given.clock.nowMs())
  expect(supervisor.isWaiting).toBe(true)
  const calm = new LaneSupervisor(partsOf(given), { ...live, partitions: () => [given.partition] })
  await calm.tick(given.clock.nowMs())
  expect(calm.isWaiting).toBe(false)
})

test('what was read in partitions that others have now stays counted: the sum never falls, and never jumps', async () => {
  const [first, second] = [new GivenLane(ranges), new GivenLane(ranges)]
  let partitions: readonly SupervisedPartition[] = [first.partition, second.partition]
  const supervisor = new LaneSupervisor(partsOf(first), { ...live, partitions: () => partitions })
  const read: number[] = []
  const look = async (position: number): Promise<void> => {
    for (const one of [first, second]) one.tell(position, position)
    first.clock.advance(500)
    await supervisor.tick(first.clock.nowMs())
    read.push(supervisor.behindRecords)
  }
  for (const position of [0, 1_000, 2_000]) await look(position)
  partitions = [second.partition]
  for (const position of [3_000, 4_000]) await look(position)
  partitions = [second.partition, { ...first.partition }]
  for (const position of [5_000, 6_000]) await look(position)
  expect(read).toEqual([0, 2_000, 4_000, 5_000, 6_000, 7_000, 9_000])
})
