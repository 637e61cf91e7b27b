/** The rate of a replay goes where its events are, and is never more than was asked for. */
import { describe, expect, test } from 'vitest'
import { type PacedLane, shareReplayRates } from '../../../topology/engine/catch-up/share-replay-rates.ts'
import { withSink } from '../../../topology/engine/ledger/document.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { docOf } from './given-facts.ts'

const sink = 'totals@shadow'
const replay = { namespace: 'shadow', fromMs: 0, toMs: 1, of: 'totals' } as const
const paced = (rate?: number): LedgerDocument =>
  withSink(docOf([sink, 'rows']), sink, { replay: { ...replay, ...(rate === undefined ? {} : { rate }) } })
const lane = (key: string, given?: number, taken?: number): PacedLane => ({ key, sink, given, taken })
const sumOf = (rates: ReadonlyMap<string, number>): number => [...rates.values()].reduce((sum, one) => sum + one, 0)
/** Four partitions of a replay at 100 a second. */
const docs = [paced(10), paced(20), paced(30), paced(40)]

describe('the rate of a replay', () => {
  test('is shared evenly by lanes that nobody has watched yet, also the part of a partition that is done', () => {
    const rates = shareReplayRates(docs, [lane('a'), lane('b')])
    expect([...rates.values()]).toEqual([50, 50])
  })

  test('goes to the one that takes all it is given, where the others take nothing', () => {
    const rates = shareReplayRates(docs, [lane('a', 25, 0), lane('b', 25, 24), lane('c', 25, 0), lane('d', 25, 0)])
    expect(rates.get('b')).toBeGreaterThan(95)
    expect(rates.get('a')).toBeGreaterThan(0)
    expect(sumOf(rates)).toBeCloseTo(100)
  })

  test('leaves who takes less a little more than it takes', () => {
    const rates = shareReplayRates(docs, [lane('a', 50, 20), lane('b', 50, 50)])
    expect(rates.get('a')).toBeCloseTo(25)
    expect(rates.get('b')).toBeCloseTo(75)
  })

  test('is shared out even where nobody takes it all: who comes to a dense place need not wait', () => {
    expect(sumOf(shareReplayRates(docs, [lane('a', 50, 1), lane('b', 50, 2)]))).toBeCloseTo(100)
  })

  test('is no limit where there is none, and for what readers see', () => {
    expect(shareReplayRates([paced()], [lane('a')]).size).toBe(0)
    const promoted = withSink(paced(10), sink, { replay: { ...replay, rate: 10, isPromoted: true } })
    expect(shareReplayRates([promoted], [lane('a')]).size).toBe(0)
  })
})
