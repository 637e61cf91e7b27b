/**
 * Rates of counters that grow: what was noted every second is kept for half an hour, the older the sparser, so that a
 * lane costs some dozens of numbers however long it is watched.
 */

/** A counter that goes back has begun anew: what was noted before says nothing about it. */
export type Counts<Name extends string> = Readonly<Record<Name, number>>

interface Noted<Name extends string> {
  readonly atMs: number
  readonly counts: Counts<Name>
}

const keptMs = 1_800_000

/** Behind `afterMs`, notes lie so far apart. */
const tiers: readonly { readonly afterMs: number; readonly spacingMs: number }[] = [
  { afterMs: 20_000, spacingMs: 10_000 },
  { afterMs: 300_000, spacingMs: 60_000 },
]

export class RateWindow<Name extends string> {
  readonly #growing: readonly Name[]
  #noted: Noted<Name>[] = []

  /** `growing`: those of the counters that never go back while they are the same. */
  constructor(growing: readonly Name[]) {
    this.#growing = growing
  }

  note(atMs: number, counts: Counts<Name>): void {
    const last = this.#noted.at(-1)
    if (last !== undefined && this.#growing.some((name) => counts[name] < last.counts[name])) this.#noted = []
    if (last !== undefined && atMs <= last.atMs) return
    this.#noted.push({ atMs, counts })
    this.#thin(atMs)
  }

  /** For how long it is watched without a break, as far as that is kept. */
  get spanMs(): number {
    return (this.#noted.at(-1)?.atMs ?? 0) - (this.#noted[0]?.atMs ?? 0)
  }

  get last(): Counts<Name> | undefined {
    return this.#noted.at(-1)?.counts
  }

  /** Change a second over about the last `ms`; `undefined` before there are two notes. */
  perSecond(name: Name, ms: number): number | undefined {
    const last = this.#noted.at(-1)
    if (last === undefined) return undefined
    let first = this.#noted.length - 1
    while (first > 0 && this.#noted[first - 1]!.atMs >= last.atMs - ms) first--
    const begin = this.#noted[first] === last ? this.#noted.at(-2) : this.#noted[first]
    if (begin === undefined) return undefined
    return ((last.counts[name] - begin.counts[name]) * 1_000) / (last.atMs - begin.atMs)
  }

  /** Rates of the stretches of about `ms` each that are kept, the oldest first. */
  stretches(name: Name, ms: number): readonly number[] {
    const rates: number[] = []
    let begin = this.#noted[0]
    for (const one of this.#noted) {
      if (begin === undefined || one.atMs - begin.atMs < ms) continue
      rates.push(((one.counts[name] - begin.counts[name]) * 1_000) / (one.atMs - begin.atMs))
      begin = one
    }
    return rates
  }

  #thin(nowMs: number): void {
    const old = this.#notedBy(nowMs - keptMs - 1)
    if (old >= 0) this.#noted.splice(0, old + 1)
    for (const { afterMs, spacingMs } of tiers) {
      // Only one leaves the denser part with each note.
      const edge = this.#notedBy(nowMs - afterMs)
      const [before, after] = [this.#noted[edge - 1], this.#noted[edge + 1]]
      if (before !== undefined && after !== undefined && after.atMs - before.atMs < spacingMs)
        this.#noted.splice(edge, 1)
    }
  }

  /** Index of the last note of this time or before; -1: there is none. */
  #notedBy(atMs: number): number {
    let [low, high] = [0, this.#noted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#noted[middle]!.atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
