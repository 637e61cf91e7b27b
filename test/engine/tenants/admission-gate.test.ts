/** What is given up first when fresh data is late, and who is told to come back. */
import { describe, expect, test } from 'vitest'
import {
  type AdmissionFacts,
  AdmissionGate,
  type AdmissionRequest,
  type AdmissionTenant,
} from '../../../topology/engine/tenants/admission-gate.ts'
import { isShed, levelFor, nothingShed, shedOrder, shedStep } from '../../../topology/engine/tenants/shed-order.ts'

const knobs = { softLagMs: 60_000, hardLagMs: 600_000, retryAfterMs: 5_000, shareRatio: 0.25 }

const tenant = (name: string, eventsPerSecond: number, more: Partial<AdmissionTenant> = {}): AdmissionTenant => ({
  ...{ tenant: name, eventsPerSecond, share: eventsPerSecond / 1_000, lagMs: 0, isApart: false },
  ...more,
})
const usual = [tenant('ann', 600), tenant('bob', 200), tenant('cyd', 100), tenant('dan', 100)]

const gateAt = (lagMs: number, tenants = usual): AdmissionGate => {
  const gate = new AdmissionGate()
  gate.update({ lagMs, tenants }, 0, knobs)
  return gate
}

/** Of so many writes within a second. */
const takenOf = (gate: AdmissionGate, name: string, writes: number, nowMs = 0): number =>
  Array.from({ length: writes }, () => gate.check(name, 'write', 1, nowMs, knobs)).filter(({ allow }) => allow).length

describe('D13: as fresh data falls behind', () => {
  test('replays rest first, then deletes, reads, optional branches, tenant lanes, backlog, and live work last', () => {
    const since = shedOrder.map((work) => {
      for (let lagMs = 0; lagMs <= knobs.hardLagMs; lagMs += 1_000)
        if (isShed({ level: levelFor(lagMs, knobs) }, work)) return lagMs
      return undefined
    })
    expect(shedOrder).toEqual(['replay', 'delete', 'read', 'optional', 'tenant', 'backlog', 'live'])
    expect(since).toEqual(since.toSorted((left, right) => left! - right!))
    expect(new Set(since).size).toBe(7)
    expect([since[0], since.at(-1)]).toEqual([knobs.softLagMs, knobs.hardLagMs])
  })

  test('requests are refused in that order, with a time to come back and a reason; writes are the last', () => {
    const firstRefused = (request: AdmissionRequest, name: string): number => {
      for (let lagMs = 0; lagMs <= knobs.hardLagMs; lagMs += 10_000) {
        const gate = gateAt(lagMs)
        const answers = Array.from({ length: 2_000 }, () => gate.check(name, request, 1, 0, knobs))
        if (answers.some(({ allow }) => !allow)) return lagMs
      }
      return Number.POSITIVE_INFINITY
    }
    const order = (['replay', 'delete', 'read', 'write'] as const).map((request) => firstRefused(request, 'cyd'))
    expect(order).toEqual([60_000, 150_000, 240_000, 600_000])
    expect(gateAt(100_000).check('ann', 'replay', 1, 0, knobs)).toEqual({
      ...{ allow: false, retryAfterMs: 5_000, reason: 'fresh data is 100 s behind: replays rest' },
    })
  })

  test('the largest tenant is slowed first, to its share; above the hard lag everybody is, to what is taken', () => {
    expect(usual.map((one) => takenOf(gateAt(30_000), one.tenant, 2_000))).toEqual([2_000, 2_000, 2_000, 2_000])
    expect(usual.map((one) => takenOf(gateAt(100_000), one.tenant, 2_000))).toEqual([200, 2_000, 2_000, 2_000])
    const hard = gateAt(700_000)
    expect(usual.map((one) => takenOf(hard, one.tenant, 2_000))).toEqual([480, 200, 200, 200])
    expect(takenOf(hard, 'somebody new', 2_000)).toBe(200)
  })

  test('a tenant with a lane of its own that is far behind is slowed alone', () => {
    const own = gateAt(0, [tenant('ann', 600, { isApart: true, lagMs: 700_000 }), tenant('bob', 200)])
    expect([takenOf(own, 'ann', 2_000), takenOf(own, 'bob', 2_000)]).toEqual([480, 2_000])
    expect(own.check('ann', 'write', 1, 0, knobs).reason).toBe('ann is 700 s behind: ann may write 480 events/s now')
  })
})

test('D13: a backlog of clients that obey does not grow over the hard lag; without the signal it does', () => {
  /** Lag after an hour in which 1,500 events a second are sent and 1,000 taken. */
  const lagAfter = (obeys: boolean): number => {
    const gate = new AdmissionGate()
    let waiting = 0
    for (let second = 0; second < 3_600; second++) {
      const facts: AdmissionFacts = { lagMs: waiting, tenants: usual }
      gate.update(facts, second * 1_000, knobs)
      for (const [name, sent] of [
        ['ann', 1_000],
        ['bob', 300],
        ['cyd', 100],
        ['dan', 100],
      ] as const)
        waiting += obeys ? takenOf(gate, name, sent, second * 1_000) : sent
      waiting = Math.max(0, waiting - 1_000)
    }
    return waiting
  }
  expect(lagAfter(false)).toBeGreaterThan(1_000_000)
  expect(lagAfter(true)).toBeLessThan(knobs.hardLagMs)
})

test('what rests is taken back one after the other, and not at the first good moment', () => {
  let state = shedStep(nothingShed, 700_000, 0, knobs)
  expect(state.level).toBe(7)
  const levels: number[] = []
  for (let second = 1; second <= 80; second++) {
    state = shedStep(state, 0, second * 1_000, knobs)
    levels.push(state.level)
  }
  expect(levels.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 7))
  expect([levels[10], levels[20], levels.at(-1)]).toEqual([6, 5, 0])
  expect(shedStep({ level: 1, sinceMs: 0 }, 700_000, 1, knobs).level).toBe(7)
})

test('nobody is refused where nothing is known', () => {
  const gate = gateAt(700_000)
  gate.update(undefined, 1_000, knobs)
  expect([gate.level, takenOf(gate, 'ann', 5_000)]).toEqual([0, 5_000])
})
