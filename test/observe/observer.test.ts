/** The snapshot of a run, from plain data. */
import { expect, test } from 'vitest'
import { knobValue } from '../../topology/model/knobs.ts'
import type { WorkReport } from '../../topology/model/work-report.ts'
import { Observer, type ObserverInput } from '../../topology/observe/observer.ts'
import { PartitionCurve } from '../../topology/observe/partition-curve.ts'
import { givenStage } from './given-snapshot.ts'
import { drainStartMs, givenDocument, givenLane, givenReport, givenSink } from './simulated-drain.ts'

const report = (more: Partial<WorkReport> = {}): WorkReport => ({
  ...{ worker: 0, pid: 1, startedAtMs: drainStartMs, atMs: drainStartMs, rssBytes: 0, heldBytes: 0, budgetBytes: 1 },
  ...{ loopDelayMs: 0, lanes: [], tenants: [], stages: [], calls: [] },
  ...more,
})

const input = (more: Partial<ObserverInput>): ObserverInput => ({
  ...{ topology: 'shop', process: 'h#1', state: 'running', nowMs: drainStartMs, startedAtMs: drainStartMs },
  profile: { mode: 'auto', name: 'realtime', sinceMs: 0, reason: '' },
  ...{ pins: [], tenantRules: [], alerts: [], workers: [], waitingFor: [], deadLetters: 0, places: [], reports: [] },
  ...{ rows: 'rows', objects: 'objects', knob: (name) => knobValue(name) },
  ...{ isPaused: () => false, failureOf: () => undefined },
  ...more,
})

const sinks = { rows: givenSink({ kind: 'rows' }), archive: givenSink() }
const curve = new PartitionCurve()

/** Half a minute in which both sinks have a million records before them; rows read 10,000 a second, the archive reads what is told. */
const observed = (archive: number, more: Partial<ObserverInput> = {}) => {
  const observer = new Observer()
  const at = (second: number) => {
    const lanes = [
      givenReport({ lane: 0, position: 10_000 * second, positionMs: drainStartMs - 3_600_000 + 60_000 * second }),
      givenReport({ lane: 1, position: archive * second }),
    ]
    const doc = givenDocument(
      {
        0: givenLane({ sink: 'rows', to: 1_000_000, at: 10_000 * second }),
        1: givenLane({ to: 1_000_000, at: archive * second }),
      },
      sinks,
    )
    return observer.observe(
      input({
        nowMs: drainStartMs + second * 1_000,
        places: [{ spout: 'events', topic: 'shop', partition: 0, doc, end: 1_000_000, curve }],
        reports: [
          report({
            lanes,
            stages: [
              givenStage({ stage: 'write', name: 'rows', workClass: 'backlog', calls: second, waitMs: 900 * second }),
            ],
          }),
        ],
        ...more,
      }),
    )
  }
  return Array.from({ length: 60 }, (_, second) => at(second)).at(-1)!
}

test('totals count what is read once, however many branches read it', () => {
  expect(observed(10_000).totals.eventsPerSecond).toBeCloseTo(10_000)
})

test('a branch that stands still has no end, while the others have one', () => {
  const { branches, lag } = observed(0, { failureOf: (sink) => (sink === 'archive' ? 'a bug' : undefined) })
  expect(branches.find(({ branch }) => branch === 'archive')).toMatchObject({ state: 'failed', etaMs: null })
  expect(branches.find(({ branch }) => branch === 'rows')!.etaMs).not.toBeNull()
  expect(lag.find(({ branch }) => branch === 'archive')!.etaMs).toBeNull()
})

test('D9: the drain is told as a multiple of real time, with the stage that limits it and its knob', () => {
  const { lag, binding } = observed(10_000)
  expect(lag.find(({ branch }) => branch === 'rows')!.drainMultiple).toBeCloseTo(60)
  expect(binding).toMatchObject({ stage: 'write', name: 'rows', knob: 'rows.inFlightRequests' })
})

test('a dependency that does not answer is told with all branches that share it', () => {
  const waitingFor = [{ resource: 'rows', name: 'rows', sinceMs: drainStartMs, reason: 'no answer' }] as const
  const rows = observed(10_000, { waitingFor }).dependencies.find(({ kind }) => kind === 'rows')
  expect(rows).toMatchObject({ state: 'failing', failingSinceMs: drainStartMs, reason: 'no answer' })
  expect(rows!.impact).toEqual(['archive', 'rows'])
})

test('D18: a record that the log keeps for an hour and that is read in two is told before it is lost', () => {
  const old = new PartitionCurve()
  old.add({ offset: 0, appendMs: drainStartMs - 60_000, bytesEach: 100 })
  const observer = new Observer()
  const places = [0, 30].map((second) => {
    const doc = givenDocument({ 0: givenLane({ sink: 'rows', to: 7_200_000, at: 1_000 * second }) }, sinks)
    const place = {
      spout: 'events',
      topic: 'shop',
      partition: 0,
      doc,
      end: 7_200_000,
      curve: old,
      retentionMs: 3_600_000,
    }
    const lanes = [givenReport({ lane: 0, position: 1_000 * second })]
    return observer.observe(
      input({ nowMs: drainStartMs + second * 1_000, places: [place], reports: [report({ lanes })] }),
    )
  })
  const [line] = places.at(-1)!.lag
  expect(line!.retentionMsLeft).toBeLessThanOrEqual(3_600_000)
  expect(line!.etaMs![0]).toBeGreaterThan(line!.retentionMsLeft!)
})

