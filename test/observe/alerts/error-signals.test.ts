import { describe, expect, test } from 'vitest'
import { givenBranch, givenStage } from '../given-snapshot.ts'
import { playSeconds, type Scene } from './given-desk.ts'

/** 100 records a second; from second 600 on a share of those of one tenant is rejected by one bolt. */
const rejecting =
  (share: number, before = 0) =>
  (second: number): Scene => {
    const received = second * 100
    const count = Math.round(Math.min(second, 600) * before + Math.max(0, second - 600) * 100 * share)
    return {
      snapshot: {
        branches: [givenBranch({ counters: { received, applied: received - count, deadLettered: count, dropped: 0 } })],
      },
      surroundings: { rejects: [{ operator: 'purchases', cause: 'BoltError', tenant: 'acme', count }] },
    }
  }

describe('B5: the change of the error rate is told', () => {
  test('1 % bad events by operator, cause and tenant, within the minute', () => {
    const played = playSeconds(700, rejecting(0.01))
    expect(played.firedAt('dead-letters')).toBeLessThan(610)
    const [alert] = played.alerts
    expect(alert).toMatchObject({ level: 'warning', subject: 'purchases: BoltError of acme' })
    expect(alert?.text).toMatch(/^\d\d records rejected in the last minute .* normal are 0, up to 1% of the records/)
  })
  test('a tenth of all is critical', () => {
    expect(playSeconds(660, rejecting(0.2)).alerts[0]?.level).toBe('critical')
  })
  test('a few that were always there are none', () => {
    // 6 a minute before and after.
    expect(playSeconds(1_200, rejecting(0.001, 0.1)).firedAt('dead-letters')).toBeUndefined()
  })
  test('what has become normal ends', () => {
    const { news } = playSeconds(3_600, rejecting(0.01))
    expect(news.filter(({ state }) => state !== 'still firing').map(({ state }) => state)).toEqual([
      'firing',
      'resolved',
    ])
  })
  test('dead letters of years that come with a partition are none', () => {
    const counted = { received: 1_000, applied: 1_000, deadLettered: 0, dropped: 0 }
    const scene = (second: number): Scene => {
      const counters = { ...counted, deadLettered: second % 200 < 100 ? 0 : 90_000 }
      return { snapshot: { branches: [givenBranch({ counters, counted })] } }
    }
    expect(playSeconds(700, scene).firedAt('dead-letters')).toBeUndefined()
  })
  test('of calls by stage and name', () => {
    const scene = (second: number): Scene => ({
      snapshot: { stages: [givenStage({ errors: Math.max(0, second - 100) })] },
    })
    const [alert] = playSeconds(130, scene).alerts
    expect(alert).toMatchObject({ rule: 'errors', subject: 'write events' })
  })
})
