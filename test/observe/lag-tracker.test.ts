/** Lag of lanes in events, bytes and time, and when it will be gone. */
import { expect, test } from 'vitest'
import { etaRange, widestFactor } from '../../topology/observe/eta-range.ts'
import { LagTracker, laneKeyOf, type ObservedPartition } from '../../topology/observe/lag-tracker.ts'
import { PartitionCurve } from '../../topology/observe/partition-curve.ts'
import { drainStartMs, givenDocument, givenLane, givenReport, simulatedDrain, type Update } from './simulated-drain.ts'

const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1)

interface Told extends Update {
  readonly leftMs: number
}

const drains = seeds.map(simulatedDrain)
const updates = drains.flatMap((drain) =>
  drain.updates.slice(1).map((one): Told => ({ ...one, leftMs: drain.endMs - one.atMs })),
)
const shareOf = (isRight: (one: Told) => boolean): number => updates.filter(isRight).length / updates.length

test('D10: the interval holds the truth in at least 80 % of the updates', () => {
  const holds = ({ etaMs, leftMs }: Told): boolean => etaMs !== null && etaMs[0] <= leftMs && leftMs <= etaMs[1]
  expect(shareOf(holds)).toBeGreaterThanOrEqual(0.8)
  // Seen red: the rate of the last second and a quarter of doubt to each side, on the same drains.
  expect(shareOf(({ guessMs, leftMs }) => guessMs / 1.25 <= leftMs && leftMs <= guessMs * 1.25)).toBeLessThan(0.8)
})

test('D10: the upper end of the interval is at most 3 times its lower end', () => {
  for (const { etaMs } of updates) if (etaMs !== null) expect(etaMs[1]).toBeLessThanOrEqual(etaMs[0] * widestFactor)
  expect(etaRange({ events: 1_000, bytes: 1_000_000 }, [rate(100), rate(5)], 1)).toEqual([25_820, 77_460])
})

const rate = (eventsPerSecond: number, inflow = 0) => ({
  eventsPerSecond,
  bytesPerSecond: 0,
  inflowEventsPerSecond: inflow,
  inflowBytesPerSecond: 0,
})

const observed = (
  end: number,
  lanes: Parameters<typeof givenDocument>[0],
  more: Partial<ObservedPartition> = {},
): ObservedPartition => ({
  spout: 'events',
  topic: 'events',
  partition: 0,
  doc: givenDocument(lanes),
  end,
  curve: new PartitionCurve(),
  ...more,
})

/** A live lane that reads `read` a second of `come` that come, for some seconds. */
const steadyLane = (
  read: number,
  come: number,
  seconds: number,
  behind = 100_000,
  more: Partial<ObservedPartition> = {},
) => {
  const tracker = new LagTracker()
  let lines = tracker.observe([], new Map(), drainStartMs)
  const curve = new PartitionCurve()
  curve.add({ offset: 0, appendMs: drainStartMs - 600_000, bytesEach: 100 })
  curve.add({ offset: behind, appendMs: drainStartMs, bytesEach: 100 })
  for (let second = 0; second <= seconds; second++) {
    const position = second * read
    const place = observed(behind + second * come, { 0: givenLane({ at: position }) }, { curve, ...more })
    const report = givenReport({ lane: 0, position, bytes: position * 100, positionMs: curve.appendMsAt(position)! })
    lines = tracker.observe([place], new Map([[laneKeyOf('events', 0, 0), report]]), drainStartMs + second * 1_000)
  }
  return { tracker, line: lines[0]! }
}

test('lag is told in events, bytes and the age of the oldest record that is not read', () => {
  const { line } = steadyLane(1_000, 0, 30)
  expect(line).toMatchObject({
    lagEvents: 70_000,
    lagBytes: 7_000_000,
    eventsPerSecond: 1_000,
    bytesPerSecond: 100_000,
  })
  // Half an hour of log in 100,000 records: the next one lies 30 % in, and half a minute has passed.
  expect(line.lagMs).toBe(600_000 - 180_000 + 30_000)
  expect(line.drainMultiple).toBeCloseTo(6, 1)
})

test('what comes in meanwhile is work as well: a lane ends by what it gains', () => {
  const { tracker } = steadyLane(1_000, 600, 60)
  const [low, high] = tracker.etaOf('archive')!
  // 76,000 are left, of which 400 a second become less.
  expect(low).toBeLessThan(190_000)
  expect(high).toBeGreaterThan(190_000)
})

