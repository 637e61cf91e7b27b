/** The report of a lane says since when it does what it does. */
import { describe, expect, test } from 'vitest'
import { LaneMeter } from '../../../topology/engine/shell/lane-meter.ts'
import type { LaneReport } from '../../../topology/model/work-report.ts'

const place = { spout: 'events', partition: 0, lane: 0, position: 0, heldSinceMs: undefined }

const sinceOf = (meter: LaneMeter, phase: LaneReport['phase'], nowMs: number): number =>
  meter.report(place, phase, nowMs).phaseSinceMs

describe('a phase of a lane', () => {
  test('has begun with its step, however late somebody looks', () => {
    const meter = new LaneMeter(0)
    meter.entered('writing', 1_000)
    expect(sinceOf(meter, 'writing', 4_000)).toBe(1_000)
    expect(sinceOf(meter, 'writing', 9_000)).toBe(1_000)
  })

  test('is another one where another epoch is written, though nobody has looked in between', () => {
    const meter = new LaneMeter(0)
    meter.entered('writing', 1_000)
    expect(sinceOf(meter, 'writing', 2_000)).toBe(1_000)
    meter.entered('committing', 2_400)
    meter.entered('writing', 2_600)
    expect(sinceOf(meter, 'writing', 3_000)).toBe(2_600)
  })

  test('that its machine knows nothing of begins when it is seen', () => {
    const meter = new LaneMeter(0)
    meter.entered('reading', 1_000)
    expect(sinceOf(meter, 'paused', 5_000)).toBe(5_000)
    expect(sinceOf(meter, 'paused', 6_000)).toBe(5_000)
    expect(sinceOf(meter, 'reading', 7_000)).toBe(7_000)
  })
})
