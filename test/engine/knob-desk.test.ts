import { describe, expect, it } from 'vitest'
import { type KnobChange, KnobDesk } from '../../topology/engine/knob-desk.ts'
import type { PinLine } from '../../topology/model/run-snapshot.ts'

const pin = (knob: string, value: number | string, untilMs = 3_600_000): PinLine => ({
  knob,
  value,
  author: 'ann',
  reason: 'the night of the backlog',
  untilMs,
})

describe('the desk of knobs', () => {
  it('asks the pin first, then the run, the option of the topology, the profile, the initial value', () => {
    const desk = new KnobDesk()
    const asked = (): number => desk.value('epoch.bytes', { 'epoch.bytes': 1_000_000 }, 'backlog')
    expect(desk.value('epoch.bytes')).toBe(16_777_216)
    desk.setProfile('catch-up', 'behind', 0)
    expect(desk.value('epoch.bytes')).toBe(67_108_864)
    expect(asked()).toBe(1_000_000)
    desk.set('epoch.bytes', 2_000_000)
    expect(asked()).toBe(2_000_000)
    desk.pin(pin('epoch.bytes', 3_000_000))
    expect(asked()).toBe(3_000_000)
    desk.unpin('epoch.bytes')
    expect(asked()).toBe(2_000_000)
  })

  it('keeps the calm values for live lanes, and for whoever does not say for which lane', () => {
    const desk = new KnobDesk()
    desk.setProfile('protect', 'the broker is slow', 0)
    const ages = (['live', undefined, 'backlog', 'tenant', 'replay'] as const).map((laneClass) =>
      desk.value('epoch.ageMs', undefined, laneClass),
    )
    expect(ages).toEqual([1_000, 1_000, 5_000, 5_000, 5_000])
    expect(desk.value('objects.ageMs', { 'objects.ageMs': 7_000 }, 'backlog')).toBe(7_000)
  })

  it('lets go of a pin when its time is over, and says so', () => {
    const desk = new KnobDesk({ 'batch.records': 40 })
    const told: KnobChange[] = []
    desk.onChange((change) => told.push(change))
    desk.pin(pin('batch.records', 60, 5_000))
    desk.expire(4_999)
    expect(desk.value('batch.records')).toBe(60)
    desk.expire(5_000)
    expect(desk.value('batch.records')).toBe(40)
    expect(told.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['pinned', 40, 60],
      ['expired', 60, 40],
    ])
    expect(desk.pinExpiryMs(1_000)).toBe(14_401_000)
  })

  it('reads a pin again without a change, and tells a new one', () => {
    const desk = new KnobDesk()
    const told: string[] = []
    desk.onChange(({ kind }) => told.push(kind))
    desk.pin(pin('batch.records', 60))
    desk.pin(pin('batch.records', 60))
    desk.pin(pin('batch.records', 61))
    expect(told).toEqual(['pinned', 'pinned'])
    expect(desk.state().pins).toHaveLength(1)
  })

  it('has a mirror in every worker', () => {
    const desk = new KnobDesk({ 'batch.records': 40, 'profile.mode': 'catch-up' })
    desk.pin(pin('backlog.order', 'newestFirst'))
    const mirror = KnobDesk.from(JSON.parse(JSON.stringify(desk.state())))
    expect(mirror.lines()).toEqual(desk.lines())
    expect(mirror.word('backlog.order')).toBe('newestFirst')
    expect(mirror.state().profile.name).toBe('catch-up')
    desk.unpin('backlog.order')
    mirror.load(desk.state())
    expect(mirror.word('backlog.order')).toBe('oldestFirst')
  })

  it('tells where each value comes from', () => {
    const desk = new KnobDesk({ 'batch.records': 40 })
    desk.setProfile('catch-up', 'behind', 0)
    desk.pin(pin('fetch.waitMs', 100))
    const sources = ['batch.records', 'fetch.waitMs', 'epoch.bytes', 'ledger.tickMs', 'backlog.activeLanes']
    expect(sources.map((name) => desk.line(name).source)).toEqual(['run', 'pin', 'profile', 'initial', 'initial'])
    expect(desk.line('fetch.waitMs').pin?.author).toBe('ann')
  })

  it('reads a list of names', () => {
    const desk = new KnobDesk()
    expect(desk.names('tenant.blockedNames')).toEqual([])
    desk.pin(pin('tenant.blockedNames', 'acme, zenith '))
    expect(desk.names('tenant.blockedNames')).toEqual(['acme', 'zenith'])
  })

  it('refuses what no knob takes, with the nearest name', () => {
    const desk = new KnobDesk()
    expect(() => desk.pin(pin('batch.record', 60))).toThrow('did you mean "batch.records"?')
    expect(() => desk.pin(pin('batch.records', 0))).toThrow('a whole number of records from 1 to 20,000')
    expect(() => desk.pin(pin('batch.records', 1.5))).toThrow('a whole number')
    expect(() => desk.pin(pin('backlog.order', 'random'))).toThrow('one of oldestFirst, newestFirst, smallestFirst')
    expect(() => new KnobDesk({ 'epoch.agems': 5 })).toThrow('did you mean "epoch.ageMs"?')
    expect(desk.state().pins).toEqual([])
  })

  it('takes a number of the run to the nearest bound', () => {
    expect(new KnobDesk({ 'batch.records': 1e9 }).value('batch.records')).toBe(20_000)
  })
})
