/** One tenant must not delay the others, in a run as it is, on one processor. */
import { remove, type TestStep } from 'spillway/testing'
import { describe, expect, test, vi } from 'vitest'
import { BusyWorld, busyTopology } from './busy-world.ts'

const others = ['bob', 'cyd', 'dan', 'eve', 'fay', 'gil', 'hal', 'ida', 'jim']
const calm = Object.fromEntries(['ann', ...others].map((tenant) => [tenant, 20]))
const loud = { ...calm, ann: 2_000 }
// Minutes of virtual time, record by record.
vi.setConfig({ testTimeout: 120_000 })

const knobs = { 'batch.records': 50 }

interface Spike {
  readonly world: BusyWorld
  /** p99 delay of the others as a multiple of what it was before. */
  readonly late: number
  readonly lanes: readonly { readonly tenants: object; readonly slot: number }[]
}

/** Twenty seconds of calm, then a time in which one tenant sends twice what the processor can do. */
const spike = async (ms: number, more: Readonly<Record<string, number>> = {}): Promise<Spike> => {
  const world = new BusyWorld(1)
  const run = await world.start(busyTopology(world), { knobs: { ...knobs, ...more } })
  await world.pass(20_000, calm)
  const [fromMs, usual] = [world.given.clock.nowMs(), world.delay(0.99, 'noted', others)]
  await world.pass(ms, loud)
  const late = world.delay(0.99, 'noted', others, fromMs) / usual
  return { world, late, lanes: Object.values(run.engine.partitions[0]!.doc.lanes) }
}

describe('one tenant at 100 x, which is twice what there is time for', () => {
  test('C20: the p99 delay of the others is at most 1.5 x that of calm', async () => {
    const { late } = await spike(60_000)
    expect(late).toBeLessThanOrEqual(1.5)
  })

  test('C20: red without lanes of its own', async () => {
    const { late, lanes } = await spike(20_000, { 'tenant.shareRatio': 1 })
    expect(lanes).toHaveLength(1)
    expect(late).toBeGreaterThan(5)
  })

  test("D2: its own lag grows, the others' stay flat; it catches up and joins them again", async () => {
    const { world, lanes } = await spike(10_000)
    const [rest, own] = lanes
    expect([rest?.tenants, own?.tenants]).toEqual([
      { kind: 'except', names: ['ann'] },
      { kind: 'only', names: ['ann'] },
    ])
    expect([rest?.slot, (own?.slot ?? 0) > 0]).toEqual([0, true])
    expect(world.delay(0.99, 'noted', ['ann'])).toBeGreaterThan(4_000)
    await world.pass(40_000, calm)
    const { doc } = world.run!.engine.partitions[0]!
    expect(Object.values(doc.lanes).map(({ tenants }) => tenants.kind)).toEqual(['all'])
    await world.pass(5_000, {})
    const seen = world.seen.get('noted')!
    expect([seen.length, new Set(seen.map(({ number }) => number)).size]).toEqual([world.sent, world.sent])
  })
})

test('D3: a limit holds within five seconds, for that tenant alone, and is over when it is cleared', async () => {
  const world = new BusyWorld(0.1)
  const run = await world.start(busyTopology(world), { knobs })
  const sending = { ...calm, ann: 200 }
  const seenOf = (tenant: string): number => world.seen.get('noted')!.filter((one) => one.tenant === tenant).length
  await world.pass(10_000, sending)
  const rule = { tenant: 'ann', rule: 'limit', eventsPerSecond: 50, author: 'bob', reason: '', untilMs: null } as const
  run.setTenantRules([rule])
  await world.pass(5_000, sending)
  const before = [seenOf('ann'), seenOf('bob')]
  await world.pass(20_000, sending)
  const rates = [seenOf('ann') - before[0]!, seenOf('bob') - before[1]!].map((count) => count / 20)
  expect(rates[0]).toBeGreaterThan(40)
  expect(rates[0]).toBeLessThan(55)
  expect(rates[1]).toBeCloseTo(20, -1)
  run.setTenantRules([])
  await world.pass(10_000, calm)
  expect(seenOf('ann')).toBeGreaterThan(7_000)
})

describe('one tenant that deletes its events at more than there is time for', () => {
  /** The p99 delay of everybody's fresh events as a multiple of what it was before. */
  const storm = async (
    more: Readonly<Record<string, number>> = {},
  ): Promise<{ readonly late: number; readonly done: number }> => {
    const world = new BusyWorld(1)
    const run = await world.start(busyTopology(world), { knobs: { ...knobs, ...more } })
    await world.pass(20_000, { ann: 700 })
    await world.pass(10_000, {})
    const everybody = ['ann', ...others]
    const calmMs = world.given.clock.nowMs()
    await world.pass(20_000, calm)
    const [fromMs, usual] = [world.given.clock.nowMs(), world.delay(0.99, 'noted', everybody, calmMs)]
    for (let second = 0; second < 20; second++) {
      world.given.append(Array.from({ length: 5 }, (_, index) => removal(second * 5 + index)))
      await world.pass(1_000, calm)
    }
    const done = run.status().deletes.filter(({ state }) => state === 'done').length
    return { late: world.delay(0.99, 'noted', everybody, fromMs) / usual, done }
  }

  /** Of 140 events of one tenant. */
  const removal = (index: number): TestStep => {
    const [operator, property_name] = ['gte', 'number']
    return remove({
      ...{ id: `d${index}`, project: 'ann' },
      filters: [
        { property_name, operator, property_value: index * 140 },
        { property_name, operator: 'lt', property_value: (index + 1) * 140 },
      ],
    })
  }

  test('B26: the p99 delay of fresh events is at most 1.5 x that of calm', async () => {
    const { late, done } = await storm()
    expect(late).toBeLessThanOrEqual(1.5)
    expect(done).toBeGreaterThan(10)
  })

  test('B26: red where deletes have the share that live work should have', async () => {
    const wrong = { 'delete.shareRatio': 0.5, 'live.reserveRatio': 0.05, 'replay.shareRatio': 0 }
    expect((await storm(wrong)).late).toBeGreaterThan(3)
  })
})
