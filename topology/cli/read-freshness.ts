/**
 * How fresh a sink is (DOMAIN section 8), from its lanes in the ledger and the append times of the first records that
 * are not yet applied.
 */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { errors } from '../model/errors.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import { offset as toOffset, partition as toPartition } from '../model/position.ts'

export interface Freshness {
  /** Now minus the append time of the oldest record not yet applied; 0 when all is applied. */
  readonly millisecondsBehind: number
  /** Everything appended before is applied, ms since 1970. */
  readonly appliedToMs: number
  /** When an epoch of the sink was last committed. */
  readonly committedAtMs: number | undefined
  /** No bounded lane (a backlog) is open. */
  readonly isComplete: boolean
  /** Committed offset by partition, or by `spout/partition` where there are several spouts. */
  readonly asOf: Readonly<Record<string, number>>
}

export const readFreshness = async (
  entry: CatalogueEntry,
  sink: string,
  ledger: Ledger,
  logOf: (spout: string) => EventLog,
  nowMs: number,
): Promise<Freshness> => {
  const asOf: Record<string, number> = {}
  let oldestMs: number | undefined
  let committedAtMs: number | undefined
  let isComplete = true
  const spouts = new Set(entry.spouts.map(({ name }) => name))
  const isRetired = entry.sinks.find(({ name }) => name === sink)?.retired === true
  for (const key of await ledger.keys(entry.topology)) {
    const document = await ledger.read(key)
    // A spout that no longer feeds the sink leaves its lanes behind; nothing of them is late.
    if (!isRetired && (!spouts.has(key.spout) || document?.sinks[sink]?.retired === true)) continue
    if (!spouts.has(key.spout) && document?.sinks[sink] !== undefined)
      throw errors.badConfiguration({ problem: `sink ${sink} is retired, and so is its spout ${key.spout}` })
    const name = entry.spouts.length > 1 ? `${key.spout}/${key.partition}` : String(key.partition)
    const end = document?.sinks[sink]?.to
    // A replay ends; what is not read yet stands in its lanes.
    if (end !== undefined && end !== null) asOf[name] = end
    for (const lane of Object.values(document?.lanes ?? {})) {
      if (lane.sink !== sink) continue
      asOf[name] = Math.min(asOf[name] ?? lane.at, lane.at)
      if (lane.to !== null) isComplete = false
      if (lane.committedAtMs > 0) committedAtMs = Math.max(committedAtMs ?? 0, lane.committedAtMs)
      const appendedMs = await firstAppend(logOf(key.spout), key.partition, lane.at, lane.to)
      if (appendedMs !== undefined) oldestMs = Math.min(oldestMs ?? appendedMs, appendedMs)
    }
  }
  const appliedToMs = oldestMs ?? nowMs
  return { millisecondsBehind: Math.max(0, nowMs - appliedToMs), appliedToMs, committedAtMs, isComplete, asOf }
}

/** Append time of the first record at or behind `at`; `undefined` when there is none before `to`. */
const firstAppend = async (
  log: EventLog,
  partition: number,
  at: number,
  to: number | null,
): Promise<number | undefined> => {
  const { start, end } = await log.bounds(toPartition(partition))
  const from = Math.max(at, start)
  if (from >= Math.min(to ?? end, end)) return undefined
  const batch = await log.fetch(toPartition(partition), toOffset(from), { maxBytes: 1, waitMs: 0 })
  return batch.records[0]?.appendTimeMs
}
