/**
 * Several topologies may share a store, never a table: the state rows of two of them would be written over each other
 * where their epochs have equal numbers, and be added up where they have not (I-1).
 *
 * The catalogue says whose a table is. Two runs cannot pass here at once: embedded rows serve one run at a time.
 */
import { catalogueTable, listCatalogue } from '../sinks/rows/topology-catalogue.ts'
import { isSharedTable, tableKey } from './declare/validate-sinks.ts'
import { errors } from './model/errors.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { SpoutPlan } from './model/spout-plan.ts'

/** Throws `tableTaken` when a table of the plans is kept by another topology of the store. */
export const guardTables = async (rows: RowStore, topology: string, plans: readonly SpoutPlan[]): Promise<void> => {
  const sinks = new Map<string, string>()
  for (const { name, sink, operator } of plans.flatMap((plan) => plan.sinks))
    for (const table of sink.tables(name, operator))
      if (!isSharedTable(table.name)) sinks.set(tableKey(table.name), name)
  await rows.ensureTable(catalogueTable)
  for (const other of await listCatalogue(rows)) {
    if (other.topology === topology) continue
    for (const { name, kind } of other.sinks) {
      const sink = kind === 'rows' || kind === 'events' ? sinks.get(tableKey(name)) : undefined
      if (sink !== undefined) throw errors.tableTaken({ sink, topology: other.topology, store: rows.name })
    }
  }
}
