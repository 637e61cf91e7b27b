/**
 * Where a topology stands, read from ledger and log beside a run or without one; a running process tells how far its
 * lanes have read.
 */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { laneKey, readRunPositions } from '../../sinks/rows/run-positions.ts'
import { loadDeleteTexts } from '../engine/shell/load-delete-texts.ts'
import { type PartitionView, statusOf } from '../engine/shell/status-of.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import { partition as toPartition } from '../model/position.ts'
import type { TopologyStatus } from '../model/run-handle.ts'

export interface StatusSource {
  readonly topology: CatalogueEntry
  readonly ledger: Ledger
  readonly rows: RowStore
  readonly logOf: (spout: string) => EventLog | undefined
  readonly nowMs: number
}

export interface ReadStatus extends TopologyStatus {
  /** The last word of any process that has not ended in order, ms since 1970. */
  readonly toldAtMs: number | undefined
}

export const readStatus = async ({ topology, ledger, rows, logOf, nowMs }: StatusSource): Promise<ReadStatus> => {
  const told = await readRunPositions(rows, topology.topology, nowMs)
  const declared = new Set(topology.spouts.map(({ name }) => name))
  const views: PartitionView[] = []
  for (const { spout, partition } of await ledger.keys(topology.topology)) {
    const doc = await ledger.read({ topology: topology.topology, spout, partition })
    if (doc === undefined) continue
    if (!declared.has(spout)) {
      const textOf = (): undefined => undefined
      views.push({ spout, topic: '', partition, doc: allRetired(doc), end: 0, positionOf: () => undefined, textOf })
      continue
    }
    const log = logOf(spout)
    const end = log === undefined ? 0 : (await log.bounds(toPartition(partition))).end
    const positionOf = (lane: number): number | undefined => told.positions[laneKey(spout, partition, lane)]
    const texts = await loadDeleteTexts(rows, { topology: topology.topology, spout, partition }, doc)
    views.push({ spout, topic: log?.topic ?? '', partition, doc, end, positionOf, ...texts })
  }
  const found = statusOf(topology.topology, told.processes > 0 ? 'running' : 'idle', views)
  return { ...found, waitingFor: told.waitingFor, toldAtMs: told.toldAtMs }
}

/** Runs retire the sinks of spouts that they know; those of a spout that is gone are out of service as well. */
const allRetired = (doc: LedgerDocument): LedgerDocument => ({
  ...doc,
  sinks: Object.fromEntries(Object.entries(doc.sinks).map(([name, sink]) => [name, { ...sink, retired: true }])),
})
