/**
 * What is asked of a history of the orders topology over one partition: what is asked of every history, and all views
 * once more against the slow truth of the log, which shares no code with the engine.
 */

import type { HistoryChecks } from '../../topology/testing/simulation/history.ts'
import { defaultChecks } from '../../topology/testing/simulation/stage/default-checks.ts'
import type { World } from '../../topology/testing/simulation/stage/world.ts'
import { Violation } from '../../topology/testing/simulation/violation.ts'
import { TestResult } from '../../topology/testing/test-result.ts'
import { checkShards, checkViews, Violation as SlowViolation } from './check-views.ts'

const told = async (when: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof SlowViolation) throw new Violation('I-1', `${when}: ${error.message}`)
    throw error
  }
}

export const ordersChecks = (world: World): HistoryChecks => {
  const { resources, logs, ledger } = world.servers
  const checks = defaultChecks(world)
  const result = new TestResult(world.topology, resources, 0)
  return {
    ...checks,
    look: async () => {
      await checks.look()
      const sinks = [...ledger.documents].flatMap((doc) => Object.keys(doc.sinks))
      await told('in between', () => checkShards(resources, sinks))
    },
    views: async (when) => {
      await checks.views(when)
      await told(when, () => checkViews(result, resources, logs['events']!.whole))
    },
  }
}
