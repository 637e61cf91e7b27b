import { describe, expect, it } from 'vitest'
import { readKnobSetting } from '../../../topology/model/knobs/knob-setting.ts'

describe('a knob as a person types it', () => {
  it('is read with its unit', () => {
    expect(readKnobSetting('epoch.ageMs', '5 s')).toBe(5_000)
    expect(readKnobSetting('epoch.ageMs', '250')).toBe(250)
    expect(readKnobSetting('epoch.bytes', '64 MiB')).toBe(67_108_864)
    expect(readKnobSetting('fetch.backlogBytesPerSecond', '4 MiB/s')).toBe(4_194_304)
    expect(readKnobSetting('live.reserveRatio', '0.8')).toBe(0.8)
    expect(readKnobSetting('profile.mode', 'protect')).toBe('protect')
  })

  it('is refused with what the knob takes', () => {
    expect(() => readKnobSetting('epoch.ageMs', '5 parsecs')).toThrow(
      'epoch.ageMs is no "5 parsecs": it is a whole number of ms from 100 to 600,000',
    )
    expect(() => readKnobSetting('live.reserveRatio', '2')).toThrow('a ratio from 0.05 to 0.95')
    expect(() => readKnobSetting('batch.records', '')).toThrow('a whole number of records')
    expect(() => readKnobSetting('profile.mode', 'protekt')).toThrow('one of auto, realtime, catch-up, protect')
    expect(() => readKnobSetting('epoch.age', '5')).toThrow('did you mean "epoch.ageMs"?')
  })
})
