/**
 * What a lane may do now. The supervisor decides it, whoever runs the lane obeys; it changes when work is done and never
 * what it gives (I-1).
 */

/** Which share of a process a lane's work comes out of. Deletes are no lane, but have a share of their own. */
export type LaneClass = 'live' | 'tenant' | 'backlog' | 'replay'
export type WorkClass = LaneClass | 'delete'

export interface LanePermit {
  readonly laneClass: LaneClass
  /** False: it reads nothing until it is told otherwise, and what it has open is closed. */
  readonly mayRead: boolean
  /** Records a second that it may read at most; infinite: no limit. */
  readonly recordsPerSecond: number
}

/** By lane id. A lane that is not in it reads without a limit. */
export type LanePermits = ReadonlyMap<number, LanePermit>
