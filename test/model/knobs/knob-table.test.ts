import { describe, expect, it } from 'vitest'
import { isNameKnob, isNumberKnob } from '../../../topology/model/knob.ts'
import { profileValues } from '../../../topology/model/knobs/profiles.ts'
import { allKnobs, knobSections, knobs } from '../../../topology/model/knobs.ts'
import { sourceTree } from '../../tidy/source-tree.ts'
import { absentKnobs, changedKnobs, referenceKnobs } from './reference-knobs.ts'

// These files speak of knobs; to speak of one is not to read it.
const speaksOfKnobs =
  /^(?:topology\/model\/(?:knobs|runbook)\b|topology\/observe\/runbook\/|topology\/testing\/|test\/|examples\/)/

describe('the table of knobs', () => {
  it('D12: has every knob that was decided, with its initial value, bounds and time, or says why not', () => {
    const told = Object.entries(referenceKnobs).filter(
      ([name]) => absentKnobs[name] === undefined && changedKnobs[name] === undefined,
    )
    expect(told.map(([name]) => [name, factsOf(name)])).toEqual(
      told.map(([name, [initial, bounds, at]]) => [
        name,
        { initial, bounds: typeof bounds === 'string' ? boundsOf(name) : bounds, at },
      ]),
    )
    expect([...allKnobs.keys()].filter((name) => referenceKnobs[name] === undefined)).toEqual([])
    expect(Object.keys(absentKnobs).filter((name) => allKnobs.has(name))).toEqual([])
    for (const name of Object.keys(changedKnobs)) expect(factsOf(name)).not.toEqual(referenceKnobs[name])
  })

  it('D12: has no knob that does nothing: each is read by its name', () => {
    const read = sourceTree()
      .filter(({ path }) => !speaksOfKnobs.test(path))
      .map(({ text }) => text)
      .join('\n')
    const unread = [...allKnobs.keys()].filter((name) => !read.includes(`'${name}'`))
    expect(unread).toEqual([])
  })

  it('says of each knob what it sets, when it is needed, what more of it does, and what may go wrong', () => {
    const names = knobSections.flatMap(([, section]) => section.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
    for (const { name, unit, effect, symptom, raising, danger, evidence } of allKnobs.values())
      for (const text of [unit, effect, symptom, raising, danger, evidence]) expect(text, name).toMatch(/^\S.*\S$|^\S$/)
  })

  it('ends each name with the unit, where it is a time, a size or a share', () => {
    const endings: Readonly<Record<string, string>> = { ms: 'Ms', bytes: '(?:Bytes|\\.bytes)', '0..1': 'Ratio' }
    for (const { name, unit } of knobs.values())
      if (endings[unit] !== undefined) expect(name).toMatch(new RegExp(`${endings[unit]}$`))
  })

  it('begins within the bounds', () => {
    for (const knob of allKnobs.values()) {
      if (isNumberKnob(knob)) expect(knob.initial >= knob.min && knob.initial <= knob.max, knob.name).toBe(true)
      if (isNameKnob(knob)) expect(knob.names).toContain(knob.initial)
    }
  })

  it('D8: has profiles as they were decided; the calm one is the initial values, and all lie within the bounds', () => {
    expect(profileValues).toEqual(decidedProfiles)
    for (const [name, values] of Object.entries(profileValues)) {
      const { initial, min, max } = knobs.get(name)!
      expect(values[0], name).toBe(initial)
      for (const value of values) expect(value >= min && value <= max, name).toBe(true)
    }
  })

  it('B24: alerts at half of what may be used, and only when it lasts', () => {
    expect(knobs.get('alert.usedRatio')?.initial).toBe(0.5)
    expect(knobs.get('alert.forMs')?.initial).toBe(60_000)
  })
})

const boundsOf = (name: string): unknown => {
  const knob = allKnobs.get(name)
  return knob !== undefined && isNumberKnob(knob) ? [knob.min, knob.max] : undefined
}

const factsOf = (name: string): unknown => {
  const knob = allKnobs.get(name)
  const initial = typeof knob?.initial === 'object' ? 'none' : knob?.initial
  return { initial, bounds: boundsOf(name), at: knob?.at }
}

const decidedProfiles = {
  'live.reserveRatio': [0.5, 0.3, 0.8],
  'backlog.activeLanes': [0, 0, 1],
  'backlog.recordsPerSecond': [0, 0, 2_000],
  'catchUp.perPartitionRanges': [4, 8, 1],
  'replay.shareRatio': [0.1, 0.05, 0],
  'delete.shareRatio': [0.1, 0.05, 0.02],
  'fetch.minBytes': [1, 65_536, 65_536],
  'fetch.partitionBytes': [1_048_576, 4_194_304, 524_288],
  'fetch.totalBytes': [16_777_216, 67_108_864, 8_388_608],
  'fetch.backlogBytesPerSecond': [0, 0, 4_194_304],
  'batch.records': [500, 5_000, 500],
  'batch.waitMs': [20, 100, 100],
  'epoch.ageMs': [1_000, 10_000, 5_000],
  'epoch.bytes': [16_777_216, 67_108_864, 8_388_608],
  'rows.inFlightRequests': [256, 512, 64],
  'objects.targetBytes': [33_554_432, 134_217_728, 33_554_432],
  'objects.ageMs': [300_000, 900_000, 900_000],
  'objects.inFlightRequests': [16, 32, 4],
  'delete.rewriteMs': [10_000, 1_800_000, 3_600_000],
}
