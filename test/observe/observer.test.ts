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
