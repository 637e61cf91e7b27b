/**
 * Where the log is looked at next, so that lag can be told in bytes and time: first the places where lanes stand still,
 * then the widest stretches of a backlog that nobody has looked at. Pure; a few looks a second.
 */
import type { PartitionCurve } from './partition-curve.ts'

/** What of a partition is not read yet, by one lane. */
export interface UnreadRange {
  readonly spout: string
  readonly partition: number
  readonly from: number
  readonly to: number
  /** It stood there a second ago: its place is worth a look. */
  readonly isStill: boolean
}

export interface SamplePlace {
  readonly spout: string
  readonly partition: number
  readonly offset: number
}

// A lane that is behind by less passes it before anybody looks.
const worthEvents = 500
// Stretches of a backlog that are told apart.
const stretches = 12

export const planSamples = (
  ranges: readonly UnreadRange[],
  curveOf: (spout: string, partition: number) => PartitionCurve,
  most: number,
): readonly SamplePlace[] => {
  const still = ranges.filter((range) => range.isStill && range.to > range.from && !curveAt(range).isKnown(range.from))
  const wide = ranges
    .filter(({ from, to }) => to - from >= worthEvents)
    .sort((left, right) => right.to - right.from - (left.to - left.from))
  const places: SamplePlace[] = []
  const add = ({ spout, partition }: UnreadRange, offset: number): void => {
    const isPlanned = places.some((one) => one.spout === spout && one.partition === partition && one.offset === offset)
    if (!isPlanned && places.length < most) places.push({ spout, partition, offset })
  }
  function curveAt({ spout, partition }: UnreadRange): PartitionCurve {
    return curveOf(spout, partition)
  }
  for (const range of still) add(range, range.from)
  for (const range of wide) {
    if (places.length >= most) break
    const gap = curveAt(range).widestGap(range.from, range.to, (range.to - range.from) / stretches)
    if (gap !== undefined) add(range, gap)
  }
  return places
}
