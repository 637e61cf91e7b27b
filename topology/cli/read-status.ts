/**
 * Where a topology stands, read from ledger and log beside a run or without one; a running process tells how far its
 * lanes have read.
 */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { readControls } from '../../sinks/rows/controls.ts'
import { laneKey, readRunPositions } from '../../sinks/rows/run-positions.ts'
import { listRunProcesses } from '../../sinks/rows/run-processes.ts'
import { loadDeleteTexts } from '../engine/shell/load-delete-texts.ts'
import { type PartitionView, statusOf } from '../engine/shell/status-of.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import { partition as toPartition } from '../model/position.ts'
import type { TopologyStatus } from '../model/run-handle.ts'
import type { PinLine, RunSnapshot, TenantRuleLine } from '../model/run-snapshot.ts'
import { mergeSnapshots } from '../observe/merge-snapshots.ts'
import { type DrainLine, standingControls } from '../standing-controls.ts'

export interface StatusSource {
  readonly topology: CatalogueEntry
  readonly ledger: Ledger
  readonly rows: RowStore
  readonly logOf: (spout: string) => EventLog | undefined
  readonly nowMs: number
}

/** A branch that a person has paused. */
export interface PausedBranch {
  readonly branch: string
  readonly author: string
  readonly reason: string
  readonly untilMs: number | null
}

export interface ReadStatus extends TopologyStatus {
  /** The last word of any process that has not ended in order, ms since 1970. */
  readonly toldAtMs: number | undefined
  /** Of all processes that run; absent where none does. */
  readonly snapshot: RunSnapshot | undefined
  /** What people have set, whether it runs or not. */
  readonly pins: readonly PinLine[]
  readonly tenantRules: readonly TenantRuleLine[]
  readonly pausedBranches: readonly PausedBranch[]
  /** Of processes that run. */
  readonly drains: readonly DrainLine[]
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
  const { waitingFor, toldAtMs, snapshots } = told
  const controls = await readControlsOf(rows, topology.topology, nowMs)
  return { ...found, waitingFor, toldAtMs, snapshot: mergeSnapshots(snapshots), ...controls }
}

const readControlsOf = async (
  rows: RowStore,
  topology: string,
  nowMs: number,
): Promise<Pick<ReadStatus, 'pins' | 'tenantRules' | 'pausedBranches' | 'drains'>> => {
  const kinds = ['knob', 'tenant', 'branch', 'drain'] as const
  // Before the first run of this version there may be no such table.
  const all = (await Promise.all(kinds.map((kind) => readControls(rows, topology, kind).catch(() => [])))).flat()
  const { pins, rules, pausedBranches, drains } = standingControls(all, nowMs)
  const running = drains.length === 0 ? [] : await listRunProcesses(rows, topology, nowMs)
  const paused = all.filter(({ kind, name }) => kind === 'branch' && pausedBranches.has(name))
  return {
    pins,
    tenantRules: rules,
    drains: drains.filter((one) => running.some(({ process }) => process === one.process)),
    pausedBranches: paused.map(({ name, author, reason, untilMs }) => ({
      branch: name,
      ...{ author, reason, untilMs: untilMs ?? null },
    })),
  }
}

/** Runs retire the sinks of spouts that they know; those of a spout that is gone are out of service as well. */
const allRetired = (doc: LedgerDocument): LedgerDocument => ({
  ...doc,
  sinks: Object.fromEntries(Object.entries(doc.sinks).map(([name, sink]) => [name, { ...sink, retired: true }])),
})
