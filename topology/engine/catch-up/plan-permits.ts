/**
 * Which backlog ranges of a process read now: so many as the probe allows, in the order that people have chosen. Live
 * lanes always may read, and tenant lanes as their rules say; neither is asked here.
 *
 * Lanes of several sinks over the same offsets are one range: they share a cursor.
 */
import type { LanePermit } from '../../model/lane-permit.ts'

export interface BacklogRange {
  /** Tells ranges of all partitions apart, and stays the same while the range is read. */
  readonly key: string
  readonly lanes: readonly number[]
  readonly laneClass: 'backlog' | 'replay'
  /** Partition and slot, where epochs wait for one another. Absent: it is like no other. */
  readonly place?: string
  /** Who reads it, where that is known. */
  readonly worker?: number | undefined
  /** When the log took the first record that was unread when the range was first seen, ms; 0: not known. It never changes. */
  readonly oldestMs: number
  readonly leftEvents: number
  /** It needs its permit for a moment only, so that the next one may begin beside it. */
  readonly isNearlyDone: boolean
  /** The log may drop what it has not read before long. */
  readonly isRetentionNear: boolean
}

export type BacklogOrder = 'oldestFirst' | 'newestFirst' | 'smallestFirst'

export interface PermitKnobs {
  readonly order: BacklogOrder
  /** Ranges that may read at once. */
  readonly limit: number
  /** Of all of them together; 0: no limit. */
  readonly recordsPerSecond: number
  /** 0: replays read only while there is no backlog. */
  readonly replayShare: number
}

/** Permits of lanes by the key of their range, for every range given. */
export const planPermits = (
  ranges: readonly BacklogRange[],
  knobs: PermitKnobs,
): ReadonlyMap<string, Pick<LanePermit, 'mayRead' | 'recordsPerSecond'>> => {
  const reading = readingOf(ranges, knobs)
  const busy = ranges.filter(({ key, leftEvents }) => leftEvents > 0 && reading.has(key)).length
  const rate = knobs.recordsPerSecond === 0 ? Number.POSITIVE_INFINITY : knobs.recordsPerSecond / Math.max(1, busy)
  return new Map(
    ranges.map(({ key }) => {
      const mayRead = reading.has(key)
      return [key, { mayRead, recordsPerSecond: mayRead ? rate : 0 }]
    }),
  )
}

const readingOf = (
  ranges: readonly BacklogRange[],
  { order, limit, replayShare }: PermitKnobs,
): ReadonlySet<string> => {
  // A range that follows the log has nothing to read now: it needs no permit of the others, who would wait for ever.
  const idle = ranges.filter(({ leftEvents }) => leftEvents === 0)
  const sorted = inOrder(
    ranges.filter(({ leftEvents }) => leftEvents > 0),
    order,
  )
  const backlog = sorted.filter(({ laneClass }) => laneClass === 'backlog')
  const replays = sorted.filter(({ laneClass }) => laneClass === 'replay')
  const reading = new Set(idle.map(({ key }) => key))
  let used = 0
  const admit = (range: BacklogRange): void => {
    reading.add(range.key)
    if (!range.isNearlyDone) used += 1
  }
  for (const range of backlog) if (used < limit) admit(range)
  // What is left over; at least one, or a long backlog would stop every replay.
  const least = backlog.length > 0 && replayShare === 0 ? 0 : 1
  const most = backlog.length > 0 && replayShare === 0 ? 0 : Number.POSITIVE_INFINITY
  replays.forEach((range, index) => {
    if (index < least || (index < most && used < limit)) admit(range)
  })
  return reading
}

/** What retention threatens goes first, whatever was asked for. */
export const inOrder = (ranges: readonly BacklogRange[], order: BacklogOrder): readonly BacklogRange[] => {
  const oldest = (left: BacklogRange, right: BacklogRange): number =>
    left.oldestMs - right.oldestMs || (left.key < right.key ? -1 : 1)
  const by: Readonly<Record<BacklogOrder, (left: BacklogRange, right: BacklogRange) => number>> = {
    oldestFirst: oldest,
    newestFirst: (left, right) => oldest(right, left),
    smallestFirst: (left, right) => left.leftEvents - right.leftEvents || oldest(left, right),
  }
  const threatened = ranges.filter((one) => one.isRetentionNear)
  const others = ranges.filter((one) => !one.isRetentionNear)
  return [...[...threatened].sort(oldest), ...spread([...others].sort(by[order]))]
}

/** One of each worker, then a second one of each; and of each worker one of each place first. */
const spread = (sorted: readonly BacklogRange[]): readonly BacklogRange[] => {
  const byPlace = inTurn(sorted, ({ place, key }) => place ?? key)
  return inTurn(byPlace, ({ worker, place, key }) => worker ?? place ?? key)
}

const inTurn = (
  sorted: readonly BacklogRange[],
  whose: (range: BacklogRange) => number | string,
): readonly BacklogRange[] => {
  const counts = new Map<number | string, number>()
  const turns = new Map<BacklogRange, number>()
  for (const range of sorted) {
    const who = whose(range)
    const turn = counts.get(who) ?? 0
    counts.set(who, turn + 1)
    turns.set(range, turn)
  }
  return [...sorted].sort((left, right) => turns.get(left)! - turns.get(right)!)
}

/**
 * How many of them a process that has just begun lets read: it opens slowly, or it is full again at once. `least`: one for
 * each worker, which would stand idle.
 */
export const rampedLimit = (limit: number, sinceStartMs: number, rampMs: number, least = 1): number => {
  if (sinceStartMs >= rampMs) return limit
  return Math.min(limit, Math.max(least, Math.ceil((limit * Math.max(0, sinceStartMs)) / rampMs)))
}