test('D10: where more comes in than is read there is no end, and none is told', () => {
  const { tracker, line } = steadyLane(1_000, 1_500, 60)
  expect(tracker.etaOf('archive')).toBeNull()
  expect(line.etaMs).toBeNull()
})

test('D1: the slope of a growing lag is known long before the lag is late', () => {
  const { line } = steadyLane(1_000, 1_010, 30, 0)
  expect(line.slopeEventsPerSecond).toBeCloseTo(10, 5)
  expect(line.lagMs).toBeLessThan(1_000)
})

test('D18: the retention clock tells when the oldest record that is not read may be dropped', () => {
  const { line } = steadyLane(1_000, 0, 30, 100_000, { retentionMs: 3_600_000 })
  expect(line.retentionMsLeft).toBe(3_600_000 - line.lagMs)
  expect(steadyLane(1_000, 0, 30).line.retentionMsLeft).toBeNull()
})

test('a lane that stands still for minutes has no end, whatever it read before', () => {
  const tracker = new LagTracker()
  for (let second = 0; second <= 200; second++) {
    const position = Math.min(second, 60) * 1_000
    const place = observed(1_000_000, { 0: givenLane({ to: 1_000_000, at: position }) })
    const report = givenReport({ lane: 0, position })
    tracker.observe([place], new Map([[laneKeyOf('events', 0, 0), report]]), drainStartMs + second * 1_000)
  }
  expect(tracker.etaOf('archive')).toBeNull()
})

const ruled = (rule: 'limit' | 'block') => {
  const tracker = new LagTracker()
  const tenants = { kind: 'only', names: ['ann'] } as const
  const rules = [{ tenant: 'ann', rule, author: '', reason: '', untilMs: null }]
  for (let second = 0; second <= 60; second++) {
    const [fast, slow] = [second * 1_000, rule === 'limit' ? second * 10 : 0]
    const lanes = { 0: givenLane({ to: 100_000, at: fast }), 1: givenLane({ to: 100_000, at: slow, tenants }) }
    const reports = [givenReport({ lane: 0, position: fast }), givenReport({ lane: 1, position: slow })]
    const byKey = new Map(reports.map((one) => [laneKeyOf('events', 0, one.lane), one]))
    tracker.observe([observed(100_000, lanes)], byKey, drainStartMs + second * 1_000, rules)
  }
  return tracker.etaOf('archive')!
}

/** One tenant in a lane of its own is behind by `behind` offsets, half of them its own; all others are followed. */
const besideLive = (behind: number, seconds: number, comeAt: (second: number) => number) => {
  const tracker = new LagTracker()
  const curve = new PartitionCurve()
  const shares = new Map([['ann', 0.5]])
  for (const offset of [0, behind, behind * 2]) curve.add({ offset, appendMs: drainStartMs, bytesEach: 1_000, shares })
  let [end, at] = [behind, 0]
  for (let second = 0; second <= seconds; second++) {
    const lanes = {
      0: givenLane({ at: end, tenants: { kind: 'except', names: ['ann'] } }),
      1: givenLane({ at, tenants: { kind: 'only', names: ['ann'] } }),
    }
    const reports = [
      givenReport({ lane: 0, position: end, records: end / 2, bytes: end * 500 }),
      givenReport({ lane: 1, position: at, records: at / 2, bytes: at * 500 }),
    ]
    const byKey = new Map(reports.map((one) => [laneKeyOf('events', 0, one.lane), one]))
    tracker.observe([observed(end, lanes, { curve })], byKey, drainStartMs + second * 1_000)
    end += comeAt(second)
    at += 400
  }
  return { tracker, left: end - at }
}

test('D10: a tenant behind in a lane of its own ends by what it gains, whatever the live lane beside it takes', () => {
  const { tracker, left } = besideLive(1_000_000, 120, () => 160)
  const [low, high] = tracker.etaOf('archive')!
  // Of what is left, half is its own; it reads 200 a second of these, and 80 come.
  const leftMs = (left * 500) / 120
  expect(low).toBeLessThan(leftMs)
  expect(high).toBeGreaterThan(leftMs)
  expect(high / low).toBeLessThan(2)
})

