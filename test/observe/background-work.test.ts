import { describe, expect, test } from 'vitest'
import type { DeleteStatus } from '../../topology/model/run-handle.ts'
import { backgroundWork } from '../../topology/observe/background-work.ts'
import { playSeconds } from './alerts/given-desk.ts'
import { startMs } from './given-snapshot.ts'

const given = (more: Partial<DeleteStatus> = {}): DeleteStatus => ({
  id: 'd1',
  state: 'running',
  requestedAtMs: startMs,
  partitions: [{ spout: 'events', partition: 0, offset: 5, state: 'running' }],
  matched: 10,
  retracted: 4,
  remaining: 0,
  ...more,
})

describe('background work', () => {
  test('is the oldest delete that reads, and the oldest whose objects are rewritten', () => {
    const work = backgroundWork([
      given({ id: 'young', remaining: 5, requestedAtMs: startMs + 5 }),
      given({ id: 'old', remaining: 7 }),
      given({ id: 'behind' }),
      given({ id: 'over', state: 'done' }),
    ])
    expect(work.map(({ kind, name, pending }) => [kind, name, pending])).toEqual([
      ['delete', 'old', 7],
      ['rewrite', 'behind', 7],
    ])
  })
  test('is none when everything is done, refused or has failed', () => {
    expect(backgroundWork([given({ state: 'done' }), given({ state: 'refused' }), given({ state: 'failed' })])).toEqual(
      [],
    )
  })
})

describe('D22: a delete whose rewriting has stopped', () => {
  const others = (second: number): DeleteStatus =>
    given({ id: `new${second}`, requestedAtMs: startMs + second * 1_000, retracted: second })
  const firedAt = (retractedAt: (second: number) => number): number | undefined =>
    playSeconds(200, (second) => ({
      surroundings: { background: backgroundWork([given({ retracted: retractedAt(second) }), others(second)]) },
    })).firedAt('background')
  test('is told, while new deletes come in and move', () => {
    expect(firedAt(() => 4)).toBe(41)
  })
  test('is not while it moves', () => {
    expect(firedAt((second) => Math.floor(second / 20))).toBeUndefined()
  })
})
