/**
 * Which results count, for programs that read the tables or the manifest by themselves: one row per sink that was ever
 * read from a namespace. Spillway's own readers ask the ledger, where it is decided; this follows within the same command.
 */

import type { ServedCatalogue } from '../../topology/model/ledger-document.ts'
import { namespacedSink } from '../../topology/model/namespace.ts'
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { stampBase } from './event-table.ts'

export const servedTable: TableSpec = {
  name: 'spillway_served',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [{ name: 'sink', type: 'text' }],
  columns: [
    { name: 'reads', type: 'text' },
    { name: 'at', type: 'integer' },
  ],
}

/** The latest change wins, whoever writes it, and however often. */
export const writeServed = async (rows: RowStore, topology: string, served: ServedCatalogue): Promise<void> => {
  const { sinks, before, atMs } = served
  const names = [...new Set([...Object.keys(before), ...Object.keys(sinks)])].sort()
  if (names.length === 0) return
  await rows.ensureTable(servedTable)
  const written = names.map((sink): Row => [topology, sink, namespacedSink(sink, sinks[sink]), atMs])
  await rows.write(servedTable, written, stampBase(atMs) + 1)
}
