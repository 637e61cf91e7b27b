import { describe, expect, test } from 'vitest'
import type { RunSnapshot } from '../../topology/model/run-snapshot.ts'
import { noAlertPath } from '../../topology/observe/alerts/alert-sight.ts'
import { type Health, HealthWatch } from '../../topology/observe/health.ts'
import {
  givenBranch,
  givenDependency,
  givenKnob,
  givenLag,
  givenSnapshot,
  givenWorker,
  startMs,
} from './given-snapshot.ts'

/** First second at which progress fails, and the last answer. */
const play = (
  seconds: number,
  at: (second: number) => Partial<RunSnapshot>,
): { readonly failedAt: number | undefined; readonly health: Health } => {
  const watch = new HealthWatch(givenKnob())
  let failedAt: number | undefined
  let health = watch.health(undefined, startMs, noAlertPath)
  for (let second = 0; second < seconds; second++) {
    const atMs = startMs + second * 1_000
    const snapshot = givenSnapshot({ ...at(second), atMs })
    watch.see(snapshot)
    health = watch.health(snapshot, atMs, noAlertPath)
    if (!health.progress.ok) failedAt ??= second
  }
  return { failedAt, health }
}

/** A steady stream until the sink hangs: what is read then is held, and after a while the budget is full. */
const hanging = (hangsAt: number, closeMs: number, kind: 'events' | 'objects' | 'rows' = 'events') => {
  const at = (second: number): Partial<RunSnapshot> => {
    const over = second - hangsAt
    const open = ((Math.min(second, hangsAt) * 1_000) % closeMs) + Math.max(0, over) * 1_000
    const isFull = over > 5
    const applied = Math.floor((Math.min(second, hangsAt) * 1_000) / closeMs) * 100
    return {
      branches: [
        givenBranch({
          kind,
          committedAtMs: startMs + applied,
          counters: { received: applied, applied, deadLettered: 0, dropped: 0 },
          lagEvents: isFull ? over * 100 : 0,
        }),
      ],
      lag: [
        givenLag({
          heldEvents: 100,
          heldMs: open,
          lagEvents: isFull ? over * 100 : 0,
          eventsPerSecond: isFull ? 0 : 100,
        }),
      ],
    }
  }
  return at
}

describe('A3: a sink hangs: live stays ok, progress fails within stall.afterMs', () => {
  test('of event rows', () => {
    const { failedAt, health } = play(300, hanging(100, 1_000))
    expect(failedAt).toBeGreaterThan(110)
    expect(failedAt).toBeLessThanOrEqual(130)
    expect([health.live.ok, health.ready.ok, health.progress.ok]).toEqual([true, true, false])
    expect(health.progress.reasons[0]).toMatch(
      /^stalled: events has made nothing durable for 3 min, [\d,]+ events wait$/,
    )
  })
  test('of an archive, when it takes nothing any more', () => {
    const { failedAt } = play(1_200, hanging(1_000, 300_000, 'objects'))
    expect(failedAt).toBeGreaterThan(1_010)
    expect(failedAt).toBeLessThanOrEqual(1_036)
  })
  test('of a store whose call never ends, by the call', () => {
    const hung = { stage: 'write', name: 'archive', what: 'part 3 of shop/0-500', sinceMs: startMs + 10_000 } as const
    const { failedAt, health } = play(60, (second) => ({ calls: second < 10 ? [] : [hung] }))
    expect(failedAt).toBe(40)
    expect(health.progress.reasons).toEqual(['stalled: write archive has not answered for 49 s (part 3 of shop/0-500)'])
  })
  test('and whoever looks at the process alone never hears of it', () => {
    expect(play(300, hanging(100, 1_000)).health.live.ok).toBe(true)
  })
})

describe('progress is no affair of', () => {
  test.each([
    ['an archive that gathers until its age', (second: number) => hanging(1e9, 300_000, 'objects')(second)],
    ['a schema that is written once a minute', (second: number) => hanging(1e9, 60_000, 'rows')(second)],
    ['a quiet log', () => ({ lag: [givenLag({ eventsPerSecond: 0 })] })],
    [
      'a branch that a person has paused',
      (second: number) => ({
        branches: [givenBranch({ state: 'paused', lagEvents: second })],
        lag: [givenLag({ lagEvents: second, eventsPerSecond: 0 })],
      }),
    ],
    [
      'a lane that has to wait its turn',
      () => ({ lag: [givenLag({ lagEvents: 500, eventsPerSecond: 0, mayRead: false })] }),
    ],
    [
      'a fetch at the end of the log',
      () => ({ calls: [{ stage: 'fetch', name: 'shop', what: 'from 500', sinceMs: startMs }] as const }),
    ],
  ])('%s', (_, at) => {
    expect(play(700, at).failedAt).toBeUndefined()
  })
})

