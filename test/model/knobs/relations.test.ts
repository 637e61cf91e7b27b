import { describe, expect, it } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { type ProfileName, profileNames } from '../../../topology/model/knobs/profiles.ts'
import { relate, relations } from '../../../topology/model/knobs/relations.ts'
import { knobs } from '../../../topology/model/knobs.ts'
import type { PinLine } from '../../../topology/model/run-snapshot.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'

const pin = (knob: string, value: number, untilMs = 1_000): PinLine => ({
  knob,
  value,
  author: 'a',
  reason: '',
  untilMs,
})
const nothingGives = (): boolean => false

describe('relations between knobs', () => {
  it('hold for the initial values and for every profile', () => {
    const desk = new KnobDesk()
    for (const name of profileNames) {
      desk.setProfile(name, 'test', 0)
      expect(relate((knob) => desk.value(knob), nothingGives)).toEqual({ lowered: [], broken: [] })
    }
  })

  it('are asked all at once, and each answer says which value to change', () => {
    const set = { 'catchUp.leaveMs': 200_000, 'fetch.partitionBytes': 33_554_432, 'breaker.probeMs': 60_000 }
    expect(() => new KnobDesk(set)).toThrow(
      'catchUp.leaveMs is 200000, with catchUp.afterMs 300000 at most 150000: lower catchUp.leaveMs, or set catchUp.afterMs to 400000 or more; ' +
        'fetch.partitionBytes is 33554432, with fetch.totalBytes 16777216 at most 16777216: lower fetch.partitionBytes, or set fetch.totalBytes to 33554432 or more; ' +
        'breaker.probeMs is 60000, with retry.maxMs 30000 at most 30000: lower breaker.probeMs, or set retry.maxMs to 60000 or more',
    )
    const shares = { 'live.reserveRatio': 0.6, 'replay.shareRatio': 0.3, 'delete.shareRatio': 0.1 }
    expect(() => new KnobDesk(shares)).toThrow('is 1, at most 0.95: lower one of them')
  })

  it('leave everything as it was when a pin is refused', () => {
    const desk = new KnobDesk()
    desk.pin(pin('fetch.totalBytes', 2_097_152))
    expect(() => desk.pin(pin('fetch.partitionBytes', 4_194_304))).toThrow('lower fetch.partitionBytes')
    expect(desk.value('fetch.partitionBytes')).toBe(1_048_576)
    expect(desk.state().pins).toHaveLength(1)
  })

  it('scale down what a profile wants on a small budget, and say it', () => {
    const desk = new KnobDesk({ 'memory.budgetBytes': 67_108_864 })
    desk.setProfile('catch-up', 'behind', 0)
    expect(desk.value('fetch.totalBytes')).toBe(16_777_216)
    expect(desk.lowered()).toEqual([
      {
        knob: 'fetch.totalBytes',
        from: 67_108_864,
        to: 16_777_216,
        relation: '`fetch.totalBytes` <= `memory.budgetBytes` / 4',
      },
    ])
  })

  it('lower what nobody has set', () => {
    const desk = new KnobDesk({ 'catchUp.afterMs': 20_000, 'retry.maxMs': 100, 'live.reserveRatio': 0.9 })
    const names = ['catchUp.leaveMs', 'alert.lagMs', 'breaker.probeMs', 'replay.shareRatio', 'delete.shareRatio']
    expect(names.map((name) => desk.value(name))).toEqual([10_000, 10_000, 100, 0.025, 0.025])
    expect(desk.line('alert.lagMs').lowered?.from).toBe(30_000)
  })

  it('lower a pin whose companion has expired, for a time cannot be refused', () => {
    const desk = new KnobDesk()
    desk.pin(pin('memory.budgetBytes', 1_073_741_824, 10))
    desk.pin(pin('fetch.totalBytes', 268_435_456, 20))
    desk.expire(10)
    expect(desk.value('fetch.totalBytes')).toBe(67_108_864)
    expect(desk.line('fetch.totalBytes').lowered?.from).toBe(268_435_456)
  })

  it('hold whatever is set, in every profile, or it is refused', () => {
    const names = [...new Set(relations.flatMap(({ low, high }) => (high === undefined ? low : [...low, high])))]
    let kept = 0
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed)
      const desk = new KnobDesk()
      for (let turn = 0; turn < 12; turn++) {
        const name = names[Math.floor(random.next() * names.length)]!
        const { min, max, initial } = knobs.get(name)!
        const value = max <= 1 ? min + random.next() * (max - min) : Math.round(initial * 4 ** (2 * random.next() - 1))
        try {
          desk.pin(pin(name, Math.min(max, Math.max(min, value)), 1 + Math.floor(random.next() * 12)))
          kept += 1
        } catch {}
        if (random.next() < 0.3)
          desk.setProfile((profileNames[turn % 3] satisfies ProfileName | undefined) ?? 'realtime', 'test', turn)
        desk.expire(turn)
        expect(relate((knob) => desk.value(knob), nothingGives).broken).toEqual([])
      }
    }
    expect(kept).toBeGreaterThan(1_000)
  })
})
