/**
 * Finds how many backlog lanes read at once: too few leave CPU and stores idle, too many make everything slower. A climb
 * over measured throughput, one number of lanes for `backlog.probeMs` at a time.
 *
 * A move must pay by more than what measuring is worth, and of two that are as good the smaller is taken. When log or
 * store answer late the number is halved at once, whatever the throughput says.
 */
export interface ProbeState {
  /** Lanes that may read now. */
  readonly limit: number
  /** Since when they are measured, and how much had been read then. */
  readonly sinceMs: number
  readonly sinceRecords: number
  /** What each number of lanes has given, records a second, and when that was seen. */
  readonly measured: ReadonlyMap<number, { readonly rate: number; readonly atMs: number }>
  /** Before that it is not halved once more. */
  readonly calmFromMs: number
}

export interface ProbeSample {
  readonly nowMs: number
  /** Records that backlog lanes have read since the process began. */
  readonly records: number
  /** Ranges that would read if they might. */
  readonly wanted: number
  /** The log, or a store, answers late. */
  readonly isStrained: boolean
}

export interface ProbeKnobs {
  readonly probeMs: number
  readonly most: number
  /** One for each worker: with fewer one stands idle, which nobody has to measure. */
  readonly least: number
}

// Less is noise.
const gainRatio = 1.05
// What was measured so many probes ago says nothing about now.
const probesKept = 30
const ladderRatio = 1.3

export const firstProbe = (limit: number, nowMs: number): ProbeState => ({
  limit,
  sinceMs: nowMs,
  sinceRecords: 0,
  measured: new Map(),
  calmFromMs: nowMs,
})

export const probeStep = (state: ProbeState, sample: ProbeSample, knobs: ProbeKnobs): ProbeState => {
  const { probeMs, most, least } = knobs
  const { nowMs, records, wanted, isStrained } = sample
  const begun = { sinceMs: nowMs, sinceRecords: records }
  if (isStrained) {
    if (nowMs < state.calmFromMs) return { ...state, ...begun }
    const limit = Math.max(1, Math.floor(state.limit / 2))
    // What more lanes gave they gave before it was too much.
    const measured = new Map([...state.measured].filter(([lanes]) => lanes < limit))
    return { limit, ...begun, measured, calmFromMs: nowMs + probeMs }
  }
  // With fewer ranges than may read there is nothing to be learnt; nor where what others have now counts no more.
  if (wanted < state.limit || records < state.sinceRecords) return { ...state, ...begun }
  const passedMs = nowMs - state.sinceMs
  if (passedMs < probeMs) return state
  const seen = ((records - state.sinceRecords) * 1_000) / passedMs
  const before = state.measured.get(state.limit)
  const rate = before === undefined ? seen : (before.rate + seen) / 2
  const isFresh = (one: { readonly atMs: number }): boolean => nowMs - one.atMs <= probesKept * probeMs
  const kept = [...state.measured].filter(([, one]) => isFresh(one))
  const measured = new Map([...kept, [state.limit, { rate, atMs: nowMs }]])
  const bounds = { least: Math.min(least, wanted), most: Math.min(most, wanted) }
  const limit = Math.min(nextLimit(measured, state.limit, bounds), most)
  return { ...state, limit: Math.max(bounds.least, limit), ...begun, measured }
}

/** Up first, for most backlogs gain by more; then down; then what has been best. */
const nextLimit = (
  measured: ProbeState['measured'],
  limit: number,
  { least, most }: Omit<ProbeKnobs, 'probeMs'>,
): number => {
  const best = bestOf(measured)
  if (best !== limit && measured.get(best)!.rate > measured.get(limit)!.rate * gainRatio) return best
  const up = higher(limit)
  if (up <= most && !measured.has(up) && isBestAbove(measured, limit)) return up
  const down = lower(limit)
  if (down >= least && !measured.has(down)) return down
  return best
}

/** Whether nothing smaller was as good: else more would only load the stores. */
const isBestAbove = (measured: ProbeState['measured'], limit: number): boolean => {
  const { rate } = measured.get(limit)!
  return [...measured].every(([lanes, one]) => lanes >= limit || one.rate * gainRatio < rate)
}

/** The smallest whose throughput is not worth less than the highest. */
const bestOf = (measured: ProbeState['measured']): number => {
  const highest = Math.max(...[...measured.values()].map(({ rate }) => rate))
  const good = [...measured].filter(([, { rate }]) => rate * gainRatio >= highest)
  return Math.min(...good.map(([lanes]) => lanes))
}

const higher = (lanes: number): number => Math.max(lanes + 1, Math.floor(lanes * ladderRatio))

/** The one below it on the same ladder; a number that is not on it finds the next lower rung. */
const lower = (lanes: number): number => {
  let rung = 0
  for (let next = 1; next < lanes; next = higher(next)) rung = next
  return rung
}
