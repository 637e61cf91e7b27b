/**
 * Finds offsets that stand in two objects, with memory for the ranges that overlap only.
 *
 * Objects come by partition and epoch start, so an offset can come again only as long as a range that reaches over it is
 * open: when an object begins behind all ranges seen, everything is forgotten.
 */
export interface SeenRange {
  readonly spout: string
  readonly partition: number
  readonly sink: string
  readonly from: number
  readonly to: number
}

export class SeenOffsets {
  private readonly offsets = new Set<number>()
  private current: SeenRange | undefined
  private end = 0

  /** The offsets that follow are of this object. */
  enter(range: SeenRange): void {
    const { current } = this
    const isSame =
      current?.spout === range.spout && current.partition === range.partition && current.sink === range.sink
    if (!isSame || range.from >= this.end) {
      this.offsets.clear()
      this.end = 0
    }
    this.current = range
    this.end = Math.max(this.end, range.to)
  }

  /** False when the offset was there before. */
  add(offset: number): boolean {
    const before = this.offsets.size
    return this.offsets.add(offset).size > before
  }
}
