/**
 * What a topology has lost because its log dropped records before they were read: found by comparing each ledger document
 * with the start of the log, and let go by one compare-and-set per partition when a person says so (PROTOCOL section 10).
 *
 * Changes exactly what was shown: a lane that has moved since is not touched, and the person is told to look again.
 */
import { laneKey, readRunPositions } from '../sinks/rows/run-positions.ts'
import { lanesBehind, type SkippedLane, skip } from './engine/ledger/skip-transition.ts'
import { persist } from './engine/shell/persist.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { LedgerDocument, TenantScope } from './model/ledger-document.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger, LedgerKey } from './model/ports/ledger.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { partition as toPartition } from './model/position.ts'

export interface LostLane extends SkippedLane {
  readonly sink: string
  readonly tenants: TenantScope
}

/** Lanes of one partition that cannot go on. */
export interface LostPart {
  readonly key: LedgerKey
  readonly topic: string
  /** Where the log begins. */
  readonly start: number
  readonly lanes: readonly LostLane[]
}

export interface SkipPorts {
  readonly ledger: Ledger
  readonly rows: RowStore
  readonly logOf: (spout: string) => EventLog
  readonly clock: Clock
  readonly random: Random
}

export interface SkipQuestion {
  readonly topology: string
  /** Declared now. */
  readonly spouts: readonly string[]
  /** Default: all. */
  readonly topic?: string | undefined
  readonly partitions?: readonly number[]
}

/** Who lets it go, and why; for people only. */
export interface SkipReason {
  readonly by: string
  readonly reason: string
}

/** Changes nothing. A lane that a running process has read past the loss is left out: it goes on by itself. */
export const findLost = async (ports: SkipPorts, question: SkipQuestion): Promise<readonly LostPart[]> => {
  const { topology, spouts, topic, partitions = [] } = question
  const { positions } = await readRunPositions(ports.rows, topology, ports.clock.nowMs())
  const found: LostPart[] = []
  for (const key of await ports.ledger.keys(topology)) {
    if (!spouts.includes(key.spout) || (partitions.length > 0 && !partitions.includes(key.partition))) continue
    const log = ports.logOf(key.spout)
    if (topic !== undefined && log.topic !== topic) continue
    const doc = await ports.ledger.read(key)
    if (doc === undefined) continue
    if (doc.log !== log.id) throw errors.logChanged({ topology, expected: doc.log, found: log.id })
    const { start } = await log.bounds(toPartition(key.partition))
    const isServed = (lane: number): boolean => (positions[laneKey(key.spout, key.partition, lane)] ?? 0) >= start
    const lanes = lanesBehind(doc, start, isServed).map((one) => lostLane(doc, one))
    if (lanes.length > 0) found.push({ key, topic: log.topic, start, lanes })
  }
  return found
}

const lostLane = (doc: LedgerDocument, skipped: SkippedLane): LostLane => {
  const { sink, tenants } = doc.lanes[skipped.lane]!
  return { ...skipped, sink, tenants }
}

/** Lets go what was found. Throws `lossMoved` (stop) where a lane has moved since: what stands before it is done. */
export const skipLost = async (
  ports: SkipPorts,
  parts: readonly LostPart[],
  why: SkipReason,
  signal: AbortSignal,
): Promise<void> => {
  const atMs = ports.clock.nowMs()
  const patience = { ...ports, knob: (name: string) => knobValue(name, undefined), report: () => undefined }
  for (const part of parts)
    await persist(patience, 'ledger', signal, () => writePart(ports.ledger, part, { ...why, atMs }))
}

/** Lost and refused mean the same: read again, and look what is there. */
const writePart = async (ledger: Ledger, part: LostPart, why: SkipReason & { atMs: number }): Promise<void> => {
  const { key, lanes } = part
  for (;;) {
    const doc = await ledger.read(key)
    if (doc === undefined || isWritten(doc, part, why)) return
    const plain = lanes.map(({ lane, at, declared, to }) => ({ lane, at, declared, to }))
    const next = skip(doc, { kind: 'skip', lanes: plain, ...why })
    if (typeof next === 'string') throw errors.lossMoved({ spout: key.spout, partition: key.partition })
    if ((await ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })) === 'applied') return
  }
}

/** A lost reply: it was this very call that let them go. */
const isWritten = ({ lost = [] }: LedgerDocument, { lanes }: LostPart, why: SkipReason & { atMs: number }): boolean =>
  lanes.every(({ sink, at }) =>
    lost.some((one) => one.sink === sink && one.from === at && one.atMs === why.atMs && one.by === why.by),
  )
