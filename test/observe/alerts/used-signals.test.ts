import { describe, expect, test } from 'vitest'
import { runbook } from '../../../topology/model/runbook.ts'
import { alertRules, alertSymptoms } from '../../../topology/observe/alerts/alert-signal.ts'
import { givenStage, givenWorker } from '../given-snapshot.ts'
import { playSeconds, type Scene } from './given-desk.ts'

const memory =
  (ratioAt: (second: number) => number) =>
  (second: number): Scene => ({
    snapshot: { workers: [givenWorker({ heldBytes: ratioAt(second) * 100, budgetBytes: 100 })] },
  })

describe('B24: memory and CPU are told at half of their bound', () => {
  test('when it lasts', () => {
    expect(
      playSeconds(
        120,
        memory(() => 0.5),
      ).firedAt('memory'),
    ).toBe(60)
    expect(
      playSeconds(
        120,
        memory(() => 0.49),
      ).firedAt('memory'),
    ).toBeUndefined()
  })
  test('and not on a blip', () => {
    const blips = memory((second) => (second % 50 < 45 ? 0.95 : 0.2))
    expect(playSeconds(600, blips).firedAt('memory')).toBeUndefined()
    // The same without a time to last: each blip is an alert.
    expect(playSeconds(600, blips, { 'alert.forMs': 0 }).firedAt('memory')).toBe(0)
  })
  test('with the time to saturation', () => {
    const [alert] = playSeconds(
      171,
      memory((second) => 0.4 + second / 1_000),
    ).alerts
    expect(alert?.text).toMatch(/^memory of worker 1 at 57% of its bound; full in 7 min at this growth$/)
  })
  test('of the CPU of all workers, not of one second after a restart', () => {
    const busy = (second: number): Scene => ({
      snapshot: { stages: [givenStage({ cpuMs: (second % 100) * 700 })] },
    })
    expect(playSeconds(99, busy).firedAt('cpu')).toBe(61)
    const idle = (second: number): Scene => ({ snapshot: { stages: [givenStage({ cpuMs: second * 100 })] } })
    expect(playSeconds(99, idle).firedAt('cpu')).toBeUndefined()
  })
})

test('B12: a pool of calls that is used up raises an alert, with those who wait', () => {
  const scene = (used: number, waiting: number) => (): Scene => ({
    surroundings: { pools: [{ name: 'rows keen', used, limit: 256, waiting }] },
  })
  const [alert] = playSeconds(61, scene(256, 40)).alerts
  expect(alert).toMatchObject({ rule: 'pool', level: 'critical', subject: 'rows keen' })
  expect(alert?.text).toBe('calls to rows keen at 100% of its bound, 40 calls wait; it is full')
  expect(playSeconds(61, scene(100, 0)).alerts).toEqual([])
})

test('C15: a disk with 10 % left is a warning at once, with 3 % it is critical', () => {
  const levelOf = (freeBytes: number): string | undefined =>
    playSeconds(1, () => ({
      surroundings: { disks: [{ name: 'spill', path: '/spill', totalBytes: 1_000, freeBytes }] },
    })).alerts.find(({ rule }) => rule === 'disk')?.level
  expect([levelOf(110), levelOf(100), levelOf(30)]).toEqual([undefined, 'warning', 'critical'])
})

test('every rule says what it watches, and leads to the runbook', () => {
  expect(Object.values(alertRules).every((text) => text.length > 10)).toBe(true)
  const names = runbook.map(({ name }) => name)
  for (const symptom of alertSymptoms) expect(names).toContain(symptom)
})
