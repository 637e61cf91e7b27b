import { describe, expect, test } from 'vitest'
import {
  type Incident,
  type IncidentDwell,
  type IncidentFacts,
  incidentDwell,
  stepIncident,
} from '../../topology/observe/incident.ts'

type Told = Omit<IncidentFacts, 'nowMs'>
const calm: Told = { troubles: [], cause: null, isBehind: false, isDraining: false }
const trouble: Told = { ...calm, troubles: ['stall/events'] }
const known: Told = { ...trouble, cause: 'rows keen does not answer' }
const draining: Told = { ...calm, isBehind: true, isDraining: true }

/** Minutes of facts, a step each ten seconds. */
const play = (
  parts: readonly (readonly [minutes: number, facts: Told])[],
  dwell: IncidentDwell = incidentDwell,
): { readonly incident: Incident | undefined; readonly told: readonly string[]; readonly opened: number } => {
  let incident: Incident | undefined
  let nowMs = 0
  const told: string[] = []
  const opened = new Set<number>()
  for (const [minutes, facts] of parts) {
    for (let step = 0; step < minutes * 6; step++) {
      const next = stepIncident(incident, { ...facts, nowMs }, dwell)
      if (next !== undefined && next.state !== incident?.state) told.push(`${Math.floor(nowMs / 60_000)} ${next.state}`)
      if (next !== undefined) opened.add(next.openedAtMs)
      incident = next
      nowMs += 10_000
    }
  }
  return { incident, told, opened: opened.size }
}

describe('D19: an incident goes through its states, with a dwell time in each', () => {
  test('from the first trouble to resolved', () => {
    const { told } = play([
      [5, trouble],
      [5, known],
      [60, draining],
      [30, calm],
    ])
    expect(told).toEqual(['0 investigating', '5 identified', '11 catching-up', '71 monitoring', '86 resolved'])
  })
  test.each([
    { title: 'trouble alone', parts: [[90, trouble]], states: ['investigating'] },
    { title: 'trouble that is known at once', parts: [[90, known]], states: ['identified'] },
    {
      title: 'a calm of half a minute',
      parts: [
        [5, known],
        [0.5, calm],
        [5, known],
      ],
      states: ['identified'],
    },
    {
      title: 'no lag left over',
      parts: [
        [5, known],
        [20, calm],
      ],
      states: ['identified', 'monitoring', 'resolved'],
    },
    {
      title: 'lag that does not shrink',
      parts: [
        [5, known],
        [60, { ...draining, isDraining: false }],
      ],
      states: ['identified'],
    },
    {
      title: 'behind again while watched',
      parts: [
        [5, known],
        [5, calm],
        [5, draining],
      ],
      states: ['identified', 'monitoring', 'catching-up'],
    },
    { title: 'nothing', parts: [[60, calm]], states: [] },
  ] as const)('$title', ({ parts, states }) => {
    expect(play(parts).told.map((line) => line.replace(/^\d+ /, ''))).toEqual(states)
  })
})

describe('B25: relapses belong to the incident', () => {
  const flapping = [
    [10, trouble],
    [10, calm],
    [5, trouble],
    [10, calm],
    [5, trouble],
    [10, calm],
    [5, trouble],
  ] as const
  test('flapping input: one incident, 3 relapses', () => {
    const { incident, opened } = play(flapping)
    expect([opened, incident?.relapses, incident?.state]).toEqual([1, 3, 'investigating'])
  })
  test('without dwell times it would be four', () => {
    expect(play(flapping, { calmMs: 0, monitorMs: 0, unknownMs: 0 }).opened).toBe(4)
  })
  test('it stays open until its cause is known, or hours have passed', () => {
    expect(
      play([
        [5, trouble],
        [200, calm],
      ]).incident?.state,
    ).toBe('monitoring')
    expect(
      play([
        [5, trouble],
        [250, calm],
      ]).incident?.state,
    ).toBe('resolved')
  })
  test('what comes after it was resolved is another one', () => {
    expect(
      play([
        [5, known],
        [30, calm],
        [5, known],
      ]).opened,
    ).toBe(2)
  })
})
