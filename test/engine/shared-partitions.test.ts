/** Partitions come and go while others run on; two owners of one at once change nothing that a reader sees (I-1, I-4). */
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenGroup, groupName, partitionsOf, spread, withBounds } from './given-group.ts'

describe('a run that shares its partitions', () => {
  test('has all of them as long as it is alone', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 20))
    const run = await given.begin({ untilCaughtUp: true })
    expect(partitionsOf(run)).toEqual([0, 1, 2, 3])
    expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp', records: 20 })
    await expectTruth(given.read(everySink))
  })

  test('gives some to another that comes, and keeps the runners of the rest', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 40))
    const first = await given.begin()
    const kept = first.engine.partitions.slice(0, 2)
    const second = await given.begin()
    await given.pass(1_000)
    expect([partitionsOf(first), partitionsOf(second)]).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(first.engine.partitions).toEqual(kept)
    given.append(spread(40, 60))
    await given.pass(10_000)
    await given.drive(first.stop())
    await given.pass(100)
    expect(partitionsOf(second)).toEqual([0, 1, 2, 3])
    given.append(spread(60, 70))
    await given.drive(second.stop())
    expect(await given.drive((await given.begin({ untilCaughtUp: true })).ended)).toMatchObject({ state: 'caughtUp' })
    await expectTruth(given.read(everySink))
  })

  test('lets go of what it has collected of a lost partition: no object is cut short by a rebalance', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 40))
    const first = await given.begin()
    await given.pass(500)
    given.member(0).assign([0])
    await given.pass(3_000)
    expect(await Array.fromAsync(given.resources.objects.list(''))).toEqual([])
    expect(partitionsOf(first)).toEqual([0])
    given.member(0).assign([0, 1, 2, 3])
    await given.drive(first.stop())
    expect(await given.drive((await given.begin({ untilCaughtUp: true })).ended)).toMatchObject({ state: 'caughtUp' })
    await expectTruth(given.read(everySink))
  })

  test('is not wrong where two have the same partition at once, and where nobody has one for a while (I-4)', async () => {
    const given = new GivenGroup()
    given.append([...spread(0, 30), remove({ id: 'gone', project: 'ann', collection: 'new' }), ...spread(30, 50)])
    const [first, second] = [await given.begin(), await given.begin()]
    for (const [left, right] of [
      [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ],
      [[], [1, 2]],
      [
        [0, 1],
        [1, 3],
      ],
      [[2, 3, 0], []],
    ] as const) {
      given.member(0).assign(left)
      given.member(1).assign(right)
      given.append(spread(50, 54))
      await given.pass(700)
    }
    await given.drive(Promise.all([first.stop(), second.stop()]))
    expect(await given.drive((await given.begin({ untilCaughtUp: true })).ended)).toMatchObject({ error: undefined })
    await expectTruth(given.read(everySink))
  })

  test('ends at once, although nobody has begun what others should do', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 20))
    await given.shared.join?.(groupName, { assigned: () => {}, failed: () => {} })
    const run = await given.begin()
    given.member(1).assign([0, 2, 3])
    await given.pass(605_000)
    // Something is open, and takes a while to be written.
    given.append(spread(20, 40))
    await given.pass(100)
    const sinceMs = given.clock.nowMs()
    expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
    expect(given.clock.nowMs() - sinceMs).toBeLessThan(2_000)
  })

  test('takes up a partition that was lost and given again before it was closed', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 20))
    const run = await given.begin()
    given.member(0).assign([])
    given.member(0).assign([2])
    given.member(0).assign([0, 1, 2, 3])
    await given.pass(5_000)
    expect(partitionsOf(run)).toEqual([0, 1, 2, 3])
    await given.drive(run.stop())
    await expectTruth(given.read(everySink))
  })

  test('is not misled by an end of the log that is older than what another has committed meanwhile', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    const first = await given.begin()
    let isSlow = false
    const slow = withBounds(given.shared, async (bounds) => {
      const answer = await bounds
      if (isSlow) await given.clock.sleep(5_000)
      return answer
    })
    given.member(0).assign([0, 1, 2, 3])
    const second = await given.begin({}, { ...given.resources, logs: { events: slow } })
    isSlow = true
    given.member(1).assign([0, 1, 2, 3])
    // The first question, where the topology begins, is answered; the second is under way.
    await given.pass(6_000)
    given.append(spread(8, 24))
    await given.pass(20_000)
    expect(partitionsOf(second)).toEqual([0, 1, 2, 3])
    const outcomes = await given.drive(Promise.all([first.stop(), second.stop()]))
    expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined])
  })

  test('takes up a partition that was lost and given again while a slow log was asked about it', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 20))
    const slow = withBounds(given.shared, async (bounds) => {
      await given.clock.sleep(5_000)
      return await bounds
    })
    const first = await given.begin()
    await given.drive(first.caughtUp)
    given.member(0).assign([])
    const run = await given.begin({}, { ...given.resources, logs: { events: slow } })
    for (const share of [[0, 1, 2, 3], [], [0, 1, 2, 3]]) {
      given.member(1).assign(share)
      await given.pass(1_000)
    }
    await given.pass(20_000)
    given.append(spread(20, 40))
    await given.pass(20_000)
    expect(run.status().sinks['totals']!.counters.received).toBe(40)
    await given.drive(Promise.all([first.stop(), run.stop()]))
    await expectTruth(given.read(everySink))
  })

  test('is not stopped by what a partition meets that it has lost', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    const { objects } = given.resources
    const create: typeof objects.create = async (key) => {
      await given.clock.sleep(1_000)
      throw errors.objectForeign({ key })
    }
    const { name, head, read, replace, list } = objects
    const broken = { name, head, read, replace, list, create, close: async () => {} }
    const run = await given.begin({ knobs: { 'objects.idleMs': 1_000 } }, { ...given.resources, objects: broken })
    await given.pass(1_500)
    given.member(0).assign([])
    await given.pass(5_000)
    expect(run.status().state).toBe('running')
    expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined })
  })

  test('gives up after a while what it has declared of a lost partition: the next owner finishes it too', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    const { objects } = given.resources
    let tries = 0
    const create: typeof objects.create = async () => {
      tries += 1
      throw errors.storeUnavailable({ store: 'objects', reason: 'away' })
    }
    const { name, head, read, replace, list } = objects
    const away = { name, head, read, replace, list, create, close: async () => {} }
    const run = await given.begin({ knobs: { 'objects.idleMs': 1_000 } }, { ...given.resources, objects: away })
    await given.pass(2_000)
    given.member(0).assign([])
    await given.pass(10_000)
    const triedBefore = tries
    expect(triedBefore).toBeGreaterThan(0)
    await given.pass(120_000)
    expect(tries).toBe(triedBefore)
    await given.drive(run.stop())
  })

  test('tells that it waits for the group, and goes on with what it has', async () => {
    const given = new GivenGroup()
    const run = await given.begin()
    given.member(0).trouble(errors.storeUnavailable({ store: 'group', reason: 'no coordinator' }))
    given.append(spread(0, 8))
    await given.pass(5_000)
    const reason = 'group: no coordinator'
    expect(run.status().waitingFor).toMatchObject([{ resource: 'log', name: 'events', reason }])
    expect(run.status().sinks['totals']!.counters.received).toBe(8)
    given.member(0).trouble(undefined)
    expect(run.status().waitingFor).toEqual([])
    await given.drive(run.stop())
  })

  test('fails loudly when its membership ends for good, caught up or not', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    const run = await given.begin()
    await given.drive(run.caughtUp)
    given.member(0).fail(errors.logChanged({ topology: 'every', expected: 'a', found: 'b' }))
    expect(await given.drive(run.ended)).toMatchObject({ state: 'failed', error: { code: 'SPW-0204' } })
  })
})

