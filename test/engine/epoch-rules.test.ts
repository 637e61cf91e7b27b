/** When an epoch closes: by age, bytes, records, spilled bytes or idleness, by kind of sink. */
import { describe, expect, test } from 'vitest'
import { closeReason, closesAtMs, type EpochBounds, type OpenEpochStats } from '../../topology/engine/epoch-rules.ts'

const bounds: EpochBounds = { ageMs: 1_000, idleMs: 300, bytes: 5_000, records: 50, spilledBytes: 9_000 }
const stats = (more: Partial<OpenEpochStats>): OpenEpochStats => ({
  kind: 'rows',
  records: 1,
  bytes: 1,
  spilledBytes: 0,
  openedAtMs: 100,
  lastAtMs: 100,
  ...more,
})

describe('an epoch', () => {
  test.each([
    ['stays open while it is young and small', {}, 1_099, undefined],
    ['closes by age', {}, 1_100, 'age'],
    ['closes by bytes read', { bytes: 5_000 }, 100, 'bytes'],
    ['closes by records', { records: 50 }, 100, 'records'],
    ['of event rows closes as rows do', { kind: 'events', records: 50 }, 100, 'records'],
    ['without records never closes', { openedAtMs: undefined, bytes: 9_999 }, 99_999, undefined],
    ['of objects closes when the lane is idle', { kind: 'objects' }, 400, 'idle'],
    ['of objects closes by spilled bytes', { kind: 'objects', spilledBytes: 9_000 }, 100, 'bytes'],
    [
      'of objects does not close by records or bytes read',
      { kind: 'objects', records: 99, bytes: 9_999 },
      100,
      undefined,
    ],
    ['of objects that are written all the time closes by age', { kind: 'objects', lastAtMs: 1_099 }, 1_100, 'age'],
    ['closes where it spills to there is no room for more', { kind: 'objects', isFull: true }, 100, 'pressure'],
  ] as const)('%s', (_, more, nowMs, reason) => {
    expect(closeReason(stats(more), bounds, nowMs)).toBe(reason)
  })

  test.each([
    ['small objects', { outputs: 10, bytes: 2_000_000 }, 4_100],
    ['objects of 256 KiB and more', { outputs: 10, bytes: 2_621_440 }, 1_100],
    ['rows, which are no objects', { kind: 'rows', outputs: 10, bytes: 100 }, 1_100],
  ] as const)('stretches its age up to `objects.maxAgeMs` for %s', (_, more, atMs) => {
    const stretched = { ...bounds, idleMs: 100_000, bytes: 10_000_000, maxAgeMs: 4_000 }
    const small = stats({ kind: 'objects', ...more })
    expect(closesAtMs(small, stretched)).toBe(atMs)
    expect([atMs - 1, atMs].map((nowMs) => closeReason(small, stretched, nowMs))).toEqual([undefined, 'age'])
    expect(closesAtMs(small, { ...stretched, maxAgeMs: 0 })).toBe(1_100)
  })

  test.each([
    ['rows', {}, 1_100],
    ['objects, by idleness', { kind: 'objects' }, 400],
    ['objects, by age', { kind: 'objects', lastAtMs: 1_000 }, 1_100],
    ['nothing', { openedAtMs: undefined }, Number.POSITIVE_INFINITY],
  ] as const)('tells when time will close it: %s', (_, more, atMs) => {
    expect(closesAtMs(stats(more), bounds)).toBe(atMs)
  })
})
