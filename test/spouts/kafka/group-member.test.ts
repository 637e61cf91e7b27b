/** Members of a group over a coordinator in memory and a clock that is moved by hand. */
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { GroupMembership } from '../../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { SpillwayError } from '../../../topology/model/spillway-error.ts'
import { joinKafkaGroup } from '../../../topology/spouts/kafka/kafka-group.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock, type VirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { FakeGroup } from './fake-group.ts'

interface Heard {
  readonly shares: (readonly number[])[]
  readonly failures: unknown[]
  readonly troubles: unknown[]
}

interface Joined extends Heard {
  readonly membership: GroupMembership
}

const world = (partitions: number): { group: FakeGroup; clock: VirtualClock; join: () => Joined } => {
  const clock = createVirtualClock()
  const group = new FakeGroup(partitions, clock)
  const join = (): Joined => {
    const heard: Heard = { shares: [], failures: [], troubles: [] }
    const membership = joinKafkaGroup({
      group: 'g',
      topic: 't',
      partitions,
      coordinator: group.coordinator(),
      clock,
      random: seededRandom(1),
      listener: {
        assigned: (share) => heard.shares.push(share),
        failed: (error) => heard.failures.push(error),
        troubled: (error) => heard.troubles.push(error),
      },
    })
    return { ...heard, membership }
  }
  return { group, clock, join }
}

const rest = async (): Promise<void> => {
  for (let index = 0; index < 20; index++) await turn()
}

/** Lets time pass, a sleeper at a time. */
const pass = async (clock: VirtualClock, ms: number): Promise<void> => {
  const end = clock.nowMs() + ms
  for (await rest(); clock.nowMs() < end; await rest()) clock.advance(Math.min(100, end - clock.nowMs()))
}

const until = async (clock: VirtualClock, isSo: () => boolean): Promise<void> => {
  for (let index = 0; !isSo() && index < 500; index++) await pass(clock, 100)
  expect(isSo()).toBe(true)
}

