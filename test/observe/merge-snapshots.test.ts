/** The snapshots of several processes as one. */
import { expect, test } from 'vitest'
import { mergeSnapshots } from '../../topology/observe/merge-snapshots.ts'
import { givenBranch, givenLag, givenSnapshot, givenTenant, startMs } from './given-snapshot.ts'

test('processes tell of their own partitions: lag stands side by side, counts are added, the worst state counts', () => {
  const merged = mergeSnapshots([
    givenSnapshot({
      process: 'a#1',
      lag: [givenLag({ partition: 0, lagEvents: 10 })],
      branches: [givenBranch({ lagEvents: 10, state: 'catching-up', etaMs: [1_000, 2_000] })],
      tenants: [givenTenant({ tenant: 'ann', bytesPerSecond: 300 })],
    }),
    givenSnapshot({
      process: 'b#1',
      lag: [givenLag({ partition: 1, lagEvents: 5 })],
      branches: [givenBranch({ lagEvents: 5, state: 'ok', etaMs: [3_000, 5_000], freshMs: 7 })],
      tenants: [givenTenant({ tenant: 'ann', bytesPerSecond: 0 }), givenTenant({ tenant: 'bob', bytesPerSecond: 100 })],
    }),
  ])!
  expect(merged.process).toBe('a#1, b#1')
  expect(merged.lag).toHaveLength(2)
  expect(merged.branches).toMatchObject([{ lagEvents: 15, state: 'catching-up', etaMs: [3_000, 5_000], freshMs: 7 }])
  expect(merged.branches[0]!.counters.received).toBe(2_000)
  expect(merged.tenants.map(({ tenant, share }) => [tenant, share])).toEqual([
    ['ann', 0.75],
    ['bob', 0.25],
  ])
})

test('while a lane changes hands, who has read further counts', () => {
  const [one, other] = [200, 3].map((lagEvents) => givenSnapshot({ lag: [givenLag({ lagEvents })] }))
  expect(mergeSnapshots([one!, other!])!.lag).toMatchObject([{ lagEvents: 3 }])
})

test('where one process sees no end of a branch, there is none', () => {
  const [one, other] = [null, [1, 2] as const].map((etaMs) => givenSnapshot({ branches: [givenBranch({ etaMs })] }))
  expect(mergeSnapshots([one!, other!])!.branches[0]!.etaMs).toBeNull()
})

test('of none there is none, and one is itself', () => {
  const only = givenSnapshot({ atMs: startMs })
  expect(mergeSnapshots([])).toBeUndefined()
  expect(mergeSnapshots([only])).toBe(only)
})

test('the whole is drained when all processes are, and in the hardest profile of any, whoever told last', () => {
  const profile = { mode: 'auto', name: 'protect', sinceMs: startMs, reason: 'the rows are slow' }
  const one = givenSnapshot({ process: 'a#1', state: 'drained', profile })
  const other = givenSnapshot({ process: 'b#1', settings: { 'epoch.ageMs': 5 } })
  for (const [first, second] of [
    [0, 500],
    [500, 0],
  ] as const) {
    const late = [
      { ...other, atMs: startMs + first },
      { ...one, atMs: startMs + second },
    ]
    expect(mergeSnapshots(late)).toMatchObject({
      ...{ process: 'a#1, b#1', state: 'running', atMs: startMs + 500 },
      profile: { name: 'protect', reason: 'the rows are slow (a#1)' },
    })
    expect(mergeSnapshots(late)!.settings).toBeUndefined()
  }
  expect(mergeSnapshots([one, { ...one, process: 'b#1' }])).toMatchObject({ state: 'drained', profile })
  expect(mergeSnapshots([one, { ...one, state: 'stopping' }])!.state).toBe('stopping')
})

test('what a branch counts is added as well', () => {
  const counted = { received: 4, applied: 3, deadLettered: 1, dropped: 0 }
  const some = givenSnapshot({ branches: [givenBranch({ counted })] })
  expect(mergeSnapshots([some, some])!.branches[0]!.counted).toMatchObject({ received: 8, deadLettered: 2 })
})

test('of processes that are well, one that reads tells how it goes, not one that holds no partition', () => {
  const idle = givenSnapshot({ branches: [], verdict: { kind: 'ok', text: 'no partition is read here' } })
  const busy = givenSnapshot({ process: 'host#2', verdict: { kind: 'ok', text: 'all branches follow the log' } })
  expect(mergeSnapshots([idle, busy])!.verdict.text).toBe('all branches follow the log')
})
