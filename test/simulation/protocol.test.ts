/**
 * The protocol as it is passes every history of the orders topology, whose views are compared with a second, slow truth
 * too. `drawn-histories.test.ts` plays any topology, `planted.test.ts` what a wrong protocol would do.
 */
import { describe, expect, test } from 'vitest'
import { playHistory } from '../../topology/testing/simulation/history.ts'
import { ordersChecks } from './orders-checks.ts'
import { type OrdersOptions, ordersScenario } from './orders-scenario.ts'

/** What went wrong in one history; `undefined` when nothing did. */
const violationOf = async (seed: number, options: OrdersOptions): Promise<string | undefined> => {
  const checks = (options.partitions ?? 1) === 1 ? { checks: ordersChecks } : {}
  return (await playHistory({ seed, draw: ordersScenario(options), ...checks })).violation?.message
}

describe('several owners of the same lanes, over stores that lose, delay and split', () => {
  test.each<[name: string, count: number, options: OrdersOptions]>([
    ['short logs', 100, { size: 4 }],
    ['logs of some records', 120, { size: 10 }],
    ['longer logs', 40, { size: 20 }],
    ['a partition that is given and taken away', 60, { size: 10, isShared: true }],
    ['partitions that are shared', 60, { size: 12, partitions: 3, isShared: true }],
    ['partitions that everybody has', 40, { size: 12, partitions: 2 }],
  ])(
    'agree with the log: %s, %i histories (I-1, I-2, I-3, I-4, I-5, I-8, I-9)',
    async (_name, count, options) => {
      for (let seed = 1; seed <= count; seed++) expect(await violationOf(seed, options), `seed ${seed}`).toBeUndefined()
    },
    60_000,
  )
})
