/**
 * A snapshot as it is written beside the rows every second: without what any reader finds in the ledger as well, and no
 * larger than a row may be, however many partitions and tenants there are.
 */
import type { LagLine, RunSnapshot } from '../model/run-snapshot.ts'

// Each line is some 400 bytes: 200 KB a second at most, of thousands of lanes.
const lagLinesMax = 400
const stagesMax = 200
const callsMax = 30

export const publishedSnapshot = (snapshot: RunSnapshot): RunSnapshot => ({
  ...snapshot,
  lag: snapshot.lag
    .filter(isTold)
    .sort((left, right) => right.lagEvents - left.lagEvents)
    .slice(0, lagLinesMax)
    .map(rounded),
  stages: [...snapshot.stages].sort((left, right) => right.cpuMs - left.cpuMs).slice(0, stagesMax),
  calls: snapshot.calls.slice(0, callsMax),
})

/** Of a lane that has nothing before it the ledger tells enough. */
const isTold = ({ lagEvents, heldEvents, laneClass }: LagLine): boolean =>
  lagEvents > 0 || heldEvents > 0 || laneClass !== 'live'

const rounded = (line: LagLine): LagLine => ({
  ...line,
  eventsPerSecond: Math.round(line.eventsPerSecond * 10) / 10,
  bytesPerSecond: Math.round(line.bytesPerSecond),
  slopeEventsPerSecond: Math.round(line.slopeEventsPerSecond * 10) / 10,
  drainMultiple: line.drainMultiple === null ? null : Math.round(line.drainMultiple * 100) / 100,
})
