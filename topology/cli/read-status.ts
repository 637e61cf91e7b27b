/**
 * Where a topology stands, read from ledger and log beside a run or without one.
 *
 * Lag is counted from the position that a running process tells, else from what the ledger knows; what is read and not
 * yet committed is held, not lag.
 */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { type LanePositions, laneKey } from '../../sinks/rows/run-positions.ts'
import type { Counters, LaneState, LedgerDocument, SinkState, TenantScope } from '../model/ledger-document.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import { partition as toPartition } from '../model/position.ts'
import type { SinkKind } from '../model/sink.ts'

export interface LanePosition {
  readonly sink: string
  readonly kind: SinkKind
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly lane: string
  readonly from: number
  readonly to: number | null
  readonly tenants: TenantScope
  readonly at: number
  readonly declared: number | null
  readonly lagEvents: number
  readonly heldEvents: number
  readonly committedAtMs: number
}

export interface SinkPosition {
  readonly sink: string
  readonly kind: SinkKind
  readonly isRetired: boolean
  readonly counters: Counters
  readonly lagEvents: number
  readonly heldEvents: number
  /** When an epoch was last committed; `undefined` before the first. */
  readonly committedAtMs: number | undefined
}

export interface TopologyPositions {
  readonly topology: string
  readonly sinks: readonly SinkPosition[]
  readonly lanes: readonly LanePosition[]
  /** Delete records that are listed and not done on all sinks. */
  readonly openDeletes: number
}

export const readStatus = async (
  entry: CatalogueEntry,
  ledger: Ledger,
  logOf: (spout: string) => EventLog | undefined,
  told: LanePositions = {},
): Promise<TopologyPositions> => {
  const lanes: LanePosition[] = []
  const sinks = new Map<string, SinkPosition>()
  let openDeletes = 0
  for (const key of await ledger.keys(entry.topology)) {
    const document = await ledger.read(key)
    if (document === undefined) continue
    const log = logOf(key.spout)
    const end = log === undefined ? 0 : (await log.bounds(toPartition(key.partition))).end
    const place = { spout: key.spout, topic: log?.topic ?? '', partition: key.partition }
    const found = lanesOf(document, place, end, told)
    lanes.push(...found)
    for (const [name, state] of Object.entries(document.sinks))
      sinks.set(
        name,
        withSink(
          sinks.get(name),
          name,
          state,
          document,
          found.filter((lane) => lane.sink === name),
        ),
      )
    openDeletes += document.deletes.filter(isOpen).length
  }
  return { topology: entry.topology, sinks: [...sinks.values()], lanes, openDeletes }
}

const isOpen = (entry: LedgerDocument['deletes'][number]): boolean =>
  entry.records.length > 0 && Object.values(entry.work).some((work) => work.state !== 'done')

const lanesOf = (
  document: LedgerDocument,
  place: { readonly spout: string; readonly topic: string; readonly partition: number },
  end: number,
  told: LanePositions,
): readonly LanePosition[] =>
  Object.entries(document.lanes).map(([id, lane]) => {
    const known = lane.declared ?? lane.at
    const position = Math.max(known, told[laneKey(place.spout, place.partition, Number(id))] ?? known)
    return {
      ...place,
      sink: lane.sink,
      kind: document.sinks[lane.sink]?.kind ?? 'custom',
      lane: id,
      from: lane.from,
      to: lane.to,
      tenants: lane.tenants,
      at: lane.at,
      declared: lane.declared,
      lagEvents: Math.max(0, (lane.to ?? Math.max(end, lane.from)) - position),
      heldEvents: position - lane.at,
      committedAtMs: lane.committedAtMs,
    }
  })

const withSink = (
  before: SinkPosition | undefined,
  sink: string,
  state: SinkState,
  document: LedgerDocument,
  lanes: readonly LanePosition[],
): SinkPosition => {
  const own: readonly LaneState[] = Object.values(document.lanes).filter((lane) => lane.sink === sink)
  const counters = [state.counters, ...own.map((lane) => lane.counters)].reduce(sum, before?.counters ?? nothing)
  const committed = Math.max(before?.committedAtMs ?? 0, ...lanes.map((lane) => lane.committedAtMs))
  return {
    sink,
    kind: state.kind,
    isRetired: state.retired,
    counters,
    lagEvents: (before?.lagEvents ?? 0) + lanes.reduce((total, lane) => total + lane.lagEvents, 0),
    heldEvents: (before?.heldEvents ?? 0) + lanes.reduce((total, lane) => total + lane.heldEvents, 0),
    committedAtMs: committed > 0 ? committed : undefined,
  }
}

const nothing: Counters = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }

const sum = (left: Counters, right: Counters): Counters => ({
  received: left.received + right.received,
  applied: left.applied + right.applied,
  deadLettered: left.deadLettered + right.deadLettered,
  dropped: left.dropped + right.dropped,
})
