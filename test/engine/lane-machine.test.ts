/** The transition table of a lane: what it takes in each phase, and the name of everything else. */
import { describe, expect, test } from 'vitest'
import { type LaneInput, type LanePhase, laneStep } from '../../topology/engine/lane-machine.ts'

const phases: Record<LanePhase, Partial<Record<LaneInput, LanePhase>>> = {
  reading: {
    closed: 'declaring',
    recovered: 'writing',
    ended: 'finished',
    lost: 'restarting',
    failed: 'stopped',
  },
  declaring: { declared: 'writing', rulesChanged: 'revising', lost: 'restarting', failed: 'stopped' },
  revising: { revised: 'declaring', lost: 'restarting', failed: 'stopped' },
  writing: { written: 'committing', fenced: 'restarting', lost: 'restarting', failed: 'stopped' },
  committing: {
    committed: 'reading',
    declaredNext: 'writing',
    rulesChangedNext: 'revising',
    ended: 'finished',
    lost: 'restarting',
    failed: 'stopped',
  },
  restarting: { restarted: 'reading', ended: 'finished', failed: 'stopped' },
  finished: {},
  stopped: { failed: 'stopped' },
}
const inputs: Record<LaneInput, true> = {
  closed: true,
  recovered: true,
  declared: true,
  rulesChanged: true,
  revised: true,
  lost: true,
  written: true,
  fenced: true,
  committed: true,
  declaredNext: true,
  rulesChangedNext: true,
  ended: true,
  failed: true,
  restarted: true,
}
const pairs = Object.entries(phases).flatMap(([phase, known]) =>
  Object.keys(inputs).map((input) => ({
    phase: phase as LanePhase, // a key of the record above
    input: input as LaneInput, // a key of the record above
    next: known[input as LaneInput], // the same key
  })),
)

describe('a lane', () => {
  test.each(pairs.filter((pair) => pair.next !== undefined))('that is $phase and $input is $next', (pair) => {
    expect(laneStep(pair.phase, pair.input).phase).toBe(pair.next)
  })

  test.each(pairs.filter((pair) => pair.next === undefined))('that is $phase cannot take $input', (pair) => {
    expect(() => laneStep(pair.phase, pair.input)).toThrow(`a lane that is ${pair.phase} cannot take ${pair.input}`)
  })

  test('never writes before it is declared, never commits before it is written', () => {
    for (const { phase, input, next } of pairs) {
      if (next === undefined) continue
      const { effects } = laneStep(phase, input)
      if (effects.includes('write')) expect(['declared', 'declaredNext', 'recovered']).toContain(input)
      if (effects.includes('commit')) expect(input).toBe('written')
    }
  })

  test('a lost answer leads to the ledger from everywhere (I-4)', () => {
    for (const phase of ['reading', 'declaring', 'revising', 'writing', 'committing'] as const)
      expect(laneStep(phase, 'lost')).toEqual({ phase: 'restarting', effects: ['restart'] })
  })
})

test.each(['committed', 'declaredNext', 'rulesChangedNext'] as const)(
  'a lane that has committed reads on, also when it is %s: no cursor may have waited for it',
  (input) => expect(laneStep('committing', input).effects).toContain('openNext'),
)
