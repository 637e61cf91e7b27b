/** Drains as they go in the field, second by second: uneven records, noisy rates, lanes that wait for each other, an inflow. */
import { emptyDocument } from '../../topology/engine/ledger/document.ts'
import type { LaneState, LedgerDocument, SinkState } from '../../topology/model/ledger-document.ts'
import type { LaneReport } from '../../topology/model/work-report.ts'
import { LagTracker, laneKeyOf, type ObservedPartition } from '../../topology/observe/lag-tracker.ts'
import { PartitionCurve } from '../../topology/observe/partition-curve.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'

export const drainStartMs = Date.UTC(2026, 0, 1)

const noCounters = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }

export const givenLane = (more: Partial<LaneState> = {}): LaneState => ({
  sink: 'archive',
  from: 0,
  to: null,
  tenants: { kind: 'all' },
  at: 0,
  declared: null,
  seq: 0,
  slot: 0,
  code: '',
  partBytes: 0,
  counters: noCounters,
  tries: 0,
  committedAtMs: 0,
  ...more,
})

export const givenSink = (more: Partial<SinkState> = {}): SinkState => ({
  kind: 'objects',
  from: 0,
  to: null,
  fingerprint: '',
  retired: false,
  slots: [],
  homes: [],
  counters: noCounters,
  ...more,
})

export const givenDocument = (
  lanes: Readonly<Record<string, LaneState>>,
  sinks: Readonly<Record<string, SinkState>> = { archive: givenSink() },
): LedgerDocument => ({ ...emptyDocument('log', 0), sinks, lanes })

export const givenReport = (more: Partial<LaneReport> & Pick<LaneReport, 'lane' | 'position'>): LaneReport => ({
  spout: 'events',
  partition: 0,
  records: 0,
  bytes: 0,
  phase: 'reading',
  phaseSinceMs: 0,
  ...more,
})

export interface Update {
  readonly atMs: number
  readonly etaMs: readonly [number, number] | null
  /** What somebody would say who divides what is left by the rate of the last second. */
  readonly guessMs: number
}

export interface Drain {
  readonly updates: readonly Update[]
  /** When the backlog was gone. */
  readonly endMs: number
}

/** What is drawn of a drain. */
interface World {
  readonly events: number
  /** Records a second that it can do at first. */
  readonly base: number
  readonly inflow: number
  readonly active: number
  /** From this second on it can do so many times as much. */
  readonly move: { readonly at: number; readonly by: number }
  readonly bytesAt: (offset: number) => number
  /** By the event, by the byte, or both. */
  readonly costOf: (offset: number) => number
  readonly lanes: OpenLane[]
}

const drawWorld = (between: (low: number, high: number) => number): World => {
  const events = Math.round(10 ** between(5, 6.7))
  const seconds = between(60, 2_400)
  const stretches = Array.from({ length: 8 }, () => between(150, 1_200))
  const bytesAt = (offset: number): number => stretches[Math.min(7, Math.floor((offset * 8) / events))]!
  const meanBytes = stretches.reduce((sum, one) => sum + one, 0) / 8
  const byBytes = between(0, 1)
  const base = events / seconds
  const count = 1 + Math.floor(between(0, 6))
  const size = Math.ceil(events / count)
  const lanes = Array.from({ length: count }, (_, index) => ({
    ...{ id: index + 1, from: index * size, to: Math.min(events, (index + 1) * size) },
    ...{ at: index * size, bytes: 0, before: 0 },
  }))
  return {
    ...{ events, base, bytesAt, lanes },
    costOf: (offset) => 1 - byBytes + (byBytes * bytesAt(offset)) / meanBytes,
    active: 1 + Math.floor(between(0, count)),
    inflow: base * between(0, 0.4),
    move: { at: between(0.2, 2) * seconds, by: between(0.7, 1.6) },
  }
}

/** As somebody finds it who looks at the log here and there. */
const curveOf = ({ events, bytesAt }: World): PartitionCurve => {
  const curve = new PartitionCurve()
  for (let step = 0; step < 24; step++) {
    const offset = Math.floor((events * step) / 24)
    curve.add({ offset, appendMs: drainStartMs - 7_200_000 + step * 300_000, bytesEach: bytesAt(offset) })
  }
  return curve
}

const readOn = (lanes: readonly OpenLane[], capacity: number, { costOf, bytesAt }: World): void => {
  for (const lane of lanes) {
    const read = Math.min(lane.to - lane.at, Math.max(1, Math.round(capacity / lanes.length / costOf(lane.at))))
    lane.before = lane.at
    lane.bytes += read * bytesAt(lane.at)
    lane.at += read
  }
}

/** One drain, drawn from a seed, told every five seconds. */
export const simulatedDrain = (seed: number): Drain => {
  const random = seededRandom(seed)
  const between = (low: number, high: number): number => low + random.next() * (high - low)
  const world = drawWorld(between)
  const { events, lanes, base, inflow, move, active } = world
  const curve = curveOf(world)
  const tracker = new LagTracker()
  const updates: Update[] = []
  let [end, noise] = [events, 0]
  for (let second = 1; ; second++) {
    const nowMs = drainStartMs + second * 1_000
    end += Math.round(inflow * between(0.5, 1.5))
    noise = 0.9 * noise + between(-0.125, 0.125)
    const reading = lanes.filter(({ at, to }) => at < to).slice(0, active)
    if (reading.length === 0) return { updates, endMs: nowMs }
    readOn(reading, base * Math.exp(noise) * (second > move.at ? move.by : 1), world)
    const left = lanes.filter(({ at, to }) => at < to)
    observe(tracker, curve, left, { events, end, nowMs })
    if (second % 5 === 0 && left.length > 0)
      updates.push({ atMs: nowMs, etaMs: tracker.etaOf('archive'), guessMs: guessOf(left, reading) })
  }
}

const observe = (
  tracker: LagTracker,
  curve: PartitionCurve,
  left: readonly OpenLane[],
  { events, end, nowMs }: { readonly events: number; readonly end: number; readonly nowMs: number },
): void => {
  const doc = givenDocument({
    0: givenLane({ from: events, at: end }),
    ...Object.fromEntries(left.map(({ id, from, to, at }) => [id, givenLane({ from, to, at, slot: 1 })])),
  })
  const reports = [
    givenReport({ lane: 0, position: end, bytes: (end - events) * 300 }),
    ...left.map(({ id, at, bytes }) => givenReport({ lane: id, position: at, bytes })),
  ]
  const place: ObservedPartition = { spout: 'events', topic: 'events', partition: 0, doc, end, curve }
  tracker.observe([place], new Map(reports.map((one) => [laneKeyOf('events', 0, one.lane), one])), nowMs)
}

interface OpenLane {
  readonly id: number
  readonly from: number
  readonly to: number
  at: number
  bytes: number
  before: number
}

const guessOf = (left: readonly OpenLane[], reading: readonly OpenLane[]): number => {
  const events = left.reduce((sum, { at, to }) => sum + to - at, 0)
  return (events * 1_000) / reading.reduce((sum, { at, before }) => sum + at - before, 0)
}
