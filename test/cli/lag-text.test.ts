/** Lag for people: sentences made of what was published in April 2019, and tables. */
import { expect, test } from 'vitest'
import { type LagView, lagSentence, lagText } from '../../topology/cli/lag-text.ts'
import type { BranchLine, LagLine } from '../../topology/model/run-snapshot.ts'
import { givenBranch, givenLag, givenSnapshot, startMs } from '../observe/given-snapshot.ts'

const hourMs = 3_600_000
const gib = 1_073_741_824

const archive = (more: Partial<LagLine>): LagLine => givenLag({ branch: 'archive', laneClass: 'backlog', ...more })

/** One line of a running topology whose archive is behind. */
const sentence = (line: Partial<LagLine>, branch: Partial<BranchLine>): string => {
  const own = [archive(line)]
  const snapshot = givenSnapshot({
    startedAtMs: startMs - hourMs,
    lag: own,
    branches: [givenBranch({ branch: 'archive', ...branch })],
  })
  return lagSentence('archive', own, { snapshot })
}

// What section 11 gives as true at these moments: hours to go, and the pace of the last hours.
test.each([
  [
    'D10: 14:49, 22 h 53 min to go',
    { lagEvents: 41_000_000, lagBytes: 61 * gib, lagMs: 3.7 * hourMs, drainMultiple: 0.26 },
    [18.4 * hourMs, 27.5 * hourMs],
    'archive is 41.0 M events (61.0 GiB, 3 h 42 min) behind, drains at 500 events/s, done in 18 to 28 h',
  ],
  [
    'D10: 10:11 the next day, 3 h 31 min to go',
    { lagEvents: 12_400_000, lagBytes: 17 * gib, lagMs: 18 * hourMs, drainMultiple: 6.1 },
    [2.9 * hourMs, 4.2 * hourMs],
    'archive is 12.4 M events (17.0 GiB, 18 h) behind, drains at 6.1 x real time, done in 2 h 54 min to 4 h 12 min',
  ],
  [
    'D10: 12:16, 1 h 26 min to go',
    { lagEvents: 3_100_000, lagBytes: 4.5 * gib, lagMs: 9 * hourMs, drainMultiple: 5.8 },
    [71 * 60_000, 106 * 60_000],
    'archive is 3.1 M events (4.5 GiB, 9 h) behind, drains at 5.8 x real time, done in 1 h 11 min to 1 h 46 min',
  ],
] as const)('%s', (_name, line, etaMs, text) => {
  expect(sentence(line, { etaMs, state: 'catching-up', freshMs: 60_000, drainEventsPerSecond: 500 })).toBe(text)
})

test('D10: where it will not end at this rate, that is said instead of a guess', () => {
  const line = { lagEvents: 5_000, lagBytes: 0, lagMs: 60_000, drainMultiple: 0.8 }
  expect(sentence(line, { etaMs: null, freshMs: 60_000 })).toBe(
    'archive is 5,000 events (1 min) behind, slower than real time (0.8 x), it will not catch up at this rate',
  )
})

test('a branch that is paused, or that nothing runs, says so', () => {
  const line = { lagEvents: 5_000, lagMs: 60_000 }
  expect(sentence(line, { state: 'paused' })).toContain('behind, and paused: `topology resume archive`')
  expect(sentence(line, { state: 'paused', pausedBy: ['files'] })).toMatch(/ and paused: `topology resume files`$/)
  expect(lagSentence('archive', [archive(line)], { snapshot: undefined })).toContain(
    'nothing runs, so nothing drains it',
  )
})

const view = (columns: number): LagView => ({
  snapshot: givenSnapshot({
    startedAtMs: startMs - hourMs,
    branches: [givenBranch({ branch: 'archive', state: 'catching-up', etaMs: [360_000, 540_000] }), givenBranch()],
  }),
  nowMs: startMs,
  guardRatio: 0.5,
  columns,
  hasColour: false,
})

const lines = [
  archive({
    lane: 4,
    lagEvents: 1_200_000,
    lagBytes: 440_401_920,
    lagMs: 2_460_000,
    eventsPerSecond: 2_300.4,
    drainMultiple: 5.4,
    etaMs: [360_000, 540_000],
  }),
  archive({
    lane: 5,
    partition: 1,
    lagEvents: 600_000,
    lagBytes: 220_200_960,
    lagMs: 1_200_000,
    eventsPerSecond: 0,
    mayRead: false,
    etaMs: [360_000, 540_000],
  }),
  givenLag(),
]

