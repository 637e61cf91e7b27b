/** Whether every order stands in each sink once, but for those that the risky branch has passed over. */
import { TestResult } from 'spillway/testing'
import { expect } from 'vitest'
import { lanesOf } from '../../topology/engine/ledger/document.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import type { GivenWorkers } from './given-workers.ts'
import { riskyTopology } from './risky-topology.ts'

export const resultOf = (given: GivenWorkers): TestResult => new TestResult(riskyTopology(), given.resources, 0)

/** `records`: in the log; `passed`: of these, passed over by the branch with the risky bolt. */
export const expectAll = async (given: GivenWorkers, records: number, passed = 0): Promise<void> => {
  const result = resultOf(given)
  const stored = (await Promise.all(['new', 'old'].map((one) => result.events('store', one)))).flat()
  const numbers = Array.from({ length: records }, (_, index) => index)
  const byNumber = (found: readonly JsonObject[]): readonly number[] =>
    found.map((one) => Number(one['number'])).sort((left, right) => left - right)
  expect(byNumber(stored), 'event rows').toEqual(numbers)
  const lines = Object.values(await result.objects()).flat()
  expect(byNumber(lines), 'objects').toEqual(numbers)
  const rows = await result.rows('totals')
  expect(
    rows.reduce((sum, row) => sum + Number(row['orders']), 0),
    'totals',
  ).toBe(records - passed)
  for (const doc of Object.values(await result.ledger()))
    for (const sink of Object.keys(doc.sinks))
      for (const [, lane] of lanesOf(doc, sink)) expect(lane.suspect, `${sink} suspects nothing`).toBeUndefined()
}
