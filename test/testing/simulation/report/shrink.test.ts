import { describe, expect, test } from 'vitest'
import { type ShrunkHistory, shrink } from '../../../../topology/testing/simulation/report/shrink.ts'
import { faultKinds } from '../../../../topology/testing/simulation/stage/fault-kinds.ts'
import { Streams } from '../../../../topology/testing/simulation/stage/streams.ts'
import { Violation } from '../../../../topology/testing/simulation/violation.ts'
import { cause, FailingHistory } from '../failing-history.ts'

const shrunk = async (history = new FailingHistory(), playsMax?: number): Promise<ShrunkHistory> => {
  const { play, options } = history
  return shrink(options, await play(options), { play, ...(playsMax === undefined ? {} : { playsMax }) })
}

describe('a failing history is made smaller', () => {
  test('to the faults that it needs', async () => {
    const { options } = await shrunk()
    expect(faultKinds.filter((kind) => !options.muted!.has(kind)).sort()).toEqual([...cause.faults].sort())
  })

  test('to the records and actions that it needs', async () => {
    const { options, outcome } = await shrunk()
    const records = Array.from({ length: 20 }, (_, number) => number)
    expect(records.filter((record) => !options.withoutRecords!.has(record))).toEqual(cause.records)
    expect(outcome.actionSteps.filter((step) => !options.withoutSteps!.has(step))).toEqual(cause.steps)
  })

  test('to the sinks, the steps with faults, the partitions and the processes that it needs', async () => {
    const { options } = await shrunk()
    expect([...options.withoutSinks!].sort()).toEqual(['shapes', 'store'])
    expect(options.chaosSteps).toBe(cause.chaosSteps)
    const { partitions, processesMax } = options.draw(options.seed, new Streams(options.seed))
    expect({ partitions, processesMax }).toEqual({ partitions: 1, processesMax: cause.processes })
  })

  test('and still fails', async () => {
    const history = new FailingHistory()
    const { options, outcome } = await shrunk(history)
    expect((await history.play(options)).violation).toEqual(outcome.violation)
    expect(outcome.violation).toBeInstanceOf(Violation)
  })

  test('with as many plays as it may, and the same answer each time', async () => {
    const [first, second] = [await shrunk(), await shrunk()]
    expect(second.options.muted).toEqual(first.options.muted)
    expect(second.plays).toBe(first.plays)
    expect(first.plays).toBeLessThan(400)
    const history = new FailingHistory()
    expect((await shrunk(history, 20)).plays).toBe(20)
    expect(history.plays).toBe(21)
  })

  test('with few plays where each waits in real time', async () => {
    const { play, options } = new FailingHistory()
    const slow: typeof play = async (asked) => {
      const outcome = await play(asked)
      const { violation } = outcome
      return violation === undefined
        ? outcome
        : { ...outcome, violation: new Violation('I-9', 'late', undefined, true) }
    }
    expect((await shrink(options, await slow(options), { play: slow })).plays).toBe(4)
  })

  test('only where the same invariant breaks', async () => {
    const history = new FailingHistory()
    const play: FailingHistory['play'] = async (options) => {
      const outcome = await history.play(options)
      const isOther = options.withoutRecords?.has(0) === true
      return isOther ? { ...outcome, violation: new Violation('I-8', 'another') } : outcome
    }
    const { options } = await shrink(history.options, await play(history.options), { play })
    expect(options.withoutRecords!.has(0)).toBe(false)
  })

  test('no further once it is to end', async () => {
    const over = new AbortController()
    const { play, options } = new FailingHistory()
    const outcome = await play(options)
    over.abort()
    const { plays } = await shrink(options, outcome, { play, signal: over.signal })
    expect(plays).toBe(0)
  })
})
