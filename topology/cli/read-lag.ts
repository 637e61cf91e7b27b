/**
 * Lag of every lane for readers beside a run: what running processes have told of theirs, and what ledger and log tell of
 * the rest, without rates then. The log is looked at by small fetches, some for each lane that is behind.
 */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { laneKey, type ToldByRuns } from '../../sinks/rows/run-positions.ts'
import { lanePosition } from '../engine/ledger/document.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import { partition as toPartition } from '../model/position.ts'
import type { LagLine, RunSnapshot } from '../model/run-snapshot.ts'
import type { LaneReport } from '../model/work-report.ts'
import { LagTracker, laneKeyOf, type ObservedPartition } from '../observe/lag-tracker.ts'
import { PartitionCurve } from '../observe/partition-curve.ts'
import { planSamples, type UnreadRange } from '../observe/plan-samples.ts'
import { takeSample } from '../observe/take-samples.ts'

export interface LagSource {
  readonly topology: CatalogueEntry
  readonly ledger: Ledger
  readonly logOf: (spout: string) => EventLog
  readonly told: ToldByRuns
  /** Of all processes. */
  readonly snapshot: RunSnapshot | undefined
  readonly nowMs: number
}

// Fetches that a person waits for: at once, and in rounds.
const looksAtOnce = 16
const roundsMax = 12

/** By what is left, the most first. */
export const readLag = async (source: LagSource): Promise<readonly LagLine[]> => {
  const known = new Map((source.snapshot?.lag ?? []).map((line) => [keyOf(line), line]))
  const places = await readPlaces(source)
  const reports = new Map<string, LaneReport>()
  const ranges: UnreadRange[] = []
  for (const { spout, partition, doc, end } of places) {
    for (const [id, lane] of Object.entries(doc.lanes)) {
      if (doc.sinks[lane.sink]?.retired !== false) continue
      const told = source.told.positions[laneKey(spout, partition, Number(id))]
      const position = Math.max(lanePosition(lane), told ?? 0)
      const to = Math.min(lane.to ?? end, end)
      if (told !== undefined)
        reports.set(laneKeyOf(spout, partition, Number(id)), reportAt(spout, partition, Number(id), told))
      if (to > position && !known.has(laneKeyOf(spout, partition, Number(id))))
        ranges.push({ spout, partition, from: position, to, isStill: true })
    }
  }
  await look(source, places, ranges)
  const lines = new LagTracker().observe(places, reports, source.nowMs)
  // Of a lane that had nothing before it a run tells only where it is: what came since is no backlog.
  const isRead = (line: LagLine): boolean => line.lagEvents === 0 || reports.has(keyOf(line))
  return lines
    .map((line) => known.get(keyOf(line)) ?? (isRead(line) ? line : { ...line, etaMs: null }))
    .sort((left, right) => right.lagEvents - left.lagEvents || right.heldEvents - left.heldEvents)
}

const keyOf = ({ spout, partition, lane }: LagLine): string => laneKeyOf(spout, partition, lane)

const readPlaces = async ({ topology, ledger, logOf }: LagSource): Promise<readonly ObservedPartition[]> => {
  const spouts = new Set(topology.spouts.map(({ name }) => name))
  const retention = new Map<EventLog, Promise<number | undefined>>()
  const places: ObservedPartition[] = []
  for (const { spout, partition } of await ledger.keys(topology.topology)) {
    const doc: LedgerDocument | undefined = await ledger.read({ topology: topology.topology, spout, partition })
    if (doc === undefined || !spouts.has(spout)) continue
    const log = logOf(spout)
    if (!retention.has(log))
      retention.set(
        log,
        (log.retentionMs?.() ?? Promise.resolve(undefined)).catch(() => undefined),
      )
    const { end } = await log.bounds(toPartition(partition))
    const retentionMs = await retention.get(log)
    places.push({ spout, topic: log.topic, partition, doc, end, curve: new PartitionCurve(), retentionMs })
  }
  return places
}

const look = async (
  { logOf }: LagSource,
  places: readonly ObservedPartition[],
  ranges: readonly UnreadRange[],
): Promise<void> => {
  const curves = new Map(places.map(({ spout, partition, curve }) => [`${spout}/${partition}`, curve]))
  const curveOf = (spout: string, partition: number): PartitionCurve => curves.get(`${spout}/${partition}`)!
  for (let round = 0; round < roundsMax; round++) {
    const planned = planSamples(ranges, curveOf, looksAtOnce)
    if (planned.length === 0) return
    const found = await Promise.all(
      planned.map((place) => takeSample(logOf(place.spout), place).catch(() => undefined)),
    )
    planned.forEach(({ spout, partition }, index) => {
      const point = found[index]
      if (point !== undefined) curveOf(spout, partition).add(point)
    })
    // What nobody can look at is not asked for ever.
    if (found.every((point) => point === undefined)) return
  }
}

const reportAt = (spout: string, partition: number, lane: number, position: number): LaneReport => ({
  ...{ spout, partition, lane, position, records: 0, bytes: 0 },
  phase: 'reading',
  phaseSinceMs: 0,
})
