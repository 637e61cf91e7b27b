/** States of branches, each by itself. */
import { expect, test } from 'vitest'
import type { LaneState } from '../../topology/model/ledger-document.ts'
import type { LaneReport } from '../../topology/model/work-report.ts'
import { type BranchFacts, BranchWatch } from '../../topology/observe/branch-watch.ts'
import { LagTracker, laneKeyOf } from '../../topology/observe/lag-tracker.ts'
import { PartitionCurve } from '../../topology/observe/partition-curve.ts'
import { drainStartMs, givenDocument, givenLane, givenReport, givenSink } from './simulated-drain.ts'

interface Moment {
  readonly end: number
  readonly lanes: Readonly<Record<string, LaneState>>
  readonly reports: readonly LaneReport[]
}

const sinks = { rows: givenSink({ kind: 'rows' }), archive: givenSink() }

/** The states of the branches after each of some seconds. */
const states = (seconds: number, at: (second: number) => Moment, more: Partial<BranchFacts> = {}) => {
  const [tracker, watch] = [new LagTracker(), new BranchWatch()]
  const curve = new PartitionCurve()
  return Array.from({ length: seconds }, (_, second) => {
    const nowMs = drainStartMs + second * 1_000
    const { end, lanes, reports } = at(second)
    const places = [{ spout: 'events', topic: 'events', partition: 0, doc: givenDocument(lanes, sinks), end, curve }]
    const byKey = new Map(reports.map((one) => [laneKeyOf('events', 0, one.lane), one]))
    const lag = tracker.observe(places, byKey, nowMs)
    const lines = watch.lines({
      ...{ nowMs, places, lag, reports: byKey, drain: tracker },
      ...{ isPaused: () => false, failureOf: () => undefined, waitingFor: [], stallAfterMs: 30_000, lateMs: 30_000 },
      ...more,
    })
    return Object.fromEntries(lines.map((line) => [line.branch, line]))
  })
}

/** `rows` follows the log; `archive` stands where it is told. */
const beside =
  (archive: (second: number) => { at: number; position: number; phase?: LaneReport['phase'] }) =>
  (second: number): Moment => {
    const end = 1_000 * (second + 1)
    const { at, position, phase = 'reading' } = archive(second)
    return {
      end,
      lanes: { 0: givenLane({ sink: 'rows', at: end }), 1: givenLane({ sink: 'archive', at }) },
      reports: [givenReport({ lane: 0, position: end }), givenReport({ lane: 1, position, phase })],
    }
  }

test('D7: the state is that of each component: rows are ok while objects catch up', () => {
  const told = states(
    60,
    beside((second) => ({ at: 100 * second, position: 0 })),
  )
  const last = told.at(-1)!
  expect(last['rows']).toMatchObject({ state: 'ok', reason: '', freshMs: 0, lagEvents: 0 })
  expect(last['archive']!.lagEvents).toBe(60_000 - 5_900)
  expect(last['archive']!.state).not.toBe('ok')
})

test('D7: a branch whose backlog drains is fresh where its live lane follows the log', () => {
  const [line] = states(40, (second) => {
    const end = 100_000 + second
    const lanes = {
      0: givenLane({ sink: 'rows', from: 100_000, at: end }),
      2: givenLane({ sink: 'rows', to: 100_000, at: 1_000 * second, slot: 1 }),
    }
    return {
      end,
      lanes,
      reports: [givenReport({ lane: 0, position: end }), givenReport({ lane: 2, position: 1_000 * second })],
    }
  }).slice(-1)
  expect(line!['rows']).toMatchObject({
    state: 'catching-up',
    freshMs: 0,
    lagEvents: 61_000,
    reason: '61,000 events behind in 1 partition',
  })
  expect(line!['rows']!.etaMs).not.toBeNull()
})

test('A3: an archive that hangs is stalled within four times stall.afterMs: large objects honestly take a while', () => {
  const told = states(
    150,
    beside((second) => ({ at: 2_000, position: Math.min(1_000 * (second + 1), 5_000), phase: 'writing' as const })),
  )
  const first = told.findIndex((lines) => lines['archive']!.state === 'stalled')
  expect(first).toBeGreaterThanOrEqual(120)
  expect(first).toBeLessThanOrEqual(126)
  expect(told.at(-1)!['archive']!.reason).toMatch(/^nothing has moved for 1[45]\d s while [\d,]+ events wait$/)
  expect(told.every((lines) => lines['rows']!.state === 'ok')).toBe(true)
})

test('D7: rows that are read and not written for long are behind, whatever the log still holds', () => {
  const at = (second: number, sink: string): Moment => ({
    end: 5_000,
    lanes: { 0: givenLane({ sink, at: 40 * second }) },
    reports: [givenReport({ lane: 0, position: 5_000, phase: 'writing', heldSinceMs: drainStartMs })],
  })
  expect(states(20, (second) => at(second, 'rows')).at(-1)!['rows']!.state).toBe('ok')
  expect(states(40, (second) => at(second, 'rows')).at(-1)!['rows']).toMatchObject({
    state: 'catching-up',
    lagEvents: 0,
    reason: '3,440 events are read and not yet written, the oldest for 39 s',
  })
  expect(states(40, (second) => at(second, 'archive')).at(-1)!['archive']!.state).toBe('ok')
})

