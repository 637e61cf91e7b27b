/**
 * Questions about a ledger document, and the small changes that every transition is made of.
 *
 * All functions are pure and give new documents. They keep I-5: lanes and homes of one sink tile the partition, because
 * a lane becomes a home in the same change in which it ends.
 */
import type {
  Counters,
  Home,
  LaneState,
  LedgerDocument,
  Segment,
  SinkState,
  TenantScope,
} from '../../model/ledger-document.ts'
import { slotsPerSink } from '../../model/limits.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { SinkKind } from '../../model/sink.ts'
import { inScope, sameScope, scopeCovers, scopesOverlap, uniteScopes } from './tenant-scope.ts'

export const noCounters: Counters = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }

export const addCounters = (left: Counters, right: Counters): Counters => ({
  received: left.received + right.received,
  applied: left.applied + right.applied,
  deadLettered: left.deadLettered + right.deadLettered,
  dropped: left.dropped + right.dropped,
})

/** Sinks whose effects live in slots take turns; the others keep the lane in their names or keys. */
export const hasSlots = (kind: SinkKind): boolean => kind === 'rows'
/** Sinks whose neighbouring homes may be joined: nothing in their effects names the lane. */
const joinsHomes = (kind: SinkKind): boolean => kind === 'rows' || kind === 'events'

/** End of what a lane has taken on: the declared end, else the committed offset. */
export const lanePosition = (lane: LaneState): number => lane.declared ?? lane.at

export const lanesOf = (doc: LedgerDocument, sink: string): readonly (readonly [id: number, lane: LaneState])[] =>
  Object.entries(doc.lanes)
    .filter(([, lane]) => lane.sink === sink)
    .map(([id, lane]) => [Number(id), lane] as const)

/** What a sink has taken on: committed, and declared unless `committedOnly`. */
export const taken = (doc: LedgerDocument, sink: string, committedOnly: boolean): readonly Segment[] => [
  ...(doc.sinks[sink]?.homes ?? []),
  ...lanesOf(doc, sink)
    .map(([, lane]) => ({ from: lane.from, to: committedOnly ? lane.at : lanePosition(lane), tenants: lane.tenants }))
    .filter((segment) => segment.to > segment.from),
]

/** The same offsets and tenants in fewer segments: those of equal tenants that touch or overlap become one. */
export const joinSegments = (segments: readonly Segment[]): readonly Segment[] => {
  const joined: Segment[] = []
  for (const one of [...segments].sort((left, right) => left.from - right.from)) {
    const index = joined.findLastIndex((other) => other.to >= one.from && sameScope(other.tenants, one.tenants))
    if (index < 0) joined.push(one)
    else joined[index] = { ...joined[index]!, to: Math.max(joined[index]!.to, one.to) }
  }
  return joined
}

/** Committed ranges of a sink with the slot or lane where their effects live. */
export const homesOf = (doc: LedgerDocument, sink: string): readonly Home[] => [
  ...(doc.sinks[sink]?.homes ?? []),
  ...lanesOf(doc, sink)
    .map(([id, lane]) => ({ from: lane.from, to: lane.at, tenants: lane.tenants, slot: lane.slot, lane: id }))
    .filter((home) => home.to > home.from),
]

export const isIn = (segments: readonly Segment[], offset: number, tenant: string): boolean =>
  segments.some((segment) => offset >= segment.from && offset < segment.to && inScope(segment.tenants, tenant))

/** Whether every offset and tenant of `wanted` is in `have`: decided piece by piece between all boundaries. */
export const coversSegments = (have: readonly Segment[], wanted: readonly Segment[]): boolean =>
  wanted.every((segment) => {
    const edges = new Set([segment.from, segment.to])
    for (const one of have)
      for (const edge of [one.from, one.to]) if (edge > segment.from && edge < segment.to) edges.add(edge)
    const sorted = [...edges].sort((left, right) => left - right)
    return sorted.slice(0, -1).every((from) => isPieceCovered(have, from, segment.tenants))
  })

const isPieceCovered = (have: readonly Segment[], offset: number, tenants: TenantScope): boolean => {
  const scopes = have
    .filter((segment) => offset >= segment.from && offset < segment.to)
    .map((segment) => segment.tenants)
  const [first, ...rest] = scopes
  return first !== undefined && scopeCovers(rest.reduce(uniteScopes, first), tenants)
}

export const overlaps = (left: Segment, right: Segment): boolean =>
  left.from < right.to && right.from < left.to && scopesOverlap(left.tenants, right.tenants)

