/**
 * Which offsets were seen, whatever the order in which they came. Bounded: where there are too many gaps, the smallest
 * ones count as seen.
 */
export type OffsetPair = readonly [from: number, to: number]

// Lanes of one partition that read apart: some dozens.
const rangesMax = 256

export class CoveredRanges {
  /** Ascending, with gaps between them. */
  #ranges: OffsetPair[] = []

  /** Notes `[from, to)`, and gives the parts of it that were not seen before. */
  add(from: number, to: number): readonly OffsetPair[] {
    const fresh: OffsetPair[] = []
    let at = from
    for (const [start, end] of this.#ranges) {
      if (end <= at) continue
      if (start >= to) break
      if (start > at) fresh.push([at, start])
      at = Math.max(at, end)
    }
    if (at < to) fresh.push([at, to])
    if (fresh.length > 0) this.#join(from, to)
    return fresh
  }

  #join(from: number, to: number): void {
    const apart = this.#ranges.filter(([start, end]) => end < from || start > to)
    const joined = this.#ranges.filter(([start, end]) => end >= from && start <= to)
    const one: OffsetPair = [
      Math.min(from, ...joined.map(([start]) => start)),
      Math.max(to, ...joined.map(([, end]) => end)),
    ]
    this.#ranges = [...apart, one].sort((left, right) => left[0] - right[0])
    if (this.#ranges.length > rangesMax) this.#closeSmallestGap()
  }

  #closeSmallestGap(): void {
    let smallest = 0
    const gapBehind = (index: number): number => this.#ranges[index + 1]![0] - this.#ranges[index]![1]
    for (let index = 1; index + 1 < this.#ranges.length; index++)
      if (gapBehind(index) < gapBehind(smallest)) smallest = index
    this.#ranges.splice(smallest, 2, [this.#ranges[smallest]![0], this.#ranges[smallest + 1]![1]])
  }
}
