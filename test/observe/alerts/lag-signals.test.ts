import { describe, expect, test } from 'vitest'
import { lagAgeSignals } from '../../../topology/observe/alerts/rules/lag-signals.ts'
import { givenBranch, givenLag } from '../given-snapshot.ts'
import { playSeconds, type Scene } from './given-desk.ts'

/** The branch does 1,000 events a second; from second 30 on `arriving` come. */
const ramp =
  (arriving: number) =>
  (second: number): Scene => {
    const over = Math.max(0, second - 30)
    const lagEvents = over * (arriving - 1_000)
    const lagMs = over * 1_000 * (1 - 1_000 / arriving)
    return {
      snapshot: {
        branches: [
          givenBranch({
            lagEvents,
            lagMs,
            freshMs: lagMs,
            counters: { received: second * 1_000, applied: second * 1_000, deadLettered: 0, dropped: 0 },
          }),
        ],
        lag: [givenLag({ lagEvents, lagMs, eventsPerSecond: 1_000 })],
      },
    }
  }

describe('D1: the alert on the slope comes before the delay target is broken', () => {
  test.each([1_050, 1_200, 2_000, 5_000, 50_000])('with %i events a second arriving', (arriving) => {
    const played = playSeconds(900, ramp(arriving))
    const brokenAt = 30 + 30 / (1 - 1_000 / arriving)
    expect(played.firedAt('lag-slope')).toBeLessThan(brokenAt)
    expect(played.firedAt('lag-slope')).toBeGreaterThan(35)
  })
  test('and without that rule only the age tells, after it', () => {
    const played = playSeconds(900, ramp(2_000), {}, { rules: [lagAgeSignals] })
    expect(played.firedAt('lag-slope')).toBeUndefined()
    expect(played.firedAt('lag-age')).toBeGreaterThan(90)
  })
  test('and says when', () => {
    const [alert] = playSeconds(60, ramp(2_000)).alerts
    expect(alert?.text).toMatch(/^lag of events grows by 1,000 events\/s \(\d\d,000 behind\): at 30 s in 3\d s$/)
  })
})

test('D1: a steady lag, and one that swings, raise no alert on the slope', () => {
  const steady = playSeconds(300, () => ({ snapshot: { branches: [givenBranch({ lagEvents: 5_000, lagMs: 5_000 })] } }))
  const swings = playSeconds(300, (second) => ({
    snapshot: { branches: [givenBranch({ lagEvents: 500 + 500 * Math.sin(second / 2), lagMs: 900 })] },
  }))
  expect([steady.firedAt('lag-slope'), swings.firedAt('lag-slope')]).toEqual([undefined, undefined])
})

describe('D18: the log is about to drop what is not read', () => {
  const hourMs = 3_600_000
  const scene = (retentionMsLeft: number, etaMs: readonly [number, number] | null) => (): Scene => ({
    snapshot: { lag: [givenLag({ lagEvents: 1_000_000, lagMs: 9 * hourMs, etaMs, retentionMsLeft })] },
  })
  test('retention 1 h, end in 2 h: critical, at once', () => {
    const { news } = playSeconds(1, scene(hourMs, [hourMs, 2 * hourMs]))
    expect(news).toHaveLength(1)
    expect(news[0]?.alert).toMatchObject({ rule: 'retention', level: 'critical', subject: 'events' })
    expect(news[0]?.alert.text).toBe(
      'the log will drop what events has not read of shop/0 in 1 h; caught up in 1 h to 2 h',
    )
  })
  test('above retention.guardRatio it warns, below it is silent', () => {
    expect(playSeconds(62, scene(3 * hourMs, [hourMs, 2 * hourMs])).alerts[0]?.level).toBe('warning')
    expect(playSeconds(62, scene(5 * hourMs, [hourMs, 2 * hourMs])).alerts).toEqual([])
  })
  test('without an end in sight it is told once the age has passed the guard, and not before', () => {
    const textOf = (eventsPerSecond: number): string | undefined => {
      const line = { lagEvents: 9, lagMs: 85 * hourMs, retentionMsLeft: 83 * hourMs, eventsPerSecond }
      return playSeconds(62, () => ({ snapshot: { lag: [givenLag(line)] } })).alerts[0]?.text.split('; ')[1]
    }
    expect([textOf(0), textOf(50)]).toEqual(['nothing is read', 'no end in sight at this rate'])
    const firesAt = (lagMs: number, retentionMsLeft: number): string | undefined =>
      playSeconds(62, () => ({ snapshot: { lag: [givenLag({ lagEvents: 9, lagMs, etaMs: null, retentionMsLeft })] } }))
        .alerts[0]?.level
    expect(firesAt(134, 168 * hourMs)).toBeUndefined()
    expect(firesAt(83 * hourMs, 85 * hourMs)).toBeUndefined()
    expect(firesAt(85 * hourMs, 83 * hourMs)).toBe('critical')
  })
  test('nothing is read, and the end is near: critical, at once', () => {
    expect(playSeconds(1, scene(500_000, null)).alerts[0]?.level).toBe('critical')
  })
})

test('what a person has paused, and a replay, are late by intent', () => {
  const late = { lagMs: 500_000, freshMs: 500_000, lagEvents: 10 }
  const branches = [
    givenBranch({ ...late, state: 'paused' }),
    givenBranch({ ...late, branch: 'events@again', namespace: 'again' }),
  ]
  expect(playSeconds(200, () => ({ snapshot: { branches, lag: [] } })).alerts).toEqual([])
})

test('late fresh data is worse than a backlog beside fresh data', () => {
  const levelOf = (freshMs: number): string | undefined =>
    playSeconds(62, () => ({
      snapshot: { branches: [givenBranch({ lagMs: 9_000_000, freshMs, lagEvents: 50, etaMs: [60_000, 120_000] })] },
    })).alerts.find(({ rule }) => rule === 'lag-age')?.level
  expect([levelOf(400_000), levelOf(900)]).toEqual(['critical', 'warning'])
})

test('what a tenant that is blocked has before it says nothing of how its branch drains', () => {
  const own = [
    givenLag({ lagEvents: 1_000, lagMs: 40_000, laneClass: 'backlog', drainMultiple: 4, etaMs: [9_000, 12_000] }),
    givenLag({ partition: 1, tenant: 'acme', laneClass: 'tenant', lagEvents: 9_000, lagMs: 9e6, isBlocked: true }),
  ]
  const branches = [givenBranch({ lagEvents: 1_000, lagMs: 40_000, etaMs: [9_000, 12_000] })]
  expect(playSeconds(62, () => ({ snapshot: { branches, lag: own } })).alerts[0]?.text).toBe(
    'events is 40 s late, its fresh data 0 ms, 1,000 events behind; drains at 4.0 x real time, caught up in 9 s to 12 s',
  )
})
