import { describe, expect, it } from 'vitest'
import { type KnobChange, KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { control } from '../../../topology/engine/profiles/controller.ts'
import { RunController } from '../../../topology/engine/profiles/run-controller.ts'
import { type ProfileName, profileNames } from '../../../topology/model/knobs/profiles.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { type FluidDay, FluidPipeline } from './fluid-pipeline.ts'

const daySeconds = 24 * 3_600
const holdMs = 120_000
const movesMax = 24

interface Outcome {
  /** Share of the day in which fresh data was late, beyond the one in twenty that is allowed. */
  readonly lateShare: number
  readonly drainHours: number
  readonly moves: readonly (KnobChange & { readonly atMs: number })[]
  readonly heldMax: number
}

const live = (day: FluidDay, mode: ProfileName | 'auto', decide = control): Outcome => {
  const desk = new KnobDesk({ 'memory.budgetBytes': day.budgetBytes })
  const pipeline = new FluidPipeline(desk, day)
  const controller = new RunController(desk, decide)
  if (mode !== 'auto') desk.set('profile.mode', mode)
  const moves: Outcome['moves'][number][] = []
  let [late, lastBehind, heldMax, now] = [0, 0, 0, 0]
  desk.onChange((change) => {
    if (change.kind === 'profile') moves.push({ ...change, atMs: now * 1_000 })
  })
  for (now = 0; now < daySeconds && moves.length <= movesMax; now++) {
    pipeline.step(now)
    controller.tick(pipeline.snapshot(now), now * 1_000)
    if (pipeline.isLate) late++
    if (pipeline.backlog > 1_000) lastBehind = now
    heldMax = Math.max(heldMax, pipeline.heldBytes)
  }
  return { lateShare: Math.max(0, late / daySeconds - 0.05), drainHours: lastBehind / 3_600, moves, heldMax }
}

/** Fresh data within its target first, then the time of the drain. */
const isBetter = (left: Outcome, right: Outcome): boolean =>
  left.lateShare === right.lateShare ? left.drainHours < right.drainHours : left.lateShare < right.lateShare

const bestFixed = (day: FluidDay): Outcome =>
  profileNames.map((name) => live(day, name)).reduce((best, one) => (isBetter(one, best) ? one : best))

const usually = (): number => 1
const within = (from: number, hours: number, strength: number) => (second: number) =>
  second >= from * 3_600 && second < (from + hours) * 3_600 ? strength : 1

const tides = (seed: number): ((second: number) => number) => {
  const random = seededRandom(seed)
  const noise = Array.from({ length: 97 }, () => 0.8 + 0.4 * random.next())
  return (second) => 3_000 * (1 + 0.4 * Math.sin((second / daySeconds) * 2 * Math.PI)) * noise[second % 97]!
}

const calmDay = (seed: number): FluidDay => ({
  freshPerSecond: tides(seed),
  spikePerSecond: () => 0,
  storeShare: usually,
  brokerShare: usually,
  backlogAtStart: 0,
  budgetBytes: 1_073_741_824,
})

/** A day behind, and the store is weak twice. */
const weakStore = (seed: number): FluidDay => {
  const random = seededRandom(seed)
  const [first, second] = [within(0.5 + random.next(), 2, 0.15), within(4 + random.next(), 2, 0.17)]
  const storeShare = (now: number): number => Math.min(first(now), second(now))
  return { ...calmDay(seed), backlogAtStart: 150e6 * (1 + random.next() / 2), storeShare }
}

/** The spike of one customer, and a broker that suffers from other users while it is worked off. */
const spike = (seed: number): FluidDay => {
  const random = seededRandom(seed)
  const from = 1 + random.next()
  return {
    ...calmDay(seed),
    spikePerSecond: (second) => (within(from, 2.5, 2)(second) === 2 ? 22_000 : 0),
    brokerShare: within(from + 1, 3, 0.14 + 0.02 * random.next()),
  }
}

const seeds = [1, 2, 3]

describe('a day under the controller', () => {
  it.each([
    ['a weak store', weakStore],
    ['a spike and a slow broker', spike],
  ])('D8: beats the best fixed profile in a day of backlog with %s, and each move is told', (_name, dayOf) => {
    for (const seed of seeds) {
      const controlled = live(dayOf(seed), 'auto')
      const fixed = bestFixed(dayOf(seed))
      expect(isBetter(controlled, fixed), `seed ${seed}: ${said(controlled)} against ${said(fixed)}`).toBe(true)
      expectTold(controlled)
    }
  })

  it('D8: costs little where one profile is right all day', () => {
    for (const seed of seeds) {
      const day = { ...calmDay(seed), backlogAtStart: 150e6 }
      const [controlled, fixed] = [live(day, 'auto'), bestFixed(day)]
      expect(controlled.lateShare).toBeLessThanOrEqual(fixed.lateShare)
      expect(controlled.drainHours).toBeLessThanOrEqual(fixed.drainHours * 1.05)
      expectTold(controlled)
    }
  })

  it('D8: does nothing on a quiet day', () => {
    expect(live(calmDay(1), 'auto').moves).toEqual([])
  })

  const littleMemory: FluidDay = { ...calmDay(1), backlogAtStart: 150e6, budgetBytes: 268_435_456 }

  it('D16: does not drain when epochs keep their size', () => {
    const keeps: typeof control = (state, facts, knobs, nowMs) =>
      control({ ...state, epochShare: 1 }, facts, knobs, nowMs)
    const { drainHours, moves } = live(littleMemory, 'auto', keeps)
    expect(drainHours > 12 || moves.length > movesMax).toBe(true)
  })

  it('D16: drains on little memory, because epochs become smaller until they fit', () => {
    const day = littleMemory
    const controlled = live(day, 'auto')
    expect(live(day, 'catch-up').drainHours).toBeGreaterThan(23.9)
    expect(controlled.drainHours).toBeLessThan(12)
    expect(controlled.lateShare).toBe(0)
    const sizes = controlled.moves.flatMap(({ after, profile }) =>
      after === 'catch-up' ? profile!.changed.filter(({ knob }) => knob === 'epoch.bytes').map((one) => one.after) : [],
    )
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes.at(-1)).toBeLessThan(67_108_864)
    expectTold(controlled)
  })
})

