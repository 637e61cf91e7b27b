/** How fast a lane may read: what its permit says, unless others wait for what it has declared. */
import { expect, test } from 'vitest'
import { type LaneGate, LanePermitsHolder, laneGate } from '../../topology/engine/shell/lane-permits.ts'
import { givenDocument, givenLane, givenSink } from '../observe/simulated-drain.ts'

const gateOf = (isRecovering: boolean, recordsPerSecond: number): LaneGate => {
  const permits = new LanePermitsHolder()
  permits.set(new Map([[0, { laneClass: 'backlog', mayRead: recordsPerSecond > 0, recordsPerSecond }]]))
  const state = givenLane({ sink: 'rows', to: 100, declared: isRecovering ? 50 : null })
  const doc = givenDocument({ 0: state }, { rows: givenSink({ kind: 'rows' }) })
  return laneGate({ permits, ledger: { doc } }, { id: 0, state, isRecovering })
}

test('a lane without a permit reads nothing, and one that is slowed pays for what it has read', () => {
  expect(gateOf(false, 0).restMs(0)).toBe(Number.POSITIVE_INFINITY)
  const slowed = gateOf(false, 10)
  slowed.restMs(0)
  slowed.took(20, 1_000)
  expect(slowed.restMs(1_000)).toBeGreaterThan(1_000)
  expect(slowed.portionRecords).toBe(10)
})

test('I-6: what is declared is read again at once, whatever the permit says: others wait for the turn of its slot', () => {
  for (const rate of [0, 10]) {
    const gate = gateOf(true, rate)
    expect(gate.restMs(0)).toBe(0)
    gate.took(20, 1_000)
    expect(gate.restMs(1_000)).toBe(0)
    expect(gate.portionRecords).toBe(Number.POSITIVE_INFINITY)
  }
})
