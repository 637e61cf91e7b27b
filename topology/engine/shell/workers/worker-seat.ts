/** The place of one worker in a pool, through all its lives. */
import { plantedFaults } from '../../../model/planted-faults.ts'
import type { WorkerLine } from '../../../model/run-snapshot.ts'
import type { WorkerLink } from './worker-link.ts'

export interface WorkerSeat {
  readonly number: number
  link: WorkerLink | undefined
  deathsMs: number[]
  replaced: number
  lastReason: string
  /** By a person: it gets nothing until that is taken back. */
  isDrained: boolean
  /** It died over and over, and waits for long before it is tried again. */
  isResting: boolean
  /** There are to be fewer workers: it ends when it has nothing any more. */
  isLeaving: boolean
}

export const emptySeat = (number: number): WorkerSeat => ({
  number,
  link: undefined,
  deathsMs: [],
  replaced: 0,
  lastReason: '',
  isDrained: false,
  isResting: false,
  isLeaving: false,
})

/** It is given nothing, whatever the others have to do. */
export const isAway = ({ isDrained, isLeaving }: WorkerSeat): boolean =>
  isLeaving || (isDrained && !plantedFaults.has('drain-ignored'))

/** `slots`: how many it has, or is about to have. */
export const workerLine = (seat: WorkerSeat, slots: number, heartbeatMs: number, nowMs: number): WorkerLine => {
  const { number, link, replaced, lastReason } = seat
  const { pid = 0 } = link?.channel ?? {}
  const { rssBytes = 0, heldBytes = 0, budgetBytes = 0, loopDelayMs = 0, lanes = [] } = link?.report ?? {}
  return {
    worker: number,
    pid,
    startedAtMs: link?.startedAtMs ?? 0,
    state: stateOf(seat, slots, heartbeatMs, nowMs),
    beatAtMs: link?.heardAtMs ?? 0,
    lanes: lanes.filter(({ phase }) => phase !== 'stopped').length,
    ...{ rssBytes, heldBytes, budgetBytes, loopDelayMs, replaced, lastReason },
  }
}

// Heard less often than this, something is in its way.
const silentRatio = 0.5
const leastSilenceMs = 1_500

const stateOf = (
  { link, isDrained, isLeaving }: WorkerSeat,
  slots: number,
  heartbeatMs: number,
  nowMs: number,
): WorkerLine['state'] => {
  if (link?.isReady !== true) return 'starting'
  const isShown = !plantedFaults.has('silence-not-heard')
  if (isShown && nowMs - link.heardAtMs > Math.min(heartbeatMs, Math.max(leastSilenceMs, heartbeatMs * silentRatio)))
    return 'silent'
  if (isDrained || isLeaving) return slots > 0 ? 'draining' : 'drained'
  return 'running'
}
