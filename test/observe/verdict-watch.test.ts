/** One word for what is going on: a surge is told from a stall by what comes in and what is finished. */
import { expect, test } from 'vitest'
import { type VerdictFacts, VerdictWatch } from '../../topology/observe/verdict-watch.ts'
import { givenBranch, givenTenant, startMs } from './given-snapshot.ts'

interface Second extends Partial<Pick<VerdictFacts, 'branches' | 'tenants' | 'calls'>> {
  readonly come: number
  readonly read: number
  readonly inFlight: number
}

/** Plays seconds of which each tells what came in, what was read, and what is open; gives the verdicts. */
const played = (seconds: readonly Second[]): readonly { kind: string; text: string }[] => {
  const watch = new VerdictWatch()
  let [come, read] = [0, 0]
  return seconds.map((second, index) => {
    come += second.come
    read += second.read
    const branches = second.branches ?? [givenBranch({ lagEvents: come - read })]
    const facts = { tenants: [], calls: [], ...second, nowMs: startMs + index * 1_000, come, read, branches }
    return watch.verdict(facts)
  })
}

const times = <Item>(count: number, item: (index: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, index) => item(index))

test('A1: steady input and a hung store are a stall of that sink, never a surge', () => {
  const hung = {
    stage: 'write',
    name: 'archive',
    what: 'epoch [0, 500) of archive/0',
    sinceMs: startMs + 60_000,
  } as const
  const verdicts = played([
    ...times(60, () => ({ come: 1_000, read: 1_000, inFlight: 2_000 })),
    ...times(60, (second) => ({
      ...{ come: 1_000, read: second < 3 ? 1_000 : 0, inFlight: 2_000 + 1_000 * Math.min(second, 3) },
      branches: [
        givenBranch(
          second < 30
            ? { branch: 'archive', lagEvents: 1_000 * second }
            : { branch: 'archive', lagEvents: 1_000 * second, state: 'stalled', reason: 'nothing has moved for 30 s' },
        ),
      ],
      calls: [hung],
    })),
  ])
  expect(verdicts.map(({ kind }) => kind)).not.toContain('surge')
  expect(verdicts.at(-1)).toEqual({
    kind: 'stalled',
    text: 'stalled: archive: nothing has moved for 30 s; oldest call: write epoch [0, 500) of archive/0, 59 s',
  })
})

test('A1: 100 times the input and a healthy store are a surge, and the tenant is named', () => {
  const tenants = [givenTenant({ tenant: 'ann', share: 0.07 }), givenTenant({ tenant: 'bob', share: 0.93 })]
  const verdicts = played([
    ...times(60, () => ({ come: 100, read: 100, inFlight: 200 })),
    ...times(30, () => ({ come: 10_000, read: 9_000, inFlight: 9_000, tenants })),
  ])
  expect(verdicts.at(-1)!.text).toMatch(
    /^surge: \d+ x the usual input \(10,000 events a second\), 93 % of it from bob$/,
  )
  expect(verdicts.slice(61).map(({ kind }) => kind)).not.toContain('stalled')
})

test('A1: what begins to come into a log that was still, or was seen for seconds only, is no surge', () => {
  const verdicts = played([
    ...times(70, () => ({ come: 0, read: 0, inFlight: 0 })),
    ...times(20, () => ({ come: 1_000, read: 1_000, inFlight: 2_000 })),
  ])
  expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['ok']))
  const young = played([
    ...times(30, () => ({ come: 10, read: 10, inFlight: 20 })),
    ...times(20, () => ({ come: 1_000, read: 1_000, inFlight: 2_000 })),
  ])
  expect(new Set(young.map(({ kind }) => kind))).toEqual(new Set(['ok']))
})

test('D7: a backlog that is read and waits for its store is told with its branch', () => {
  const reason = '3,440 events are read and not yet written, the oldest for 39 s'
  const branches = [givenBranch({ state: 'catching-up', reason })]
  expect(played([{ come: 0, read: 0, inFlight: 3_440, branches }]).at(-1)!.text).toBe(`catching up: events (${reason})`)
})

test('B6: in flight rises while the rate falls: that is saturation, told before any memory is full', () => {
  const verdicts = played([
    ...times(60, () => ({ come: 1_000, read: 1_000, inFlight: 2_000 })),
    ...times(30, (second) => ({ come: 1_000, read: 1_000 - 30 * second, inFlight: 2_000 + 500 * second })),
  ])
  const first = verdicts.findIndex(({ kind }) => kind === 'saturated')
  // In flight is 100,000 only after minutes.
  expect(first).toBeGreaterThan(60)
  expect(first).toBeLessThan(85)
  expect(verdicts[first]!.text).toMatch(
    /^saturated: 2,000 to [\d,]+ events in flight, while 1,000 a second became \d+$/,
  )
})

test('B6: a burst that is over leaves less to read, and is no saturation', () => {
  const verdicts = played([
    ...times(40, () => ({ come: 20_000, read: 20_000, inFlight: 2_000 })),
    ...times(40, (second) => ({ come: 100, read: 100, inFlight: 2_000 + 100 * second })),
  ])
  expect(verdicts.map(({ kind }) => kind)).not.toContain('saturated')
})

test('what has failed is said before all else', () => {
  const branches = [
    givenBranch({ state: 'failed', reason: 'a code bug' }),
    givenBranch({ branch: 'b', state: 'stalled' }),
  ]
  expect(played([{ come: 0, read: 0, inFlight: 0, branches }]).at(-1)!.text).toBe('failed: events (a code bug)')
})

test('a tenant that a person has blocked is told beside branches that follow the log', () => {
  const tenants = [givenTenant({ place: 'blocked', lagEvents: 2_940 }), givenTenant({ tenant: 'other', lagEvents: 5 })]
  const [verdict] = played([{ come: 1, read: 1, inFlight: 0, branches: [givenBranch()], tenants }])
  expect(verdict).toEqual({
    kind: 'ok',
    text: 'all branches follow the log; acme is blocked, 2,940 events wait',
  })
})

test('a process that holds no partition does not say that all branches follow the log', () => {
  expect(played([{ come: 0, read: 0, inFlight: 0, branches: [] }])).toEqual([
    { kind: 'ok', text: 'no partition is read here' },
  ])
})
