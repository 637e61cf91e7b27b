/**
 * All checks of every history, and one of what no view shows: a row that a delete has marked holds nothing of its event
 * any more (I-3).
 */
import { eventCell, eventTable } from '../../sinks/rows/event-table.ts'
import type { HistoryChecks } from '../../topology/testing/simulation/history.ts'
import { documentsIn, viewsIn } from '../../topology/testing/simulation/invariants/history-place.ts'
import type { World } from '../../topology/testing/simulation/stage/world.ts'
import { Violation } from '../../topology/testing/simulation/violation.ts'
import { checksWithNotes } from './check-notes.ts'

export const thoroughChecks = (world: World): HistoryChecks => {
  const checks = checksWithNotes(world)
  return {
    ...checks,
    views: async (when) => {
      await checks.views(when)
      await checkMarked(world, when)
    },
  }
}

const checkMarked = async ({ topology, servers }: World, when: string): Promise<void> => {
  const { rows, ledger } = servers.resources
  for (const { sink, of } of viewsIn(await documentsIn(ledger, topology.name))) {
    if (topology.sinks.find(({ name }) => name === of)?.sink.sinkKind !== 'events') continue
    for await (const page of rows.scan(eventTable(sink)))
      for (const row of page) {
        const left = [row[eventCell.body], row[eventCell.clientId] ?? ''].join('')
        if (row[eventCell.dead] === null || left === '') continue
        const event = `${String(row[eventCell.id])} of ${String(row[eventCell.spout])}`
        throw new Violation('I-3', `${when}: the row of ${event} in ${sink} is marked as deleted and holds ${left}`)
      }
  }
}
