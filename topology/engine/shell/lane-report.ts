/** What a runner tells its supervisor of one lane. */
import type { LaneReport } from '../../model/work-report.ts'
import type { LaneRunner } from './lane-runner.ts'

/** `isWaiting`: it has no permit to read. */
export const laneReport = (
  spout: string,
  partition: number,
  lane: LaneRunner,
  isWaiting: boolean,
  nowMs: number,
): LaneReport => {
  const { id, position, work } = lane
  const place = { spout, partition, lane: id, position, heldSinceMs: work.heldSinceMs }
  return lane.meter.report(place, phaseOf(lane, isWaiting), nowMs)
}

/** What is closed is finished before a pause: only a lane that reads says why it does not. */
const phaseOf = ({ work, isPaused }: LaneRunner, isWaiting: boolean): LaneReport['phase'] => {
  if (work.phase === 'stopped' || work.phase === 'finished') return 'stopped'
  if (work.phase !== 'reading') return work.phase
  if (isPaused) return 'paused'
  return isWaiting ? 'waiting' : 'reading'
}
