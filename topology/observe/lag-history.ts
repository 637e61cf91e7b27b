/**
 * Lag over the whole run in a bounded number of points: when there are too many, every second one is left out and the
 * next ones lie twice as far apart. A day and an hour cost the same.
 */
import type { RunSnapshot } from '../model/run-snapshot.ts'

export interface LagPoint {
  readonly atMs: number
  /** Of the branch that is furthest behind. */
  readonly lagMs: number
  /** Of its live lanes alone, of the branch that is worst there. */
  readonly freshMs: number
  readonly lagEvents: number
  readonly eventsPerSecond: number
}

export const historyPointsMax = 720
const firstSpacingMs = 2_000

export class LagHistory {
  #points: LagPoint[] = []
  #spacingMs = firstSpacingMs
  /** By branch: the most that was behind since it was last caught up. */
  readonly #peaks = new Map<string, number>()

  see(snapshot: RunSnapshot): void {
    for (const { branch, lagEvents } of snapshot.branches)
      this.#peaks.set(branch, lagEvents === 0 ? 0 : Math.max(lagEvents, this.#peaks.get(branch) ?? 0))
    const last = this.#points.at(-1)
    if (last !== undefined && snapshot.atMs - last.atMs < this.#spacingMs) return
    this.#points.push(pointOf(snapshot))
    if (this.#points.length <= historyPointsMax) return
    this.#points = this.#points.filter((_, index) => index % 2 === 0)
    this.#spacingMs *= 2
  }

  points(): readonly LagPoint[] {
    return this.#points
  }

  /** How much of its backlog a branch has done, 0..1; `null` without one. */
  doneRatio(branch: string, lagEvents: number): number | null {
    const peak = this.#peaks.get(branch) ?? 0
    return peak === 0 || lagEvents === 0 ? null : Math.max(0, 1 - lagEvents / peak)
  }
}

const pointOf = ({ atMs, branches, totals }: RunSnapshot): LagPoint => {
  // What a person has paused is behind by intent and would hide the rest.
  const shown = branches.filter(({ state, namespace }) => state !== 'paused' && namespace === null)
  return {
    atMs,
    lagMs: Math.max(0, ...shown.map(({ lagMs }) => lagMs)),
    freshMs: Math.max(0, ...shown.map(({ freshMs }) => freshMs)),
    lagEvents: shown.reduce((sum, { lagEvents }) => sum + lagEvents, 0),
    eventsPerSecond: totals.eventsPerSecond,
  }
}