test('D9: a branch drains what it reads of the backlog, and neither what follows the log nor what it passes over', () => {
  expect(besideLive(1_000_000, 120, () => 160).tracker.drainOf('archive')).toBeCloseTo(200)
})

test('D10: what is read of a followed partition does not hasten the end of another, whatever is known of its bytes', () => {
  const tracker = new LagTracker()
  const [curve, unlooked] = [new PartitionCurve(), new PartitionCurve()]
  for (const offset of [0, 1_000_000]) curve.add({ offset, appendMs: drainStartMs - 600_000, bytesEach: 100 })
  for (let second = 0; second <= 120; second++) {
    const [at, end] = [second * 1_000, second * 5_000]
    const places = [
      observed(1_000_000, { 0: givenLane({ at }) }, { curve }),
      observed(end, { 0: givenLane({ at: end }) }, { curve: unlooked, partition: 1 }),
    ]
    const reports = new Map([
      [laneKeyOf('events', 0, 0), givenReport({ lane: 0, position: at, records: at, bytes: at * 100 })],
      [laneKeyOf('events', 1, 0), givenReport({ lane: 0, position: end, records: end, bytes: end * 100 })],
    ])
    tracker.observe(places, reports, drainStartMs + second * 1_000)
  }
  const [low, high] = tracker.etaOf('archive')!
  expect(low).toBeLessThan(880_000)
  expect(high).toBeGreaterThan(880_000)
  expect(high / low).toBeLessThan(2)
})

test('D10: an inflow that has ended is no work any more: what came an hour ago at thirty times the rate does not count', () => {
  const { tracker, left } = besideLive(1_000_000, 2_200, (second) => (second < 1_800 ? 2_000 : 200))
  const [low, high] = tracker.etaOf('archive')!
  expect(low).toBeLessThan(left * 5)
  expect(high).toBeGreaterThan(left * 5)
})

test('D10: what has grown for minutes has no end, also while its bursts pause', () => {
  const { tracker } = besideLive(1_000_000, 1_435, (second) => (second % 240 < 120 ? 1_200 : 0))
  expect(tracker.etaOf('archive')).toBeNull()
})

test('a tenant that is limited holds up the end of its branch; who is blocked waits for a person and holds up nobody', () => {
  // 99,400 are left at 10 a second.
  const [low, high] = ruled('limit')
  expect(low).toBeLessThan(9_940_000)
  expect(high).toBeGreaterThan(9_940_000)
  expect(ruled('block')[1]).toBeLessThan(120_000)
})

test('lanes of retired sinks are nobody’s lag', () => {
  const tracker = new LagTracker()
  const doc = { ...givenDocument({ 0: givenLane() }) }
  const retired = { ...doc, sinks: { archive: { ...doc.sinks['archive']!, retired: true } } }
  expect(tracker.observe([{ ...observed(10, {}), doc: retired }], new Map(), drainStartMs)).toEqual([])
})

/** A live lane that is as far behind as its last report is old. */
const reportedLate = (seconds: number, behindAt: (second: number) => number, lagMs: number) => {
  const [tracker, curve] = [new LagTracker(), new PartitionCurve()]
  return Array.from({ length: seconds }, (_, second) => {
    const [nowMs, end] = [drainStartMs + second * 1_000, 1_000 * (second + 30)]
    const position = end - behindAt(second)
    const report = givenReport({ lane: 0, position, positionMs: nowMs - lagMs })
    const places = [observed(end, { 0: givenLane({ at: position }) }, { curve })]
    const [line] = tracker.observe(places, new Map([[laneKeyOf('events', 0, 0), report]]), nowMs)
    return [line!.lagEvents > 0, tracker.etaOf('archive'), line!.etaMs]
  })
}

test('a branch that follows the log has caught up, also while reports of a moment ago show some events before it', () => {
  const behindAt = (second: number): number => 100 + ((second * 67) % 90)
  for (const told of reportedLate(60, behindAt, 180)) expect(told).toEqual([true, [0, 0], [0, 0]])
})

test('whose records are late, or of unknown age, does not follow the log', () => {
  const late = reportedLate(60, () => 20_000, 20_000).at(-1)!
  expect(late).toEqual([true, null, null])
  const unknown = new LagTracker().observe([observed(500, { 0: givenLane() })], new Map(), drainStartMs)
  expect(unknown[0]!.etaMs).toBeNull()
})
