/** The simulation of April 2019 bites: what is taken away or broken is found by its criterion. And a night with crashes. */
import { afterEach, describe, expect, test } from 'vitest'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import { problemsOf } from './criteria.ts'
import { hourMs } from './draw-night.ts'
import { playNight } from './play-night.ts'

const playMs = 300_000

afterEach(() => plantedFaults.clear())

describe('an hour of the night', () => {
  test(
    'D2: without diversion the lag of one tenant is that of all',
    async () => {
      const played = await playNight(3, { mostMs: hourMs, knobs: { 'tenant.shareRatio': 1 } })
      expect(problemsOf(played)[5]).toEqual([`${played.night.spike.tenant} was never diverted`])
      expect(played.record.lateAtMs.size).toBe(played.night.tenants.length)
    },
    playMs,
  )

  test(
    'D8: without a controller nothing is done by itself',
    async () => {
      const played = await playNight(3, { mostMs: hourMs / 2, knobs: { 'profile.mode': 'realtime' } })
      expect(problemsOf(played)[6]).toEqual(['nothing was done by itself'])
    },
    playMs,
  )

  test(
    'D20: a cut that loses what lies behind it is found by the audit',
    async () => {
      plantedFaults.add('cut-in-two-steps')
      const played = await playNight(3, { mostMs: hourMs, knobs: { 'tenant.shareRatio': 1 } })
      expect(problemsOf(played)[7]).toContainEqual(expect.stringMatching(/^archive: \d+ missing/))
    },
    playMs,
  )
})

test.each([3, 5])(
  'A5: seed %i ends in the same state when its process dies at random places',
  async (seed) => {
    const { audit, crashes } = await playNight(seed, { mostMs: hourMs, crashes: 6 })
    expect(crashes).toBeGreaterThan(2)
    expect(audit.problems).toEqual([])
    expect(audit.digest).toBe(audit.trueDigest)
  },
  playMs,
)
