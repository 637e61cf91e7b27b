/**
 * What is known of one partition of the log without reading it: when offsets were appended, how many bytes lie between
 * them, and whose records. Some points are looked up, the rest lies on straight lines between them; nothing is ever
 * looked up twice, because the log does not change.
 */
import type { TenantScope } from '../model/ledger-document.ts'

export interface CurvePoint {
  readonly offset: number
  /** When the log took the record at the offset, ms since 1970. */
  readonly appendMs: number
  /** Bytes an offset, around here; absent where nobody has looked. */
  readonly bytesEach?: number
  /** Which part of the records around here each tenant has; absent where nobody has looked. */
  readonly shares?: ReadonlyMap<string, number>
}

// A partition's backlog is told well by some dozens of stretches; thousands of partitions may be behind at once.
const pointsMax = 64

export class PartitionCurve {
  /** By offset. */
  #points: CurvePoint[] = []
  /** The end of the log as it was seen last: what comes there is appended later. */
  #end: CurvePoint | undefined

  get points(): readonly CurvePoint[] {
    return this.#points
  }

  add(point: CurvePoint): void {
    const index = this.#indexAt(point.offset)
    if (this.#points[index]?.offset === point.offset) this.#points[index] = { ...this.#points[index], ...point }
    else this.#points.splice(index, 0, point)
    if (this.#points.length > pointsMax) this.#thin()
  }

  /** The log ends at `end` now. As long as it stands still, what comes next is appended after now. */
  noteEnd(end: number, nowMs: number): void {
    if (this.#end !== undefined && this.#end.offset !== end) this.add(this.#end)
    this.#end = { offset: end, appendMs: nowMs }
  }

  /** Nobody asks for what lies below any more. */
  forgetBelow(offset: number): void {
    const first = this.#indexAt(offset)
    // One before it, for what lies between.
    if (first > 1) this.#points.splice(0, first - 1)
  }

  /** When the record at an offset was appended, as far as points tell; `undefined` without any. */
  appendMsAt(offset: number): number | undefined {
    const points = this.#withEnd()
    const next = points.findIndex((point) => point.offset >= offset)
    if (next < 0) return points.at(-1)?.appendMs
    const after = points[next]!
    const before = points[next - 1]
    if (before === undefined || after.offset === offset) return after.appendMs
    const share = (offset - before.offset) / (after.offset - before.offset)
    return before.appendMs + share * (after.appendMs - before.appendMs)
  }

  /** Whether somebody has looked there or below: else the offset may be older than is told. */
  reaches(offset: number): boolean {
    const [first] = this.#withEnd()
    return first !== undefined && first.offset <= offset
  }

  /** Bytes of `[from, to)`; `undefined` where nobody has looked at any record. */
  bytesBetween(from: number, to: number): number | undefined {
    return this.#sumBetween(from, to, ({ bytesEach }) => bytesEach)
  }

  /** Records of some tenants in `[from, to)`; `undefined` where nobody has looked at any record. */
  recordsOf(tenants: TenantScope, from: number, to: number): number | undefined {
    if (tenants.kind === 'all') return Math.max(0, to - from)
    return this.#sumBetween(from, to, ({ shares }) => (shares === undefined ? undefined : shareIn(tenants, shares)))
  }

  /** Each point speaks for what is nearer to it than to another. */
  #sumBetween(from: number, to: number, each: (point: CurvePoint) => number | undefined): number | undefined {
    if (to <= from) return this.#points.some((point) => each(point) !== undefined) ? 0 : undefined
    let sum: number | undefined
    let [last, value, low] = [0, 0, Number.NEGATIVE_INFINITY]
    const take = (high: number): void => {
      sum = (sum ?? 0) + Math.max(0, Math.min(high, to) - Math.max(low, from)) * value
    }
    let isFirst = true
    for (const point of this.#points) {
      const next = each(point)
      if (next === undefined) continue
      if (!isFirst) {
        const middle = (last + point.offset) / 2
        take(middle)
        low = middle
      }
      isFirst = false
      last = point.offset
      value = next
    }
    if (!isFirst) take(Number.POSITIVE_INFINITY)
    return sum
  }

  /** The offset in the widest stretch of `[from, to)` in which nobody has looked; `undefined` where all are narrower than `least`. */
  widestGap(from: number, to: number, least: number): number | undefined {
    const looked = this.#points.filter(
      ({ bytesEach, offset }) => bytesEach !== undefined && offset > from && offset < to,
    )
    const edges = [from, ...looked.map(({ offset }) => offset), to]
    let [widest, at]: [number, number | undefined] = [Math.max(least, 1), undefined]
    for (let index = 1; index < edges.length; index++) {
      const width = edges[index]! - edges[index - 1]!
      if (width <= widest) continue
      widest = width
      at = Math.floor((edges[index]! + edges[index - 1]!) / 2)
    }
    return at
  }

  isKnown(offset: number): boolean {
    const point = this.#points[this.#indexAt(offset)]
    return point?.offset === offset && point.bytesEach !== undefined
  }

  #withEnd(): readonly CurvePoint[] {
    return this.#end === undefined ? this.#points : [...this.#points, this.#end]
  }

  /** Index of the first point at or above the offset. */
  #indexAt(offset: number): number {
    const index = this.#points.findIndex((point) => point.offset >= offset)
    return index < 0 ? this.#points.length : index
  }

  /** The point that says least goes: the one closest to the line between its neighbours, those without bytes first. */
  #thin(): void {
    let [least, at] = [Number.POSITIVE_INFINITY, 1]
    for (let index = 1; index < this.#points.length - 1; index++) {
      const [before, point, after] = [this.#points[index - 1]!, this.#points[index]!, this.#points[index + 1]!]
      const share = (point.offset - before.offset) / (after.offset - before.offset)
      const bend = Math.abs(before.appendMs + share * (after.appendMs - before.appendMs) - point.appendMs)
      const says = bend + (point.bytesEach === undefined ? 0 : after.appendMs - before.appendMs) + share * 1e-3
      if (says < least) [least, at] = [says, index]
    }
    this.#points.splice(at, 1)
  }
}

const shareIn = (tenants: Exclude<TenantScope, { kind: 'all' }>, shares: ReadonlyMap<string, number>): number => {
  const named = tenants.names.reduce((sum, name) => sum + (shares.get(name) ?? 0), 0)
  return tenants.kind === 'only' ? named : 1 - named
}
