/**
 * What is given up first when the fresh data cannot be kept up with, and when it is taken back: a pure machine fed by the
 * lag of live lanes. Live work is the last: it is slowed only when everything else rests.
 */
export const shedOrder = ['replay', 'delete', 'read', 'optional', 'tenant', 'backlog', 'live'] as const
export type Sheddable = (typeof shedOrder)[number]

export interface ShedKnobs {
  /** `admission.softLagMs`: nothing is given up below. */
  readonly softLagMs: number
  /** `admission.hardLagMs`: everything is given up above, live work included. */
  readonly hardLagMs: number
}

export interface ShedState {
  /** How many of the order are given up. */
  readonly level: number
  readonly sinceMs: number
  /** Since when a lower level would do. */
  readonly easingSinceMs?: number
}

export const nothingShed: ShedState = { level: 0, sinceMs: 0 }

// What was given up stays so for a while: whoever is let in again at the first good moment brings the next bad one.
const easingMs = 10_000

/** Between the two bounds the classes are spread evenly; the last of them lies at the hard one. */
export const levelFor = (lagMs: number, { softLagMs, hardLagMs }: ShedKnobs): number => {
  if (lagMs < softLagMs) return 0
  if (lagMs >= hardLagMs) return shedOrder.length
  const spread = (lagMs - softLagMs) / Math.max(1, hardLagMs - softLagMs)
  return 1 + Math.floor(spread * (shedOrder.length - 1))
}

/** Up at once, down one class at a time. */
export const shedStep = (state: ShedState, lagMs: number, nowMs: number, knobs: ShedKnobs): ShedState => {
  const wanted = levelFor(lagMs, knobs)
  if (wanted > state.level) return { level: wanted, sinceMs: nowMs }
  if (wanted === state.level) return { level: state.level, sinceMs: state.sinceMs }
  const easingSinceMs = state.easingSinceMs ?? nowMs
  if (nowMs - easingSinceMs < easingMs) return { ...state, easingSinceMs }
  return { level: state.level - 1, sinceMs: nowMs, easingSinceMs: nowMs }
}

export const isShed = ({ level }: Pick<ShedState, 'level'>, work: Sheddable): boolean => shedOrder.indexOf(work) < level