export const withLane = (doc: LedgerDocument, id: number, change: Partial<LaneState>): LedgerDocument => {
  const lane = doc.lanes[id]
  if (lane === undefined) throw new Error(`lane ${id} is not in the document`)
  return { ...doc, lanes: { ...doc.lanes, [id]: { ...lane, ...change } } }
}

export const withSink = (doc: LedgerDocument, sink: string, change: Partial<SinkState>): LedgerDocument => {
  const state = doc.sinks[sink]
  if (state === undefined) throw new Error(`sink ${sink} is not in the document`)
  return { ...doc, sinks: { ...doc.sinks, [sink]: { ...state, ...change } } }
}

export const withSlot = (
  doc: LedgerDocument,
  sink: string,
  slot: number,
  change: { seq?: number; turn?: string | null },
): LedgerDocument =>
  withSink(doc, sink, {
    slots: doc.sinks[sink]!.slots.map((one, index) => (index === slot ? { ...one, ...change } : one)),
  })

export interface NewLane {
  readonly sink: string
  readonly from: number
  readonly to: number | null
  readonly tenants: TenantScope
  readonly slot: number
}

/** Adds a lane; an empty one (`from === to`) leaves no trace but its id. */
export const addLane = (doc: LedgerDocument, lane: NewLane): LedgerDocument => {
  const id = doc.nextLane
  const next = { ...doc, nextLane: id + 1 }
  if (lane.to !== null && lane.to <= lane.from) return next
  const state: LaneState = {
    ...lane,
    at: lane.from,
    declared: null,
    seq: 0,
    code: '',
    partBytes: 0,
    counters: noCounters,
    tries: 0,
    committedAtMs: 0,
  }
  return { ...next, lanes: { ...next.lanes, [id]: state } }
}

/** Moves a lane that has reached its end to the homes of its sink. */
export const finishLane = (doc: LedgerDocument, id: number): LedgerDocument => {
  const lane = doc.lanes[id]
  if (lane === undefined || lane.declared !== null || lane.to === null || lane.at < lane.to) return doc
  const { [id]: _ended, ...lanes } = doc.lanes
  const sink = doc.sinks[lane.sink]!
  const home: Home = { from: lane.from, to: lane.to, tenants: lane.tenants, slot: lane.slot, lane: id }
  const homes = home.to > home.from ? joinHome(sink, home) : sink.homes
  return withSink({ ...doc, lanes }, lane.sink, { homes, counters: addCounters(sink.counters, lane.counters) })
}

const joinHome = (sink: SinkState, added: Home): readonly Home[] => {
  if (!joinsHomes(sink.kind)) return [...sink.homes, added]
  let home = added
  let rest = sink.homes
  for (;;) {
    const { from, to, tenants, slot } = home
    const isNeighbour = (one: Home): boolean =>
      sameScope(one.tenants, tenants) &&
      (!hasSlots(sink.kind) || one.slot === slot) &&
      (one.to === from || one.from === to || plantedFaults.has('home-joined-over-gap'))
    const neighbour = rest.find(isNeighbour)
    if (neighbour === undefined) return [...rest, home]
    rest = rest.filter((one) => one !== neighbour)
    home = { ...home, from: Math.min(from, neighbour.from), to: Math.max(to, neighbour.to) }
  }
}

/** `nextLane`: lanes of several spouts are numbered apart, because names of objects hold the lane but not the spout. */
export const emptyDocument = (log: string, start: number, nextLane = 0): LedgerDocument => ({
  format: 2,
  ver: 0,
  rules: 0,
  nextLane,
  start,
  log,
  sinks: {},
  lanes: {},
  deletes: [],
  nextDelete: 0,
  archive: [],
  scannedTo: start,
  deadLetters: {},
})

export const newSink = (kind: SinkKind, from: number, to: number | null, fingerprint: string): SinkState => ({
  kind,
  from,
  to,
  fingerprint,
  retired: false,
  slots: hasSlots(kind) ? Array.from({ length: slotsPerSink }, () => ({ seq: 0, turn: null })) : [],
  homes: [],
  counters: noCounters,
})

/** Whether an offset is dead-lettered for a sink. */
export const isDeadLettered = (doc: LedgerDocument, sink: string, offset: number): boolean => {
  const ranges = doc.deadLetters[sink] ?? []
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ranges[middle]![1] <= offset) low = middle + 1
    else high = middle
  }
  return low < ranges.length && ranges[low]![0] <= offset
}

/** The lowest offset that some sink in service still needs: what may be told to the log, and to lag tools. */
export const lowestUnfinished = (doc: LedgerDocument): number =>
  Math.min(
    ...Object.values(doc.lanes)
      .filter((lane) => doc.sinks[lane.sink]?.retired === false)
      .map((lane) => lane.at),
  )
