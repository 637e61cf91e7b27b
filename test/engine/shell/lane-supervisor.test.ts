/** What the supervisor of lanes keeps over the partitions that come and go. */
import { createMemoryLedger, createMemoryObjects, createMemoryRows } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { LaneSupervisor, type LaneSupervisorOptions } from '../../../topology/engine/shell/lane-supervisor.ts'
import type { SupervisedPartition } from '../../../topology/engine/shell/supervised-partition.ts'
import type { TenantRule } from '../../../topology/engine/tenants/tenant-rule.ts'
import type { LanePermits } from '../../../topology/model/lane-permit.ts'
import { applied, docOf } from '../catch-up/given-facts.ts'
import { GivenLane, lookedFromMs } from './given-lane.ts'

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

describe('a lane that was held for a tenant', () => {
  const block = { tenant: 'ann', rule: 'block', author: 'bob', reason: '', untilMs: null } as const

  /** Whether it may read at each look: at the first one a rule stands, which is gone at the second. */
  const looks = async (more: Partial<LaneSupervisorOptions>): Promise<readonly boolean[]> => {
    const given = new GivenLane(docOf(['totals', 'rows']))
    let mayRead = true
    const setPermits = (permits: LanePermits): void => {
      mayRead = permits.get(0)?.mayRead ?? true
    }
    const partition = { ...given.partition, setPermits }
    let rules: readonly TenantRule[] = [block]
    const options = { ...live, ...more, partitions: () => [partition], tenantRules: () => rules }
    const supervisor = new LaneSupervisor(partsOf(given), options)
    given.tell(10, 10, { positionMs: lookedFromMs })
    await supervisor.tick(given.clock.nowMs())
    const before = mayRead
    rules = []
    given.clock.advance(100)
    await supervisor.tick(given.clock.nowMs())
    return [before, mayRead]
  }

  test('is looked at again at once, also where nothing is behind', async () => {
    expect(await looks({})).toEqual([false, true])
  })

  test('reads on when the rule is gone, also in a run that ends by itself', async () => {
    expect(await looks({ workers: () => 1, untilCaughtUp: true })).toEqual([false, true])
  })
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
