import { expect, test } from 'vitest'
import type { HistoryOutcome } from '../../../topology/testing/simulation/history.ts'
import { playSeeds, type SimulationProgress } from '../../../topology/testing/simulation/play-seeds.ts'
import { FailingHistory } from './failing-history.ts'

/** Fails at seed 17 only. */
const playing = (history: FailingHistory): ((options: FailingHistory['options']) => Promise<HistoryOutcome>) => {
  return async (options) => {
    const outcome = await history.play(options)
    return options.seed === 17 ? outcome : { ...outcome, violation: undefined }
  }
}

test('seeds are played until one fails, and that one is explained', async () => {
  const history = new FailingHistory()
  const told: SimulationProgress[] = []
  const { draw } = history.options
  const progress = (state: SimulationProgress): unknown => told.push(state)
  const report = await playSeeds({ draw, seeds: [15, 16, 17, 18], play: playing(history), progress })
  expect(report).toMatchObject({ histories: 3, steps: 1_500, faults: { lateWrite: 9, crash: 3, throttle: 6 } })
  expect(report.bolts.get('picky')).toEqual({ received: 30, emitted: 0 })
  expect(report.failure).toMatchObject({ seed: 17, records: 2, doesRepeat: true })
  expect(report.failure!.story.map(({ what }) => what)).toEqual([
    'event of ann',
    'a write of totals comes late',
    'I-3: totals at ann: found 2, the log says 1',
  ])
  expect(told.map(({ histories }) => histories).slice(0, 3)).toEqual([1, 2, 3])
  expect(told.at(-1)!.shrinking).toMatchObject({ seed: 17, plays: report.failure!.plays })
})

test('seeds that pass give counts and no failure', async () => {
  const history = new FailingHistory()
  const report = await playSeeds({ draw: history.options.draw, seeds: [1, 2], play: playing(history) })
  expect(report).toMatchObject({ histories: 2, notes: ['the sink own looks at nothing'] })
  expect(report).not.toHaveProperty('failure')
})

test('a failure that does not come again is told as one that follows no seed', async () => {
  const history = new FailingHistory()
  const play = async (options: FailingHistory['options']): Promise<HistoryOutcome> => {
    const outcome = await history.play(options)
    return history.plays === 1 ? outcome : { ...outcome, violation: undefined }
  }
  const { failure } = await playSeeds({ draw: history.options.draw, seeds: [17], play })
  expect(failure).toMatchObject({ doesRepeat: false, violation: { invariant: 'I-3' } })
})

test('the signal ends it between two histories', async () => {
  const over = new AbortController()
  const history = new FailingHistory()
  const progress = (): void => over.abort()
  const play = playing(history)
  const report = await playSeeds({ draw: history.options.draw, seeds: [1, 2, 3], play, progress, signal: over.signal })
  expect(report.histories).toBe(1)
})
