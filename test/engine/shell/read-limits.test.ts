/** What the cursors of a process may fetch together, and who goes first. */
import { expect, test } from 'vitest'
import { ReadLimits } from '../../../topology/engine/shell/read-limits.ts'
import { knobValue } from '../../../topology/model/knobs.ts'

const fetchBytes = 1_048_576

test('a replay that asks again and again does not keep out a live lane, though one fetch is all that fits', () => {
  let nowMs = 60_000
  const knob = (name: string): number =>
    name === 'fetch.totalBytes' ? fetchBytes : name === 'start.rampMs' ? 0 : knobValue(name)
  const limits = new ReadLimits({ knob, clock: { nowMs: () => nowMs, sleep: async () => undefined } })
  const mayBegin = (laneClass: 'live' | 'replay'): boolean =>
    limits.restMs(laneClass, fetchBytes, () => undefined) === 0
  expect(mayBegin('replay')).toBe(true)
  const held = limits.begin('replay', fetchBytes)
  expect(mayBegin('live')).toBe(false)
  held.end()
  // It is back before the live lane is.
  expect([mayBegin('replay'), mayBegin('live')]).toEqual([false, true])
  nowMs += 1_000
  expect(mayBegin('replay')).toBe(true)
})
