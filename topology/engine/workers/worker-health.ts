/**
 * Whether a worker still lives, as its supervisor sees it from outside, and how long to wait before another takes its
 * place. Pure: what was seen and the time are given.
 */
export interface WorkerSigns {
  readonly startedAtMs: number
  /** Whether it has loaded everything. */
  readonly isReady: boolean
  /** When it was heard last; `undefined` before the first time. */
  readonly heardAtMs: number | undefined
  /** When the oldest mark that still stands was set. */
  readonly markedAtMs: number | undefined
  /** Since when it says that one call of user code is open; `undefined`: none. */
  readonly callSinceMs: number | undefined
}

export interface HealthKnobs {
  readonly heartbeatMs: number
  readonly callMs: number
}

export type WorkerHealth = 'well' | 'silent' | 'overrun'

// A process that begins loads the user's topology and opens its stores, which may take long on a busy machine.
const startMs = 60_000

export const judgeWorker = (signs: WorkerSigns, { heartbeatMs, callMs }: HealthKnobs, nowMs: number): WorkerHealth => {
  const { startedAtMs, isReady, heardAtMs, markedAtMs, callSinceMs } = signs
  if (!isReady || heardAtMs === undefined)
    return nowMs - startedAtMs > Math.max(startMs, heartbeatMs) ? 'silent' : 'well'
  if (nowMs - heardAtMs > heartbeatMs) return 'silent'
  // It says so itself; or it has not said anything since records went into user code.
  if (callSinceMs !== undefined && nowMs - callSinceMs > callMs) return 'overrun'
  const isStuck = markedAtMs !== undefined && heardAtMs <= markedAtMs && nowMs - markedAtMs > callMs
  return isStuck ? 'overrun' : 'well'
}

/** How often a worker says that it lives: often enough for every bound on its silence. */
export const beatEveryMs = ({ heartbeatMs, callMs }: HealthKnobs): number =>
  Math.max(25, Math.min(1_000, heartbeatMs / 4, callMs / 4))

// Deaths that lie further back count no more.
const forgetMs = 60_000
const firstPauseMs = 250
const mostPauseMs = 30_000

/** Deaths of the worker that still count, the newest last. */
export const recentDeaths = (deathsMs: readonly number[], nowMs: number): readonly number[] =>
  deathsMs.filter((atMs) => nowMs - atMs < forgetMs && atMs <= nowMs)

/** Pause before the next start: none for the first death, then longer and longer. */
export const restartPauseMs = (deathsMs: readonly number[], nowMs: number): number => {
  const { length } = recentDeaths(deathsMs, nowMs)
  return length <= 1 ? 0 : Math.min(mostPauseMs, firstPauseMs * 2 ** (length - 2))
}