test('B27: when a store is away, progress names the store', () => {
  const { health } = play(200, (second) => ({
    ...hanging(50, 1_000)(second),
    dependencies: [givenDependency({ state: 'failing', reason: 'no host answers' })],
  }))
  expect(health.progress.reasons[0]).toMatch(/events wait; rows keen does not answer \(no host answers\)$/)
})

test('a stopped branch is no progress, whatever the others do', () => {
  const { health } = play(1, () => ({
    branches: [givenBranch({ state: 'failed', reason: 'half of it was rejected' })],
  }))
  expect(health.progress).toEqual({ ok: false, reasons: ['events has stopped: half of it was rejected'] })
})

test('a branch that has stopped is told by an alert, and its cause once', () => {
  const watch = new HealthWatch(givenKnob())
  const stopped = (branch: string) => givenBranch({ branch, state: 'failed', reason: 'half of it was rejected' })
  const stalls = watch.see(givenSnapshot({ branches: [stopped('events'), stopped('archive')] }))
  expect(stalls.map(({ subject, text }) => [subject, text])).toEqual([
    ['events', 'events has stopped: half of it was rejected'],
    ['archive', 'archive has stopped, for the same reason as events'],
  ])
})

test('an archive that follows the log after a backlog, whose epochs closed by size, is not stalled', () => {
  const { failedAt } = play(300, (second) => {
    const committed = Math.min(second, 20)
    return {
      branches: [givenBranch({ kind: 'objects', committedAtMs: startMs + committed * 1_000, lagEvents: 10 })],
      lag: [givenLag({ heldEvents: 100, heldMs: (second - committed) * 1_000, lagEvents: 10, eventsPerSecond: 300 })],
    }
  })
  expect(failedAt).toBeUndefined()
})

test('a snapshot that grows old is no progress', () => {
  const watch = new HealthWatch(givenKnob())
  const { progress } = watch.health(givenSnapshot(), startMs + 31_000, noAlertPath)
  expect(progress).toEqual({ ok: false, reasons: ['the last numbers are 31 s old'] })
})

test('ready means started, with workers, and able to wake somebody', () => {
  const watch = new HealthWatch(givenKnob())
  const readyOf = (snapshot: RunSnapshot | undefined, failing: string[] = []): readonly string[] => {
    const path = {
      channels: 1,
      failing: failing.map((channel) => ({ channel, sinceMs: 0, reason: 'refused' })),
      isCut: false,
    }
    return watch.health(snapshot, startMs, path).ready.reasons
  }
  expect(readyOf(undefined)).toEqual(['starting'])
  expect(readyOf(givenSnapshot())).toEqual([])
  expect(readyOf(givenSnapshot({ workers: [givenWorker({ state: 'silent' })] }))).toEqual(['no worker is running'])
  expect(readyOf(givenSnapshot({ state: 'stopping' }))).toEqual(['stopping'])
  expect(readyOf(givenSnapshot(), ['webhook'])).toEqual(['alerts do not get through by webhook: refused'])
})

test('a branch that is silent because a call hangs is told once, by the call', () => {
  const hung = { stage: 'write', name: 'events', what: 'epoch [5, 9)', sinceMs: startMs } as const
  const { health } = play(200, (second) => ({ ...hanging(0, 1_000)(second), calls: [hung] }))
  expect(health.progress.reasons).toEqual(['stalled: write events has not answered for 3 min (epoch [5, 9))'])
})

/** An archive whose epochs may stay open for an hour, by an option of its sink; another of its lanes may commit each so many seconds. */
const hourly = (closeMs: number | undefined, commitsEach = Number.POSITIVE_INFINITY) =>
  play(1_000, (second) => ({
    branches: [
      givenBranch({
        kind: 'objects',
        committedAtMs:
          startMs + (Number.isFinite(commitsEach) ? Math.floor(second / commitsEach) * commitsEach * 1_000 : 0),
      }),
    ],
    lag: [givenLag({ heldEvents: 100, heldMs: second * 1_000, ...(closeMs === undefined ? {} : { closeMs }) })],
  })).failedAt

test('an archive whose epochs may stay open for an hour is not stalled before that', () => {
  expect(hourly(3_600_000)).toBeUndefined()
  expect(hourly(600_000)).toBe(615)
  expect(hourly(undefined)).toBe(315)
})

test('a branch that commits in other lanes makes something durable', () => {
  expect(hourly(300_000, 20)).toBeUndefined()
  expect(hourly(300_000, 60)).toBe(330)
})

test('what was collected by a longer bound is not late the moment that the bound becomes shorter', () => {
  const { failedAt } = play(1_000, (second) => ({
    branches: [givenBranch({ kind: 'objects', committedAtMs: second < 890 ? startMs : startMs + 890_000 })],
    lag: [
      givenLag({
        heldEvents: 100,
        heldMs: (second < 890 ? second : second - 890) * 1_000,
        closeMs: second < 880 ? 900_000 : 300_000,
      }),
    ],
  }))
  expect(failedAt).toBeUndefined()
})