describe('a wrong controller', () => {
  it.each<[string, typeof control]>([
    ['holds nothing', (state, facts, knobs, nowMs) => control(state, facts, { ...knobs, holdMs: 0 }, nowMs)],
    ['forgets relapses', (state, facts, knobs, nowMs) => control({ ...state, relapses: 0 }, facts, knobs, nowMs)],
    [
      'leaves where it enters',
      (state, facts, knobs, nowMs) => control(state, facts, { ...knobs, leaveMs: 1e9 }, nowMs),
    ],
    ['sees no trouble', (state, facts, knobs, nowMs) => control(state, { ...facts, troubles: [] }, knobs, nowMs)],
  ])('D8: is caught when it %s', (_name, decide) => {
    const days = [weakStore(1), spike(1)]
    const isGood = (outcome: Outcome): boolean => outcome.lateShare === 0 && isTold(outcome)
    expect(days.every((day) => isGood(live(day, 'auto', decide)))).toBe(false)
  })
})

const isTold = (outcome: Outcome): boolean => {
  try {
    expectTold(outcome)
    return true
  } catch {
    return false
  }
}

const said = ({ lateShare, drainHours, moves }: Outcome): string =>
  `late ${(lateShare * 100).toFixed(1)} % too much, drained in ${drainHours.toFixed(2)} h, ${moves.length} moves`

/** Every change is in the log with its reason and values; between two lies at least the hold time; it comes to rest. */
const expectTold = ({ moves }: Outcome): void => {
  let profile = 'realtime'
  for (const [index, { before, after, reason, atMs, profile: change }] of moves.entries()) {
    expect(before).toBe(profile)
    profile = String(after)
    expect(reason).not.toBe('')
    expect(change!.changed.length).toBeGreaterThan(0)
    if (index > 0) expect(atMs - moves[index - 1]!.atMs).toBeGreaterThanOrEqual(holdMs)
  }
  expect(profile).toBe('realtime')
  expect(moves.length).toBeLessThanOrEqual(movesMax)
}
