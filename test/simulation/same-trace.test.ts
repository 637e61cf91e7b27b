/** One seed is one history, to the letter. `npm run simulate -- --hash` compares versions of Node. */
import { expect, test } from 'vitest'
import { playHistory } from '../../topology/testing/simulation/history.ts'
import { Trace } from '../../topology/testing/simulation/trace.ts'
import { historyOf, traceOf } from './play-range.ts'

const seeds = Array.from({ length: 8 }, (_, index) => 1 + index * 97)

test('the same seed gives the same trace, byte for byte', async () => {
  for (const seed of seeds) {
    const first = await traceOf(seed)
    expect(first.length, `seed ${seed}`).toBeGreaterThan(200)
    expect(await traceOf(seed), `seed ${seed}`).toBe(first)
  }
}, 60_000)

test('a history is the same whether it is written down or not', async () => {
  for (const seed of seeds) {
    const unwritten = await playHistory(historyOf(seed))
    expect(await playHistory({ ...historyOf(seed), trace: new Trace() }), `seed ${seed}`).toEqual(unwritten)
  }
}, 60_000)

test('other seeds give other histories', async () => {
  const traces = await Promise.all(seeds.slice(0, 5).map(traceOf))
  expect(new Set(traces).size).toBe(5)
}, 60_000)