const archivePlace = (partition: number, received: number, done = 0): ObserverInput['places'][number] => {
  const counters = (count: number) => ({ received: count, applied: count - 5, deadLettered: 5, dropped: 0 })
  const lanes = { 0: givenLane({ to: 1_000_000, at: received, counters: counters(received - done) }) }
  const doc = givenDocument(lanes, { archive: givenSink({ counters: counters(done) }) })
  return { spout: 'events', topic: 'shop', partition, doc, end: 1_000_000, curve }
}

test('what is counted of a branch grows with its work alone, whatever partitions come, go and come back', () => {
  const observer = new Observer()
  const looks = [
    [archivePlace(0, 100)],
    [archivePlace(0, 150), archivePlace(1, 900_000)],
    [archivePlace(0, 160), archivePlace(1, 900_040)],
    // A lane that ends leaves its counts to its sink.
    [archivePlace(0, 170, 160)],
    [archivePlace(0, 170, 160), archivePlace(1, 950_000)],
  ]
  const counted = looks.map((places, second) => {
    const { branches } = observer.observe(input({ nowMs: drainStartMs + second * 1_000, places }))
    return branches[0]!.counted.received
  })
  expect(counted).toEqual([0, 50, 100, 110, 110])
})

test('what may be held is what the workers may hold: who starts them holds nothing for itself', () => {
  const own = report({ worker: 0, heldBytes: 3, budgetBytes: 256 })
  const workers = [1, 2].map((worker) => report({ worker, heldBytes: 10, budgetBytes: 128 }))
  const totals = (reports: readonly WorkReport[]) => new Observer().observe(input({ reports })).totals
  expect(totals([own, ...workers])).toMatchObject({ heldBytes: 20, budgetBytes: 256 })
  expect(totals([own])).toMatchObject({ heldBytes: 3, budgetBytes: 256 })
})

test('the share of the CPU time that deletes take is told of the last seconds', () => {
  const observer = new Observer()
  const at = (second: number, bolt: number, deletes: number): number | undefined =>
    observer.observe(
      input({
        nowMs: drainStartMs + second * 1_000,
        reports: [
          report({
            stages: [
              givenStage({ stage: 'bolt', cpuMs: bolt }),
              givenStage({ stage: 'bolt', workClass: 'delete', cpuMs: deletes }),
            ],
          }),
        ],
      }),
    ).deleteShare
  expect(at(0, 1_000_000, 0)).toBe(0)
  expect(at(10, 1_000_600, 400)).toBeCloseTo(0.4)
  expect(at(20, 1_001_600, 400)).toBe(0)
})

test('events that are collected until an epoch closes are not in flight: the verdict stays calm', () => {
  const observer = new Observer()
  const kinds = Array.from({ length: 60 }, (_, second) => {
    // Less is read than comes for a moment, while the minute's epoch is collected.
    const position = 1_000 * Math.min(second, 40) + 500 * Math.max(0, second - 40)
    const doc = givenDocument({ 0: givenLane({ sink: 'rows' }) }, sinks)
    const nowMs = drainStartMs + second * 1_000
    const lanes = [
      givenReport({
        lane: 0,
        position,
        positionMs: nowMs,
        heldSinceMs: drainStartMs,
        closeMs: 60_000,
        records: position,
      }),
    ]
    const places = [{ spout: 'events', topic: 'shop', partition: 0, doc, end: 1_000 * second + 500, curve }]
    return observer.observe(input({ nowMs, places, reports: [report({ lanes })] })).verdict.kind
  })
  expect(kinds).not.toContain('saturated')
})

test('the counts of a stage do not fall when a worker is replaced, and its waiting ends with it', () => {
  const observer = new Observer()
  const worker = (pid: number, calls: number) =>
    report({
      ...{ worker: pid % 2, pid },
      stages: [givenStage({ calls, errors: calls, cpuMs: calls, recentMeanMs: pid, inFlight: 1, oldestSinceMs: 5 })],
    })
  const looks = [[worker(11, 10), worker(12, 30)], [worker(11, 12)], [worker(11, 13), worker(14, 2)], []].map(
    (reports, second) => observer.observe(input({ nowMs: drainStartMs + second * 1_000, reports })).stages[0]!,
  )
  expect(looks.map(({ calls, errors, cpuMs }) => [calls, errors, cpuMs])).toEqual(
    [40, 42, 45, 45].map((count) => [count, count, count]),
  )
  expect(looks.map(({ inFlight }) => inFlight)).toEqual([2, 1, 2, 0])
  expect(looks[1]!.recentMeanMs).toBe(11)
  expect(looks[3]).not.toHaveProperty('oldestSinceMs')
})
