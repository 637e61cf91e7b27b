/** What every history is asked: whether the ledger only moves forward and tiles, and whether all views are as the log says. */
import type { HistoryChecks } from '../history.ts'
import { checkLedgerStep } from '../invariants/check-ledger-step.ts'
import { checkMoment } from '../invariants/check-moment.ts'
import { checkServedStep } from '../invariants/check-served.ts'
import { checkViews } from '../invariants/check-views.ts'
import { type HistoryPlace, partialSinks } from '../invariants/history-place.ts'
import { Violation } from '../violation.ts'
import type { World } from './world.ts'

export const defaultChecks = (world: World): HistoryChecks => {
  const { resources, histories: logs } = world.servers
  const partial = new Set<string>()
  const place: HistoryPlace = {
    topology: world.topology,
    resources,
    logs,
    isPartial: (sink) => partial.has(sink),
    isByPeople: (...of) => world.isByPeople(...of),
  }
  return {
    changed: (_key, before, after) => {
      checkLedgerStep(before, after)
      if (after.served !== undefined) checkServedStep(before?.served, after.served)
      for (const sink of partialSinks(after)) partial.add(sink)
    },
    look: () => checkMoment(place),
    views: (when) =>
      checkViews(place).catch((error: unknown) => {
        throw error instanceof Violation ? new Violation(error.invariant, `${when}: ${error.what}`, error.part) : error
      }),
  }
}
