/** What a runner tells its supervisor of one lane. */
import type { LaneReport } from '../../model/work-report.ts'
import { longestOpenMs } from '../epoch-rules.ts'
import { epochBounds } from './lane-proposals.ts'
import type { LaneRunner } from './lane-runner.ts'
import type { PartitionContext } from './partition-context.ts'

/** `isWaiting`: it has no permit to read. */
export const laneReport = (
  context: PartitionContext,
  lane: LaneRunner,
  isWaiting: boolean,
  nowMs: number,
): LaneReport => {
  const { id, node, gate, position, work } = lane
  const spout = context.plan.spout.name
  const place = { spout, partition: context.partition, lane: id, position, heldSinceMs: work.heldSinceMs }
  const closeMs = longestOpenMs(node.kind, epochBounds(context, node, gate.laneClass))
  return { ...lane.meter.report(place, phaseOf(lane, isWaiting), nowMs), closeMs }
}

/** What is closed is finished before a pause: only a lane that reads says why it does not. */
const phaseOf = ({ work, isPaused }: LaneRunner, isWaiting: boolean): LaneReport['phase'] => {
  if (work.phase === 'stopped' || work.phase === 'finished') return 'stopped'
  if (work.phase !== 'reading') return work.phase
  if (isPaused) return 'paused'
  return isWaiting ? 'waiting' : 'reading'
}
