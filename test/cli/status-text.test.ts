/** The status of a topology as a person reads it. */
import { expect, test } from 'vitest'
import type { ReadStatus } from '../../topology/cli/read-status.ts'
import { statusJson } from '../../topology/cli/status-json.ts'
import { statusLine, statusText } from '../../topology/cli/status-text.ts'
import type { LaneStatus } from '../../topology/model/run-handle.ts'
import type { RunSnapshot } from '../../topology/model/run-snapshot.ts'
import { mergeSnapshots } from '../../topology/observe/merge-snapshots.ts'
import { givenSnapshot, givenWorker, startMs } from '../observe/given-snapshot.ts'

const nowMs = startMs + 120_000
const counters = { received: 10, applied: 10, deadLettered: 0, dropped: 0 }

const lane = (sink: string, partition: number, lagEvents: number): LaneStatus => ({
  ...{
    sink,
    kind: 'events',
    spout: 'events',
    topic: 'shop',
    partition,
    lane: 0,
    from: 0,
    to: null,
    tenants: { kind: 'all' },
  },
  ...{ at: 10, declared: 10, position: 10, slot: 0, lagEvents, heldEvents: 0, counters, committedAtMs: startMs },
})

const given = (snapshot: Partial<RunSnapshot>, more: Partial<ReadStatus> = {}): ReadStatus => ({
  ...{ topology: 'shop', state: 'running', deletes: [], waitingFor: [], lost: [], toldAtMs: nowMs },
  ...{ pins: [], tenantRules: [], pausedBranches: [], drains: [], lanes: [], sinks: {} },
  snapshot: givenSnapshot({ atMs: nowMs, ...snapshot }),
  ...more,
})

const sink = { kind: 'events', retired: false, namespace: null, paused: false, counters, heldEvents: 0 } as const

const text = (found: ReadStatus): string =>
  statusText(found, { nowMs, showsAll: false, columns: 120, hasColour: false, shareRatio: 0.5 })

test('a topology that is drained says who has drained it, what waits, and how it goes on', () => {
  const drain = { name: 'vm#1', process: 'p1', author: 'ann', reason: 'new kernel', atMs: startMs, untilMs: null }
  const found = given(
    { state: 'drained', process: 'vm#1', branches: [], lag: [], verdict: { kind: 'ok', text: 'all is well' } },
    {
      drains: [drain],
      lanes: [lane('events', 0, 1_200), lane('events', 1, 800), lane('totals', 0, 700)],
      sinks: { events: { ...sink, lagEvents: 2_000, committedAtMs: startMs } },
    },
  )
  expect(statusLine(found, nowMs)).toBe(
    'topology shop: drained by ann for 2 min; 2,000 events wait in the log; `topology undrain vm#1`',
  )
  expect(text(found)).toMatch(/^SINK .*LAG.*\nevents +events .* 2,000 /m)
  expect(text(found)).toMatch(/^vm#1 drained +until taken back +ann +new kernel$/m)
})

test('where no branch runs yet, what waits is told instead of that all is well', () => {
  const found = given({ branches: [], lag: [] }, { lanes: [lane('events', 0, 5)] })
  expect(statusLine(found, nowMs)).toBe('topology shop: running; 5 events wait in the log, and nothing reads there yet')
})

test('workers of several processes are told by the names that `drain` takes', () => {
  const workers = [givenWorker(), givenWorker({ worker: 2 })]
  const [one, other] = ['vm#1', 'vm#2'].map((process) => givenSnapshot({ process, workers }))
  const found = { ...given({}), snapshot: mergeSnapshots([one!, other!]) }
  const names = [...text(found).matchAll(/^(vm#\d\/\d) +running/gm)].map(([, name]) => name)
  expect(names).toEqual(['vm#1/1', 'vm#1/2', 'vm#2/1', 'vm#2/2'])
  expect(statusJson(found)).toMatchObject({ workers: [{ process: 'vm#1', worker: 1 }, {}, { process: 'vm#2' }, {}] })
  expect(text({ ...found, snapshot: one })).toMatch(/^vm#1\/1 +running/m)
})
