import { describe, expect, test } from 'vitest'
import { givenBranch, givenDependency, givenLag, givenWorker } from '../given-snapshot.ts'
import { playSeconds, type Scene } from './given-desk.ts'

describe('B27: a broken dependency is named, apart from the topology', () => {
  const scene = (): Scene => ({
    snapshot: {
      branches: [givenBranch({ branch: 'events' }), givenBranch({ branch: 'archive', kind: 'objects' })],
      lag: [givenLag(), givenLag({ branch: 'archive' })],
      dependencies: [
        givenDependency({ kind: 'log', name: 'shop', state: 'failing', reason: 'no broker answers' }),
        givenDependency(),
      ],
    },
  })
  test('D6: with all branches on it, computed', () => {
    const [alert] = playSeconds(20, scene).alerts
    expect(alert).toMatchObject({ rule: 'dependency', level: 'critical', subject: 'log shop' })
    expect(alert?.text).toBe('log shop does not answer: no broker answers; it hurts archive, events')
  })
  test('not for a moment', () => {
    expect(playSeconds(10, scene).alerts).toEqual([])
  })
})

describe('D22: work in the background that stands still is told', () => {
  const rewriting = (doneAt: (second: number) => number, pending = 12): ((second: number) => Scene) => {
    const at = (second: number): Scene => ({
      surroundings: {
        background: [{ kind: 'rewrite', name: 'archive', pending, done: doneAt(second), sinceMs: 0 }],
      },
    })
    return at
  }
  test('when the rewriter of objects has stopped', () => {
    const played = playSeconds(
      120,
      rewriting((second) => Math.min(second, 20)),
    )
    expect(played.firedAt('background')).toBe(61)
    expect(played.alerts[0]?.text).toMatch(/^rewrite archive stands still with 12 left; it began /)
  })
  test('not while it works slowly, and not without work', () => {
    expect(
      playSeconds(
        300,
        rewriting((second) => Math.floor(second / 30)),
      ).firedAt('background'),
    ).toBeUndefined()
    expect(
      playSeconds(
        300,
        rewriting(() => 7, 0),
      ).firedAt('background'),
    ).toBeUndefined()
  })
  test('and not before it had to begin: rewrites gather deletes for delete.rewriteMs', () => {
    expect(
      playSeconds(
        300,
        rewriting(() => 0),
        { 'delete.rewriteMs': 600_000 },
      ).firedAt('background'),
    ).toBeUndefined()
  })
})

test('D23: what is written and not found raises an alert after one interval, with its place', () => {
  const canary = (ageMs: number) => (): Scene => ({
    surroundings: { canaries: [{ branch: 'events', ageMs, missing: 'not found', place: 'shop/0@41' }] },
  })
  const [alert] = playSeconds(1, canary(60_000)).alerts
  expect(alert?.text).toBe('events says it has written shop/0@41, and it is not there (looked for since 1 min)')
  expect(playSeconds(1, canary(59_000)).alerts).toEqual([])
})

describe('workers', () => {
  test('that were replaced are told, three times in ten minutes is critical', () => {
    const levelsOf = (replacedAt: (second: number) => number): readonly (string | undefined)[] =>
      playSeconds(500, (second) => ({
        snapshot: { workers: [givenWorker({ replaced: replacedAt(second), lastReason: 'a silent heartbeat' })] },
      })).news.map(({ state, alert }) => `${state} ${alert.level}`)
    expect(levelsOf((second) => (second < 100 ? 0 : 1))).toEqual(['firing warning'])
    expect(levelsOf((second) => Math.floor(second / 100))).toEqual(['firing warning', 'firing critical'])
  })
  test('whose event loop stands still are told, when it goes on', () => {
    const scene =
      (every: number) =>
      (second: number): Scene => ({
        snapshot: { workers: [givenWorker({ loopDelayMs: second % every === 0 ? 900 : 3 })] },
      })
    expect(playSeconds(60, scene(1)).firedAt('loop-delay')).toBe(10)
    expect(playSeconds(60, scene(2)).firedAt('loop-delay')).toBeUndefined()
  })
})

test('A3: a stall is an alert that names the branch and the store', () => {
  const scene = (second: number): Scene => ({
    snapshot: {
      branches: [givenBranch({ lagEvents: 500 })],
      lag: [givenLag({ lagEvents: 500, eventsPerSecond: 0, heldEvents: 20, heldMs: second * 1_000 })],
      dependencies: [givenDependency({ state: 'slow' })],
    },
  })
  const played = playSeconds(40, scene)
  expect(played.firedAt('stall')).toBeLessThanOrEqual(31)
})
