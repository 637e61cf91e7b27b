/**
 * Where lanes are cut so that fresh data stays fresh (PROTOCOL section 8). A live lane that is too far behind is cut at
 * the head: it goes on there at once, with what came in the last seconds, and what lies behind becomes backlog ranges
 * that are read beside one another. A long range is cut further while fewer are read than may be.
 *
 * All sinks that stand near each other are cut at the same offsets, so that they share cursors. A cut lies a little
 * ahead of where the lane reads: what it has collected stays its own, and it ends there. Where a cut lies never decides
 * what is read (I-1), only when. Ordered branches keep one lane.
 */
import type { LaneState } from '../../model/ledger-document.ts'
import { lanesPerSinkMax, slotsPerSink } from '../../model/limits.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { joinDistanceRecords } from '../cursor-plan.ts'
import { laneClassOf } from '../lane-class.ts'
import { lanePosition } from '../ledger/document.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { sameScope } from '../ledger/tenant-scope.ts'
import type { LaneFacts, PartitionFacts } from './lane-facts.ts'

export interface CutKnobs {
  /** Lag of a live lane above which it is cut. */
  readonly afterMs: number
  /** Into how many ranges what lies behind a partition is cut. */
  readonly ranges: number
  /** Records that a range is worth its lanes, fetches and objects for. */
  readonly leastRecords: number
  /** More ranges may read than there are. */
  readonly hasIdle: boolean
  /** Slots are read by several workers: one without a range may be one that has nothing to do. */
  readonly hasWorkers?: boolean
  /** The run ends by itself: nothing is fresh, and ranges only keep several workers busy. */
  readonly isDraining?: boolean
}

type Cut = Extract<Proposal, { kind: 'cut' }>

// A lane reads on while the ledger takes the cut.
const aheadMs = 2_000
// Who is there so soon needs no cut.
const soonMs = 5_000
// A lane that was not watched yet has passed fewer records than these ranges hold.
const unseenRanges = 10
// Slot 0 is for live lanes.
const liveSlot = 0

interface Member {
  readonly id: number
  readonly lane: LaneState
  readonly facts: LaneFacts
}

export const planCuts = (facts: PartitionFacts, knobs: CutKnobs): readonly Cut[] => {
  if (plantedFaults.has('live-is-never-cut')) return []
  const groups = groupsOf(facts)
  const open = groups.filter(([{ lane }]) => lane.to === null)
  const cuts = open.flatMap((group) => cutAtHead(facts, knobs, group))
  if (cuts.length > 0) return cuts
  const closed = groups.filter(([{ lane }]) => lane.to !== null)
  const longest = closed.sort((left, right) => leftOf(facts, right) - leftOf(facts, left))[0]
  return longest === undefined ? [] : split(facts, knobs, longest)
}

type Group = readonly [Member, ...Member[]]

/** Lanes that may be cut together: of one class and the same end and tenants, and near each other. */
const groupsOf = ({ doc, lanes }: PartitionFacts): readonly Group[] => {
  const members: Member[] = []
  for (const [id, one] of lanes) {
    const lane = doc.lanes[id]
    const sink = lane === undefined ? undefined : doc.sinks[lane.sink]
    if (lane === undefined || sink === undefined || sink.retired || sink.isOrdered === true) continue
    if (!one.isServed || laneClassOf(doc, lane) === 'tenant') continue
    members.push({ id, lane, facts: one })
  }
  members.sort((left, right) => left.facts.position - right.facts.position)
  const groups: [Member, ...Member[]][] = []
  for (const member of members) {
    const group = groups.find((one) => isNear(doc, one.at(-1)!, member))
    if (group === undefined) groups.push([member])
    else group.push(member)
  }
  return groups
}

const isNear = (doc: PartitionFacts['doc'], left: Member, right: Member): boolean =>
  left.lane.to === right.lane.to &&
  laneClassOf(doc, left.lane) === laneClassOf(doc, right.lane) &&
  sameScope(left.lane.tenants, right.lane.tenants) &&
  right.facts.position - left.facts.position <= joinDistanceRecords

/** The first offset that all of them may be cut at: none has read or declared anything behind it by then. */
const firstCut = (group: Group): number =>
  Math.max(
    ...group.map(({ lane, facts }) =>
      Math.max(lanePosition(lane), Math.ceil(facts.position + ((facts.eventsPerSecond ?? 0) * aheadMs) / 1_000)),
    ),
  )

const leftOf = ({ end }: PartitionFacts, group: Group): number =>
  Math.max(...group.map(({ lane, facts }) => (lane.to ?? end) - facts.position))