describe('group member', () => {
  test('alone it has everything; a second one takes half, and what stays is never missing in between', async () => {
    const { clock, join } = world(6)
    const first = join()
    await until(clock, () => first.shares.length === 1)
    const second = join()
    await until(clock, () => second.shares.length === 1)
    expect(first.shares).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2],
    ])
    expect(second.shares).toEqual([[3, 4, 5]])
  })

  test('who leaves is replaced within a heartbeat, and hears nothing any more', async () => {
    const { clock, join } = world(4)
    const [first, second] = [join(), join()]
    await until(clock, () => first.shares.at(-1)?.length === 2)
    await second.membership.leave()
    const heard = second.shares.length
    await pass(clock, 1_100)
    expect(first.shares.at(-1)).toEqual([0, 1, 2, 3])
    expect(second.shares.length).toBe(heard)
  })

  test('a member that was frozen learns that it is none, joins as a new one and is told its share', async () => {
    const { group, clock, join } = world(4)
    const [frozen, other] = [join(), join()]
    await until(clock, () => frozen.shares.at(-1)?.length === 2 && other.shares.at(-1)?.length === 2)
    const [id] = group.memberIds()
    const before = frozen.shares.length
    group.forget(id!)
    await until(clock, () => other.shares.at(-1)?.length === 2 && frozen.shares.length > before)
    expect(frozen.shares.every((share) => share.length > 0)).toBe(true)
    expect(group.memberIds()).not.toContain(id)
  })

  test('a coordinator that is away is asked for ever, people are told, and lanes are kept meanwhile', async () => {
    const { group, clock, join } = world(2)
    const member = join()
    await until(clock, () => member.shares.length === 1)
    group.isDown = true
    await pass(clock, 120_000)
    expect([member.shares.length, member.failures.length]).toEqual([1, 0])
    expect(member.troubles.at(-1)).toMatchObject({ code: 'SPW-0241', errorClass: 'retry' })
    expect(group.resets).toBeGreaterThan(50)
    group.isDown = false
    await until(clock, () => member.troubles.at(-1) === undefined)
    expect(member.shares.at(-1)).toEqual([0, 1])
  })

  test('a refusal ends it loudly, once', async () => {
    const { group, clock, join } = world(2)
    group.refusals.push('groupAuthorization')
    const member = join()
    await until(clock, () => member.failures.length === 1)
    expect(member.failures[0]).toBeInstanceOf(SpillwayError)
    expect(String(member.failures[0])).toContain('group g of topic t: the user may not use the group (ACL)')
    await member.membership.leave()
    expect(member.failures.length).toBe(1)
  })

  test('a topic that grew is told within a minute, and partitions that are not known are not taken', async () => {
    const { group, clock, join } = world(2)
    const member = join()
    await until(clock, () => member.shares.length === 1)
    group.partitions = 4
    await pass(clock, 62_000)
    expect(String(member.troubles.at(-1))).toContain(
      'topic t has grown to 4 partitions, this process knows the first 2',
    )
    const [id] = group.memberIds()
    group.forget(id!)
    await until(clock, () => member.shares.length === 2)
    expect(member.shares.at(-1)).toEqual([0, 1])
  })

  test('it leaves at once while others are waited for, and while nobody answers', async () => {
    const { group, clock, join } = world(2)
    const first = join()
    await until(clock, () => first.shares.length === 1)
    const waiting = join()
    await rest()
    await leaveIn(clock, waiting)
    await until(clock, () => first.shares.length === 2)
    expect(waiting.shares).toEqual([])
    group.isDown = true
    await leaveIn(clock, first)
  })
})

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'whatever happens: when faults stop, every partition has one member (I-9), seed %i',
  async (seed) => {
    const { group, clock, join } = world(7)
    const random = seededRandom(seed)
    const below = (most: number): number => Math.floor(random.next() * most)
    let members = [join(), join(), join()]
    const faults: readonly (() => unknown)[] = [
      () => group.forget(group.memberIds()[below(group.memberIds().length)] ?? ''),
      () => group.refusals.push('rebalanceInProgress', 'illegalGeneration', 'notCoordinator'),
      () => {
        group.isDown = !group.isDown
      },
      () => members.push(join()),
      () => void members.shift()?.membership.leave(),
    ]
    for (let round = 0; round < 60; round++) {
      faults[below(faults.length)]!()
      if (members.length === 0) members = [join()]
      await pass(clock, below(1_500))
      group.expire()
    }
    group.isDown = false
    group.refusals.length = 0
    for (let second = 0; second < 20; second++) await pass(clock, 1_000).then(() => group.expire())
    expect(members.flatMap(({ failures }) => failures)).toEqual([])
    expect(members.flatMap(({ shares }) => shares.at(-1) ?? []).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  },
)

const leaveIn = async (clock: VirtualClock, { membership }: Joined): Promise<void> => {
  let hasLeft = false
  void membership.leave().then(() => {
    hasLeft = true
  })
  await pass(clock, 3_100)
  expect(hasLeft).toBe(true)
}

describe('group offsets', () => {
  const at = (...offsets: readonly number[]) =>
    new Map(offsets.map((value, index) => [partition(index), offset(value)]))

  test('move forward only, for what the member has only', async () => {
    const { group, clock, join } = world(2)
    const member = join()
    await until(clock, () => member.shares.length === 1)
    await member.membership.commit(at(5, 7, 99))
    await member.membership.commit(at(4, 8))
    expect(group.offsets).toEqual(at(5, 8))
  })

  test('what could not be told is told with the next call, or with the next heartbeat', async () => {
    const { group, clock, join } = world(2)
    const member = join()
    await until(clock, () => member.shares.length === 1)
    group.refusals.push('illegalGeneration')
    await member.membership.commit(at(5, 7))
    expect(group.offsets.size).toBe(0)
    await member.membership.commit(at(6))
    expect(group.offsets).toEqual(at(6, 7))
    group.refusals.push('illegalGeneration')
    await member.membership.commit(at(8))
    await until(clock, () => group.offsets.get(partition(0)) === 8)
  })

  test('the last ones are told before leaving', async () => {
    const { group, clock, join } = world(1)
    const member = join()
    await until(clock, () => member.shares.length === 1)
    group.refusals.push('illegalGeneration')
    await member.membership.commit(at(5))
    await member.membership.leave()
    expect(group.offsets).toEqual(at(5))
  })
})
