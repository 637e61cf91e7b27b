import { describe, expect, it } from 'vitest'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { AlertLine, LagLine, RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import { runbook } from '../../../topology/model/runbook.ts'
import type { RunbookView } from '../../../topology/observe/runbook/finding.ts'
import { findingsOf, presentSymptoms, runbookChecks } from '../../../topology/observe/runbook/runbook-findings.ts'
import {
  givenBranch,
  givenDependency,
  givenLag,
  givenSnapshot,
  givenStage,
  givenTenant,
  givenWorker,
  startMs,
} from '../given-snapshot.ts'

const hourMs = 3_600_000
const nowMs = startMs + hourMs

const viewOf = (...more: readonly Partial<RunSnapshot>[]): RunbookView => ({
  snapshots: more.map((one) => givenSnapshot({ atMs: nowMs, ...one })),
  knob: (name) => knobValue(name),
  nowMs,
  partitions: 4,
})

const numbersOf = (view: RunbookView): readonly number[] => [...presentSymptoms(view).keys()]

const backlog = givenLag({ laneClass: 'backlog', lane: 3, lagEvents: 3e6, lagMs: 5 * hourMs, drainMultiple: 5 })

const given = (rule: string, subject: string, text: string): AlertLine => ({
  ...{ rule, level: 'warning', subject, text, sinceMs: nowMs, symptom: '' },
})

/** What a run looks like that has the symptom, and what is said of it. */
const samples: Readonly<Record<number, readonly [Partial<RunSnapshot>, string]>> = {
  1: [{ lag: [givenLag({ lagEvents: 500, lagMs: 900, slopeEventsPerSecond: 40 })] }, 'events grows by 40 events/s'],
  2: [
    {
      verdict: { kind: 'surge', text: 'acme' },
      tenants: [givenTenant({ bytesPerSecond: 9_000 }), givenTenant({ tenant: 'zenith' })],
    },
    'most of the bytes: acme 90% (8.8 KiB/s), zenith 10%',
  ],
  3: [
    { dependencies: [givenDependency({ kind: 'log', name: 'shop', latencyMs: 900 })] },
    'log shop is slow (900 ms); broker.latencyMs is 250 ms',
  ],
  4: [
    {
      dependencies: [
        givenDependency(),
        givenDependency({ state: 'failing', failingSinceMs: startMs, reason: 'refused' }),
      ],
    },
    'rows keen is failing for 1 h (3 ms): refused',
  ],
  5: [
    { calls: [{ stage: 'write', name: 'archive', what: 'put shop/0001', tenant: 'acme', sinceMs: nowMs - 60_000 }] },
    'write archive of acme for 1 min: put shop/0001',
  ],
  6: [{ workers: [givenWorker({ heldBytes: 80_000_000 })] }, 'host#1/1 holds 76.3 MiB of 95.4 MiB (80%)'],
  7: [
    {
      workers: [givenWorker({ replaced: 2, lastReason: 'silent for 5 s' })],
      alerts: [given('workers', 'worker 1', 'worker 1 was replaced 2 times in the last 10 min: silent for 5 s')],
    },
    'worker 1 was replaced 2 times in the last 10 min: silent for 5 s',
  ],
  8: [
    { alerts: [given('dead-letters', 'events', '20 records rejected in the last minute (events), normal are 1')] },
    '20 records rejected in the last minute (events), normal are 1',
  ],
  9: [{ deleteShare: 0.4 }, '40% of the CPU time of the last seconds, delete.shareRatio is 0.1'],
  10: [
    { lag: [givenLag({ lagEvents: 900, lagMs: 40_000 }), givenLag({ partition: 1, lagEvents: 10, lagMs: 900 })] },
    'shop/0 has 99% of the events behind',
  ],
  11: [
    { lag: [givenLag({ lagEvents: 9, lagMs: 9, retentionMsLeft: hourMs, etaMs: [hourMs, 2 * hourMs] })] },
    'events, partition 0: the log drops unread data in 1 h, the drain needs 2 h',
  ],
  12: [{ workers: [givenWorker({ loopDelayMs: 2_500 })] }, 'host#1/1: 2 s, loop.delayMs is 100'],
  13: [
    {
      alerts: [
        {
          ...{ rule: 'alert-path', level: 'critical', subject: 'webhook', text: 'the last test failed: 402' },
          ...{ sinceMs: nowMs, symptom: 'the alert path is dead' },
        },
      ],
    },
    'the last test failed: 402',
  ],
  14: [
    { verdict: { kind: 'saturated', text: 'in flight rises, throughput falls' } },
    'host#1: in flight rises, throughput falls',
  ],
  15: [
    { verdict: { kind: 'stalled', text: 'archive has not moved for 40 s' } },
    'host#1: archive has not moved for 40 s',
  ],
  16: [
    {
      branches: [givenBranch({ branch: 'archive', kind: 'objects' })],
      lag: [givenLag({ branch: 'archive', heldMs: 900_000 })],
    },
    'archive: 1 h ago, the oldest line waits for 15 min; objects.ageMs is 5 min',
  ],
  17: [{ lag: [{ ...backlog, drainMultiple: 0.4 }] }, '0.4 x real time, CPU does not limit it'],
  19: [{ lag: [backlog] }, 'backlog lanes of events: 3,000,000 events'],
  20: [
    { pins: [{ knob: 'epoch.bytes', value: 9, author: 'ann', reason: 'test', untilMs: nowMs + hourMs }] },
    'epoch.bytes 9 by ann for 1 h: test',
  ],
}

describe('checks of the runbook', () => {
  it('find nothing in a calm run', () => {
    expect(numbersOf(viewOf({}))).toEqual([])
  })

  it.each(Object.entries(samples))(
    'D12: see symptom %s on a run that has it, and say what was found',
    (number, [snapshot, text]) => {
      const view = viewOf(snapshot)
      expect(presentSymptoms(view).get(Number(number))?.text).toContain(text)
    },
  )

  it('D12: leave no symptom without a sign but the one that only readers feel', () => {
    const without = runbook.filter(({ checks }) => !checks.some(({ isSign }) => isSign === true))
    expect(without.map(({ name }) => name)).toEqual(['reads are slow, writes are fine'])
    expect(runbook.map(({ number }) => number).filter((number) => samples[number] === undefined)).toEqual([18])
  })

  it('answer in words on every run, also on one that has told nothing yet', () => {
    const bare = givenSnapshot({ lag: [], branches: [], workers: [] })
    const views = [viewOf({}), viewOf(bare), ...Object.values(samples).map(([snapshot]) => viewOf(snapshot, {}))]
    for (const view of views)
      for (const look of Object.values(runbookChecks)) {
        const { state, text } = look(view)
        expect(['found', 'fine', 'unknown']).toContain(state)
        expect(text).toMatch(/\S/)
        expect(text).not.toMatch(/undefined|NaN|Infinity|null/)
      }
  })

  it('find no fault with what is always so: batches come and go, somebody has most, one partition is the last', () => {
    const lag = [givenLag({ lagEvents: 90, lagMs: 900, slopeEventsPerSecond: 30 })]
    const tenants = [givenTenant({ bytesPerSecond: 9_000, deletes: 3 }), givenTenant({ tenant: 'zenith' })]
    expect(numbersOf(viewOf({ lag, tenants }))).toEqual([])
  })

  it('find no fault with what is long over: the memory of the ledger, and of a process that has run for days', () => {
    const counters = { received: 100, applied: 80, deadLettered: 20, dropped: 0 }
    const view = viewOf({
      branches: [givenBranch({ counters })],
      workers: [givenWorker({ replaced: 1, lastReason: 'silent for 5 s' })],
      stages: [givenStage({ cpuMs: 60 }), givenStage({ workClass: 'delete', cpuMs: 40 })],
      deleteShare: 0,
    })
    expect(numbersOf(view)).toEqual([])
    expect(runbookChecks['deadLetterRatio']!(view).text).toBe('no jump; events: 20 of 100 records ever (20.00%)')
    expect(runbookChecks['workersReplaced']!(view).text).toBe(
      'none in the last minutes; host#1/1 was replaced once before: silent for 5 s',
    )
  })

  it('find a worker that is silent now', () => {
    const view = viewOf({ workers: [givenWorker({ state: 'silent' })] })
    expect(runbookChecks['workersReplaced']!(view)).toMatchObject({ state: 'found', process: 'host#1/1' })
  })

  it('name the branches that share a broker that is well', () => {
    const more = {
      dependencies: [givenDependency({ kind: 'log', name: 'shop' })],
      branches: [givenBranch(), givenBranch({ branch: 'archive', kind: 'objects' })],
    }
    const view = viewOf(more, { ...more, branches: [givenBranch({ branch: 'revenue' })] })
    expect(runbookChecks['impact']!(view)).toEqual({ state: 'fine', text: 'shop: archive, events, revenue' })
    const slow = [givenDependency({ kind: 'log', name: 'shop', state: 'slow' })]
    expect(runbookChecks['impact']!(viewOf({ ...more, dependencies: slow }))).toEqual({
      ...{ state: 'found', text: 'shop: archive, events' },
    })
    expect(runbookChecks['impact']!(viewOf({})).state).toBe('unknown')
  })

  it('look at all processes together', () => {
    const [calm, bad] = [{ process: 'a#1' }, { process: 'b#1', workers: [givenWorker({ loopDelayMs: 900 })] }]
    expect(presentSymptoms(viewOf(calm, bad)).get(12)?.process).toBe('b#1/1')
  })

  it('name the stage and the knob that move the drain', () => {
    const binding = {
      stage: 'write',
      name: 'archive',
      usedRatio: 0.93,
      knob: 'objects.inFlightRequests',
      advice: 'raise it',
    } as const
    const [, finding] = findingsOf(runbook[0]!, viewOf({ binding }))
    expect(finding?.finding?.text).toBe(
      'write archive is busy 93% of the time: objects.inFlightRequests moves it (raise it)',
    )
  })

  it('find a drain slow where it takes longer than what is behind is old, whatever time that passes', () => {
    const drain = (...lines: readonly Partial<LagLine>[]) =>
      runbookChecks['drainMultiple']!(
        viewOf({ lag: lines.map((more) => ({ ...backlog, drainMultiple: 0.02, ...more })) }),
      )
    const slowest = 'the slowest lane (events, partition 0): '
    expect(drain({ etaMs: null })).toMatchObject({ state: 'found', text: `${slowest}slower than real time (0.0 x)` })
    expect(drain({ etaMs: [8 * hourMs, 9 * hourMs] }).state).toBe('found')
    const burst = { lagMs: 180_000, etaMs: [60_000, 90_000], eventsPerSecond: 2_600 } as const
    const following = { lagEvents: 9, lagMs: 40, etaMs: [0, 0], drainMultiple: 0 } as const
    expect(drain(burst, following)).toMatchObject({ state: 'fine', text: `${slowest}drains at 2,600 events/s` })
    expect(drain(burst, { etaMs: null, drainMultiple: 0.5 })).toMatchObject({
      ...{ state: 'found', text: `${slowest}slower than real time (0.5 x)` },
    })
  })

  it('find a catch-up slow by its slowest branch: what others do beside it makes none faster', () => {
    const lag = ['events', 'archive', 'totals'].map((branch) => ({ ...backlog, branch, drainMultiple: 0.4 }))
    expect(runbookChecks['idleDrain']!(viewOf({ lag }))).toEqual({
      ...{ state: 'found', text: '0.4 x real time, CPU does not limit it' },
    })
    const [first, ...others] = lag
    const quick = others.map((line) => ({ ...line, drainMultiple: 6 }))
    expect(runbookChecks['idleDrain']!(viewOf({ lag: [first!, ...quick] })).state).toBe('found')
    expect(runbookChecks['idleDrain']!(viewOf({ lag: quick })).state).toBe('fine')
  })

  it('tell which tenant is held back, and until when', () => {
    const rule = {
      tenant: 'acme',
      rule: 'limit',
      eventsPerSecond: 500,
      author: 'ann',
      reason: '',
      untilMs: nowMs + hourMs,
    } as const
    expect(runbookChecks['heldTenants']!(viewOf({ tenantRules: [rule] })).text).toBe(
      'acme is limited to 500/s by ann for 1 h',
    )
  })

  it('tell who has bounded the lanes of a backlog', () => {
    const text = (more: Partial<RunSnapshot>, lanes: number): string => {
      const knob = (name: string): number => (name === 'backlog.activeLanes' ? lanes : knobValue(name))
      return runbookChecks['readingLanes']!({ ...viewOf({ lag: [backlog], ...more }), knob }).text
    }
    const pin = { knob: 'backlog.activeLanes', value: 1, author: 'ann', reason: '', untilMs: nowMs }
    const profile = { mode: 'auto', name: 'protect', sinceMs: startMs, reason: '' }
    const reads = '1 of 1 backlog lanes read'
    expect(text({ profile }, 0)).toBe(`${reads}, found by measuring`)
    expect(text({ profile }, 1)).toBe(`${reads}, bounded to 1 by profile protect`)
    expect(text({ profile, settings: { 'backlog.activeLanes': 1 } }, 1)).toBe(
      `${reads}, bounded to 1 as the run was set`,
    )
    expect(text({ profile, pins: [pin] }, 1)).toBe(`${reads}, bounded to 1 by ann`)
  })

  it('tell the bolt that burns the CPU and the share that deletes take', () => {
    const stages = [
      givenStage({ stage: 'bolt', name: 'revenue', cpuMs: 800 }),
      givenStage({ stage: 'decode', name: 'shop', cpuMs: 100 }),
      givenStage({ stage: 'bolt', name: 'revenue', workClass: 'delete', cpuMs: 100 }),
    ]
    expect(runbookChecks['busiestBolt']!(viewOf({ stages })).text).toBe('revenue: 90% of all CPU time')
    expect(runbookChecks['deleteWork']!(viewOf({ stages, deleteShare: 0.1 }))).toMatchObject({
      state: 'fine',
      text: '10% of the CPU time of the last seconds, delete.shareRatio is 0.1',
    })
  })
})

it('without an end in sight the clock of the log is a finding once half of its time is over', () => {
  const clockOf = (lagMs: number, retentionMsLeft: number) =>
    runbookChecks['retentionClock']!(viewOf({ lag: [givenLag({ lagEvents: 9, lagMs, etaMs: null, retentionMsLeft })] }))
  expect(clockOf(134, 168 * hourMs)).toMatchObject({
    state: 'fine',
    text: 'events, partition 0: the log drops unread data in 7 d, no end is known',
  })
  expect(clockOf(100 * hourMs, 68 * hourMs).state).toBe('found')
})