const cutAtHead = (facts: PartitionFacts, knobs: CutKnobs, group: Group): readonly Cut[] => {
  const { end, doc } = facts
  const at = firstCut(group)
  const room = roomFor(facts, group)
  if (at >= end || room < 1) return []
  if (!isWatched(group)) return knobs.isDraining === true ? [] : cutUnseen(facts, knobs, group, at)
  if (knobs.isDraining === true) {
    if (knobs.ranges < 2 || end - at < 2 * knobs.leastRecords) return []
  } else if (!group.some((one) => one.facts.lagMs > knobs.afterMs) || group.every((one) => isThereSoon(one, end))) {
    return []
  }
  const head = headOf(facts, at)
  const count = Math.min(room, knobs.ranges, Math.max(1, Math.floor((head - at) / knobs.leastRecords)))
  const slots = [...backlogSlots(doc, group, count), liveSlot]
  return cutInto(group, tiles(at, head, count), slots, head)
}

/**
 * Nobody knows yet how fast they read, so that the only place they are not beyond is the head: fresh events wait for no
 * second look. What lies behind is cut further when it is known.
 */
const cutUnseen = (facts: PartitionFacts, knobs: CutKnobs, group: Group, at: number): readonly Cut[] => {
  const head = headOf(facts, at)
  const isBehind = group.every((one) => one.facts.lagMs > knobs.afterMs)
  if (!isBehind || head - at < unseenRanges * knobs.leastRecords) return []
  return cutInto(group, [head], [liveSlot], undefined)
}

const isWatched = (group: Group): boolean => group.every(({ facts }) => facts.eventsPerSecond !== undefined)

/** What has come while a process started is as fresh as what comes next: the live lane begins there. */
const headOf = ({ end, freshFrom = end }: PartitionFacts, at: number): number => (freshFrom > at ? freshFrom : end)

const isThereSoon = ({ facts }: Member, end: number): boolean =>
  ((end - facts.position) * 1_000) / (facts.eventsPerSecond ?? 0) < soonMs

/** Cuts a long range into so many as are missing; it keeps the first part itself. */
const split = (facts: PartitionFacts, knobs: CutKnobs, group: Group): readonly Cut[] => {
  const isWanted = knobs.hasIdle || (knobs.hasWorkers === true && hasFreeSlot(facts, group))
  if (!isWanted || !isWatched(group)) return []
  const [{ lane }] = group
  const to = lane.to!
  const at = firstCut(group)
  const ranges = Math.max(...group.map((one) => lanesBeside(facts, one)))
  const wanted = knobs.hasIdle ? knobs.ranges - ranges : 1
  const missing = Math.min(wanted, knobs.ranges - ranges, roomFor(facts, group))
  const parts = Math.min(missing + 1, Math.floor((to - at) / (2 * knobs.leastRecords)))
  if (missing < 1 || parts < 2) return []
  const edges = tiles(at, to, parts).slice(1)
  return cutInto(group, edges, backlogSlots(facts.doc, group, edges.length), undefined)
}

/** Ranges of the same sink and class, itself included. */
const lanesBeside = ({ doc }: PartitionFacts, { lane }: Member): number =>
  Object.values(doc.lanes).filter(
    (one) => one.sink === lane.sink && one.to !== null && laneClassOf(doc, one) === laneClassOf(doc, lane),
  ).length

const hasFreeSlot = ({ doc }: PartitionFacts, group: Group): boolean => {
  const sinks = new Set(group.map(({ lane }) => lane.sink))
  const used = new Set(Object.values(doc.lanes).flatMap((lane) => (sinks.has(lane.sink) ? [lane.slot] : [])))
  return used.size < slotsPerSink
}

/** How many lanes the sinks of the group may still get. */
const roomFor = ({ doc }: PartitionFacts, group: Group): number => {
  const counts = group.map(({ lane }) => Object.values(doc.lanes).filter((one) => one.sink === lane.sink).length)
  return lanesPerSinkMax - 1 - Math.max(...counts)
}

const tiles = (from: number, to: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + Math.floor(((to - from) * index) / count))

const cutInto = (
  group: Group,
  edges: readonly number[],
  slots: readonly number[],
  head: number | undefined,
): readonly Cut[] => {
  const [at, ...rest] = edges
  const cuts = head === undefined ? rest : [...rest, head]
  return group.map(({ id }) => ({ kind: 'cut', lane: id, at: at!, cuts, slots }))
}

/** Those of backlog lanes, the least used first; the same for all sinks of the group, for a slot belongs to one worker. */
const backlogSlots = (doc: PartitionFacts['doc'], group: Group, count: number): readonly number[] => {
  const sinks = new Set(group.map(({ lane }) => lane.sink))
  const used = Array.from({ length: slotsPerSink }, () => 0)
  for (const lane of Object.values(doc.lanes)) if (sinks.has(lane.sink)) used[lane.slot]! += 1
  const slots: number[] = []
  while (slots.length < count) {
    let best = liveSlot + 1
    for (let slot = best; slot < slotsPerSink; slot++) if (used[slot]! < used[best]!) best = slot
    used[best]! += 1
    slots.push(best)
  }
  return slots
}
