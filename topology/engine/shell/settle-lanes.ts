/** Waits until the buffers behind a portion take more, but not for long for a lane that holds up the others. */
import type { LaneRunner } from './lane-runner.ts'
import { settleLane } from './lane-work.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned } from './persist.ts'

// Longer than a disk in good health takes for what a portion spills.
const patienceMs = 5_000

/** A lane that the others no longer wait for. */
export interface LateLane {
  readonly lane: LaneRunner
  readonly settled: Promise<void>
}

/** Gives way too: timers and I/O have their turn between two portions. Resolves with the lanes that were too late. */
export const settleLanes = async (
  context: PartitionContext,
  lanes: readonly LaneRunner[],
): Promise<readonly LateLane[]> => {
  const { parts } = context
  const open = new Map<LaneRunner, Promise<void>>()
  for (const lane of lanes) {
    const settled = settle(context, lane).finally(() => open.delete(lane))
    open.set(lane, settled)
  }
  const all = Promise.all(open.values())
  // Nobody waits for it any more where a lane is late.
  all.catch(() => undefined)
  const way = parts.giveWay()
  await Promise.race([all, way])
  await way
  if (open.size === 0) return []
  const end = new AbortController()
  await Promise.race([all, parts.clock.sleep(patienceMs, end.signal)]).finally(() => end.abort())
  // Where all of them are late none holds up another.
  if (open.size === lanes.length) await Promise.race(open.values())
  return [...open].map(([lane, settled]) => ({ lane, settled }))
}

const settle = async (context: PartitionContext, lane: LaneRunner): Promise<void> => {
  try {
    await settleLane(context, lane)
  } catch (error) {
    if (error instanceof Abandoned) throw error
    lane.fail(error)
  }
}