describe('runs that end when all is caught up', () => {
  test('wait for what others have, and end together', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 40))
    const [first, second] = [await given.begin({ untilCaughtUp: true }), await given.begin({ untilCaughtUp: true })]
    const outcomes = await given.drive(Promise.all([first.ended, second.ended]))
    expect(outcomes.map(({ state }) => state)).toEqual(['caughtUp', 'caughtUp'])
    await expectTruth(given.read(everySink))
  })

  test('take over what a dead one had', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 40))
    const idle = await given.begin()
    for (const sink of ['store', 'schemas', 'totals', 'notes', 'archive']) idle.pause(sink)
    const bounded = await given.begin({ untilCaughtUp: true })
    await given.pass(5_000)
    expect(bounded.status().state).toBe('running')
    await given.drive(idle.stop())
    expect(await given.drive(bounded.ended)).toMatchObject({ state: 'caughtUp' })
    await expectTruth(given.read(everySink))
  })

  test('wait for a partition that nobody has begun', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    await given.shared.join?.(groupName, { assigned: () => {}, failed: () => {} })
    const bounded = await given.begin({ untilCaughtUp: true })
    given.member(1).assign([0, 2, 3])
    await given.pass(30_000)
    expect(bounded.status().state).toBe('running')
    given.member(1).assign([0, 1, 2, 3])
    expect(await given.drive(bounded.ended)).toMatchObject({ state: 'caughtUp', records: 8 })
  })

  test('read on for others that have seen a later end', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 8))
    const first = await given.begin({ untilCaughtUp: true })
    // What the other waits for lies behind the end that the first has seen, and the other way round.
    given.member(0).assign([0])
    given.append(spread(8, 16))
    const second = await given.begin({ untilCaughtUp: true })
    given.member(1).assign([1])
    await given.pass(20_000)
    given.member(1).assign([1, 2, 3])
    const outcomes = await given.drive(Promise.all([first.ended, second.ended]))
    expect(outcomes.map(({ state }) => state)).toEqual(['caughtUp', 'caughtUp'])
  })
})

describe('the offset of the group', () => {
  const committed = (given: GivenGroup): readonly number[] =>
    [...given.groups.committed(groupName)].sort(([left], [right]) => left - right).map(([, at]) => at)

  test('is the lowest unfinished one, told while it grows and at the end', async () => {
    const given = new GivenGroup()
    given.append(spread(0, 40))
    const run = await given.begin()
    await given.pass(6_000)
    // The archive is not closed yet.
    expect(committed(given)).toEqual([0, 0, 0, 0])
    await given.drive(run.stop())
    expect(committed(given)).toEqual([10, 10, 10, 10])
  })
})