test('rows that are collected until their epoch closes are no backlog: late is what is held for longer', () => {
  const at = (): Moment => ({
    end: 5_000,
    lanes: { 0: givenLane({ sink: 'rows' }) },
    reports: [givenReport({ lane: 0, position: 5_000, heldSinceMs: drainStartMs, closeMs: 60_000 })],
  })
  const told = states(100, at).map((lines) => lines['rows']!.state)
  expect(told.indexOf('catching-up')).toBe(90)
})

test('A3: an archive that only collects until its epoch closes is not stalled', () => {
  const told = states(200, (second) => {
    const end = 5_000
    const lanes = { 1: givenLane({ sink: 'archive', at: 0 }) }
    return { end, lanes, reports: [givenReport({ lane: 1, position: Math.min(end, 1_000 * second) })] }
  })
  expect(told.at(-1)!['archive']!.state).toBe('ok')
})

test('lanes of two tenants over the same records count these once', () => {
  const only = { kind: 'only', names: ['ann'] } as const
  const [lines] = states(1, () => ({
    end: 1_000,
    lanes: {
      0: givenLane({ sink: 'rows', at: 400, tenants: { kind: 'except', names: ['ann'] } }),
      1: givenLane({ sink: 'rows', at: 100, tenants: only, slot: 1 }),
    },
    reports: [givenReport({ lane: 0, position: 400 }), givenReport({ lane: 1, position: 100 })],
  }))
  expect(lines!['rows']!.lagEvents).toBe(900)
})

test('a branch that falls behind while others of its spout follow the log is detached', () => {
  const told = states(
    90,
    beside((second) => ({ at: 10 * second, position: 10 * second })),
  )
  expect(told.at(-1)!['archive']).toMatchObject({ state: 'detached' })
  expect(told.at(-1)!['archive']!.reason).toMatch(/^reads apart from the other branches, \d\d s behind the log$/)
})

test('who is paused, waits for a store, or has failed says so', () => {
  const still = beside(() => ({ at: 0, position: 0 }))
  const paused = states(60, still, { isPaused: (sink) => sink === 'archive' }).at(-1)!
  expect(paused['archive']!.state).toBe('paused')
  const waitingFor = [{ resource: 'objects', name: 's3', sinceMs: drainStartMs, reason: 'refused' }] as const
  const waiting = states(60, still, { waitingFor }).at(-1)!
  expect(waiting['archive']).toMatchObject({ state: 'waiting', reason: 'objects s3 does not answer for 59 s' })
  expect(waiting['rows']!.state).toBe('ok')
  const failed = states(60, still, { failureOf: (sink) => (sink === 'archive' ? 'a bug' : undefined) }).at(-1)!
  expect(failed['archive']).toMatchObject({ state: 'failed', reason: 'a bug' })
})

test('a tenant that a person has blocked waits for that person: its branch is not late', () => {
  const only = { kind: 'only', names: ['ann'] } as const
  const [tracker, curve] = [new LagTracker(), new PartitionCurve()]
  const rules = [{ tenant: 'ann', rule: 'block', author: 'bob', reason: '', untilMs: null }] as const
  const doc = givenDocument(
    {
      0: givenLane({ sink: 'rows', at: 50_000, tenants: { kind: 'except', names: ['ann'] } }),
      1: givenLane({ sink: 'rows', at: 100, tenants: only, slot: 1 }),
    },
    sinks,
  )
  const places = [{ spout: 'events', topic: 'events', partition: 0, doc, end: 50_000, curve }]
  const reports = new Map([
    [laneKeyOf('events', 0, 0), givenReport({ lane: 0, position: 50_000 })],
    [
      laneKeyOf('events', 0, 1),
      givenReport({ lane: 1, position: 100, positionMs: drainStartMs - 3_600_000, phase: 'waiting' }),
    ],
  ])
  curve.add({ offset: 0, appendMs: drainStartMs - 3_600_000 })
  const lag = tracker.observe(places, reports, drainStartMs, rules)
  expect(lag[1]).toMatchObject({ lagEvents: 49_900, isBlocked: true, etaMs: null })
  const [line] = new BranchWatch().lines({
    ...{ nowMs: drainStartMs, places, lag, reports, drain: tracker },
    ...{ isPaused: () => false, failureOf: () => undefined, waitingFor: [], stallAfterMs: 30_000, lateMs: 30_000 },
  })
  expect(line).toMatchObject({ state: 'ok', lagEvents: 0, lagBytes: 0, lagMs: 0, etaMs: [0, 0] })
})