test('each branch that is behind has a sentence and its lanes, the largest first; the others share a line', () => {
  expect(
    lagText(lines, view(120)),
  ).toBe(`archive is 1.8 M events (630 MiB, 41 min) behind, drains at 2.7 x real time, done in 6 to 9 min
all events behind are up to 20 min to 41 min late

LANE       PARTITION                   EVENTS    BYTES  BEHIND  EVENTS/S  x TIME  DONE IN
backlog 4  shop/0     ████████████  1,200,000  420 MiB  41 min     2,300     5.4  6 to 9 min
backlog 5  shop/1     ██████          600,000  210 MiB  20 min         0   waits  6 to 9 min

events has read all that the log holds
`)
})

test('D10: the delay is told as a range, with the share of what is behind that lies inside', () => {
  const hours = [6, 7, 12].map((lag, lane) =>
    archive({ lane, lagEvents: lane === 2 ? 330_000 : 300_000, lagMs: lag * hourMs }),
  )
  const late = archive({ lane: 9, lagEvents: 70_000, lagMs: 20 * hourMs })
  expect(lagText([...hours, late], view(120))).toContain('\n93% of the events behind are up to 6 h to 12 h late\n')
})

test('80 columns are enough', () => {
  const text = lagText(lines, view(80)).split('\n').slice(1)
  expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('D18: what the log may drop before it is read is said in one line, with the way out', () => {
  const late = [archive({ lagEvents: 10, lagMs: 0, etaMs: [7_000_000, 7_200_000], retentionMsLeft: hourMs })]
  expect(lagText(late, view(120))).toContain(
    'the oldest of it may be dropped in 1 h, before archive has read it: `topology runbook "retention"`',
  )
})

test('what came all at once drains at so many events a second: a multiple of real time says nothing of it', () => {
  const line = { lagEvents: 200_000, lagBytes: 0, lagMs: 41_000, drainMultiple: null }
  expect(sentence(line, { etaMs: [15_000, 37_000], drainEventsPerSecond: 21_484 })).toBe(
    'archive is 200,000 events (41 s) behind, drains at 21,484 events/s, done in 15 to 37 s',
  )
})

test('a run that has just begun does not guess when it is done', () => {
  const own = [archive({ lagEvents: 1_200_000, lagBytes: 0, lagMs: 45_000, eventsPerSecond: 10 })]
  const branches = [givenBranch({ branch: 'archive', etaMs: [9 * hourMs, 13 * hourMs] })]
  const snapshot = givenSnapshot({ startedAtMs: startMs - 9_000, lag: own, branches })
  expect(lagSentence('archive', own, { snapshot })).toBe(
    'archive is 1.2 M events (45 s) behind; it has just begun, too early to say when it is done',
  )
})

test('a branch that follows the log is not behind, though its last report is a moment old', () => {
  const events = givenLag({ lagEvents: 30, lagMs: 134, drainMultiple: 1, etaMs: [0, 0] })
  expect(lagText([events], view(120))).toBe('events follows the log, at most 30 events (134 ms) behind\n')
  const two = [archive({ lagEvents: 180, lagMs: 900, etaMs: [0, 0], heldEvents: 40 }), events]
  expect(lagText(two, view(120))).toBe(
    'archive and events follow the log, at most 180 events (900 ms) behind; 40 events are held until their epochs close\n',
  )
})

test('a branch that waits for its store says so, however little it has not read', () => {
  const branches = [givenBranch({ state: 'waiting', reason: 'rows keen does not answer for 5 s' })]
  const own = [givenLag({ lagEvents: 30, lagMs: 134, etaMs: [0, 0] })]
  expect(lagText(own, { ...view(120), snapshot: givenSnapshot({ branches, lag: own }) })).toContain(
    'events is 30 events (134 ms) behind, and waiting: rows keen does not answer for 5 s\n',
  )
})

test('without an end in sight the log drops something soon only where half of the time is over', () => {
  const told = (lagMs: number, retentionMsLeft: number): boolean =>
    lagText([archive({ lagEvents: 5, lagMs, retentionMsLeft })], { ...view(120), snapshot: undefined }).includes(
      'dropped',
    )
  expect([told(5_000, 168 * hourMs), told(100 * hourMs, 68 * hourMs)]).toEqual([false, true])
})

const acme = (more: Partial<LagLine> = {}): LagLine =>
  givenLag({ lane: 1, laneClass: 'tenant', tenant: 'acme', lagEvents: 5_880, ownEvents: 2_940, lagMs: 9_000, ...more })

test('what waits because a person has blocked its tenant is told as that, and is no part of the end', () => {
  const rule = { tenant: 'acme', rule: 'block', author: 'ann', reason: '', untilMs: startMs + 59 * 60_000 } as const
  const said = (own: readonly LagLine[], branch: Partial<BranchLine>): string =>
    lagSentence('events', own, {
      snapshot: givenSnapshot({
        ...{ startedAtMs: startMs - hourMs, lag: own, tenantRules: [rule] },
        branches: [givenBranch(branch)],
      }),
    })
  const waits = '; 2,940 events of acme wait, blocked by ann for 59 min'
  const blocked = acme({ isBlocked: true })
  expect(said([givenLag(), blocked], { etaMs: [0, 0] })).toBe(`events has read all else that the log holds${waits}`)
  const live = givenLag({ lagEvents: 30, lagMs: 134, etaMs: [0, 0] })
  expect(said([live, blocked], { lagEvents: 30, etaMs: [0, 0] })).toBe(`events follows the log${waits}`)
  const late = givenLag({ lagEvents: 900, lagMs: 60_000, drainMultiple: 3, etaMs: [6_000, 9_000] })
  expect(said([late, blocked], { lagEvents: 900, lagMs: 60_000, etaMs: [6_000, 9_000], state: 'catching-up' })).toBe(
    `events is 900 events (1 min) behind, drains at 3.0 x real time, done in 6 to 9 s${waits}`,
  )
})

test('of the lanes of one tenant, the end is their own', () => {
  const own = [acme({ drainMultiple: 2, etaMs: [60_000, 90_000] })]
  const snapshot = givenSnapshot({
    ...{
      startedAtMs: startMs - hourMs,
      lag: [...own, givenLag({ lagEvents: 1e6, lagMs: hourMs, etaMs: [hourMs, 2 * hourMs] })],
    },
    branches: [givenBranch({ lagEvents: 1e6, etaMs: [hourMs, 2 * hourMs], state: 'catching-up' })],
  })
  expect(lagSentence('events', own, { snapshot })).toContain('done in about 1 min')
})

test('D9: some lanes drain what they read of their own, a branch what all its lanes do, also those that have just ended', () => {
  const range = (more: Partial<LagLine>): LagLine =>
    givenLag({
      laneClass: 'backlog',
      lagEvents: 2e6,
      lagMs: hourMs,
      etaMs: [60_000, 90_000],
      eventsPerSecond: 900,
      ...more,
    })
  const following = givenLag({ tenant: 'all but acme', lagEvents: 40, etaMs: [0, 0], eventsPerSecond: 1_000 })
  const [others, ended] = [range({ lane: 2, tenant: 'all but acme' }), range({ lane: 3, tenant: 'all but acme' })]
  const own = range({ lane: 1, tenant: 'acme', ownEvents: 1e6 })
  const branches = [givenBranch({ etaMs: [60_000, 90_000], drainEventsPerSecond: 5_000, state: 'catching-up' })]
  const snapshot = givenSnapshot({ startedAtMs: startMs - hourMs, lag: [following, own, others, ended], branches })
  const said = (...lines: readonly LagLine[]): string => lagSentence('events', lines, { snapshot })
  expect(said(own)).toContain('drains at 450 events/s')
  expect(said(following, others, ended)).toContain('drains at 1,800 events/s')
  expect(said(following, own, others)).toContain('drains at 5,000 events/s')
})

test('D10: that nothing is read is said only where nothing is', () => {
  const branch = { etaMs: null, drainEventsPerSecond: 0 } as const
  const line = { lagEvents: 5_000, lagMs: 60_000, eventsPerSecond: 70 }
  expect(sentence(line, branch)).toMatch(/ behind, it will not catch up at this rate$/)
  expect(sentence({ ...line, eventsPerSecond: 0 }, branch)).toMatch(/nothing of it is read now, so no end is in sight$/)
})

test('a branch that has read all and does not write it is behind by what it holds', () => {
  const reason = '3,440 events are read and not yet written, the oldest for 91 s'
  expect(sentence({ lagEvents: 0 }, { state: 'catching-up', reason })).toBe(
    `archive has read all that the log holds; ${reason}`,
  )
  expect(sentence({ lagEvents: 9, lagMs: 90, etaMs: [0, 0] }, { state: 'catching-up', reason, etaMs: [0, 0] })).toBe(
    `archive follows the log; ${reason}`,
  )
})
