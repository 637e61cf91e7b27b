/** One history: what its seed decides, and what a shrinker may take away without changing the rest. */
import { describe, expect, test } from 'vitest'
import { type HistoryOptions, type HistoryOutcome, playHistory } from '../../../topology/testing/simulation/history.ts'
import { traceText } from '../../../topology/testing/simulation/report/trace-text.ts'
import { type FaultKind, faultKinds } from '../../../topology/testing/simulation/stage/fault-kinds.ts'
import { Streams } from '../../../topology/testing/simulation/stage/streams.ts'
import { drawSwarm } from '../../../topology/testing/simulation/stage/swarm.ts'
import { Trace } from '../../../topology/testing/simulation/trace.ts'
import { ordersScenario } from '../../simulation/orders-scenario.ts'

const draw = ordersScenario({ size: 6 })

const played = async (options: Omit<HistoryOptions, 'draw'>): Promise<HistoryOutcome & { readonly text: string }> => {
  const trace = new Trace()
  const outcome = await playHistory({ draw, trace, ...options })
  return { ...outcome, text: traceText(trace.entries) }
}

/** What the log took, without where it took it. */
const recordsIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line) => /takes at \d+: (event of \S+).*"kind":"(\w)","value":(\d)/.exec(line)?.slice(1).join(' ') ?? [])

describe('a history', () => {
  test.each([1, 2, 3])('of seed %i is the same twice, with a trace and without', async (seed) => {
    const [first, second] = [await played({ seed }), await played({ seed })]
    expect(second).toEqual(first)
    const { text: _, ...outcome } = first
    expect(await playHistory({ seed, draw })).toEqual(outcome)
    expect(outcome.violation).toBeUndefined()
  })

  test('shares its partitions through a group when it is told to', async () => {
    const shared = { seed: 5, draw: ordersScenario({ size: 6, partitions: 3, isShared: true }), trace: new Trace() }
    expect((await playHistory(shared)).violation).toBeUndefined()
    expect(traceText(shared.trace.entries)).toMatch(/process \d+ +has partition/)
  })

  test('has none of the faults that are muted, and others as before', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { faults } = await playHistory({ seed, draw })
      const [first] = Object.keys(faults) as FaultKind[] // keys of counts by kind
      if (first === undefined) continue
      expect(Object.keys((await playHistory({ seed, draw, muted: new Set([first]) })).faults)).not.toContain(first)
      expect((await playHistory({ seed, draw, muted: new Set(faultKinds) })).faults).toEqual({})
    }
  })

  test('draws the same records whatever steps and records are left out', async () => {
    const whole = await played({ seed: 3 })
    const withoutSteps = new Set(whole.actionSteps)
    expect(recordsIn((await played({ seed: 3, withoutSteps })).text)).toEqual(recordsIn(whole.text))
    const rest = await played({ seed: 3, withoutRecords: new Set([0]), withoutSteps })
    expect(rest.records).toBe(whole.records)
    expect(recordsIn(rest.text)).toEqual(recordsIn(whole.text).slice(1))
  })

  test('does nothing to the world at steps that are left out', async () => {
    const whole = await played({ seed: 4 })
    const [first, ...others] = whole.actionSteps
    expect((await played({ seed: 4, withoutSteps: new Set([first!]) })).actionSteps).not.toContain(first)
    expect((await played({ seed: 4, withoutSteps: new Set([first!, ...others]) })).actionSteps).not.toContain(first)
  })

  test('has no chaos when none is asked for, and does without sinks that are left out', async () => {
    const calm = await played({ seed: 6, chaosSteps: 0, withoutSinks: new Set(['archive', 'shapes']) })
    expect(calm.violation).toBeUndefined()
    expect(calm.chaosSteps).toBe(0)
    expect(calm.actionSteps).toEqual([])
    expect(calm.text).not.toContain('archive')
  })
})

describe('a swarm', () => {
  test('has other kinds of faults in other histories, and a muted kind changes no other', () => {
    const swarms = Array.from({ length: 20 }, (_, seed) => drawSwarm(new Streams(seed).of('swarm'), undefined))
    expect(new Set(swarms.map((swarm) => Object.keys(swarm).sort().join())).size).toBeGreaterThan(15)
    const { crash: _, ...others } = swarms[0]!
    expect(drawSwarm(new Streams(0).of('swarm'), new Set(['crash']))).toEqual(others)
  })
})
