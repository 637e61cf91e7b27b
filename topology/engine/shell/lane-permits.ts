/**
 * What the lanes of one partition may do now, as the supervisor has said last. A lane that is not named reads without a
 * limit, so a partition works before anybody has said anything.
 */
import type { LaneClass, LanePermit, LanePermits } from '../../model/lane-permit.ts'
import type { LaneState } from '../../model/ledger-document.ts'
import { replayRate } from '../catch-up/replay-rate.ts'
import { TokenBucket } from '../catch-up/token-bucket.ts'
import { laneClassOf } from '../lane-class.ts'
import type { PartitionContext } from './partition-context.ts'

// Where few records are of the lane, so many cost little more than one.
const sparseRecords = 256

export class LanePermitsHolder {
  #permits: LanePermits = new Map()

  /** True where a lane may read now and might not before, or the other way round. */
  set(permits: LanePermits): boolean {
    const before = this.#permits
    this.#permits = permits
    const ids = new Set([...before.keys(), ...permits.keys()])
    return [...ids].some((id) => (before.get(id)?.mayRead ?? true) !== (permits.get(id)?.mayRead ?? true))
  }

  of(lane: number): LanePermit | undefined {
    return this.#permits.get(lane)
  }

  mayRead(lane: number): boolean {
    return this.#permits.get(lane)?.mayRead ?? true
  }
}

/** One lane at its permit: whether it may read, how fast, and for which share of the process. */
export class LaneGate {
  readonly #permits: LanePermitsHolder | undefined
  readonly #lane: number
  readonly #classNow: () => LaneClass
  readonly #rateNow: () => number
  readonly #isFree: () => boolean
  readonly #bucket = new TokenBucket()
  /** How many of the records that it has passed of late were its own. */
  #ownRatio = 1

  /** `rateNow`: what the ledger asks of it, before the supervisor has said more. `isFree`: no rate holds it now. */
  constructor(
    permits: LanePermitsHolder | undefined,
    lane: number,
    classNow: () => LaneClass,
    rateNow: () => number = () => Number.POSITIVE_INFINITY,
    isFree: () => boolean = () => false,
  ) {
    this.#permits = permits
    this.#lane = lane
    this.#classNow = classNow
    this.#rateNow = rateNow
    this.#isFree = isFree
  }

  get laneClass(): LaneClass {
    return this.#classNow()
  }

  get isOpen(): boolean {
    return this.#permits?.mayRead(this.#lane) ?? true
  }

  /** What is declared is read at once, for it holds the turn of its slot, which others wait for. */
  get recordsPerSecond(): number {
    if (this.#isFree()) return Number.POSITIVE_INFINITY
    const permitted = this.#permits?.of(this.#lane)?.recordsPerSecond ?? Number.POSITIVE_INFINITY
    return permitted === Number.POSITIVE_INFINITY ? this.#rateNow() : permitted
  }

  /** Records of the log that it passes in about a second, if as few as of late are its own. */
  get reachRecords(): number {
    return this.recordsPerSecond / this.#ownRatio
  }

  /** Records of the log that it may be given at once: about what a second allows of its own. */
  get portionRecords(): number {
    return Math.min(this.reachRecords, Math.max(this.recordsPerSecond, sparseRecords))
  }

  /** How long it has read too fast for, ms. */
  restMs(nowMs: number): number {
    return this.#bucket.restMs(nowMs, this.recordsPerSecond)
  }

  /** `passed`: with those that are not its own. */
  took(records: number, nowMs: number, passed = records): void {
    this.#bucket.take(records, nowMs, this.recordsPerSecond)
    if (passed > 0) this.#ownRatio = Math.max(records / passed, this.#ownRatio / 2)
  }
}

/** A lane as its gate sees it. */
interface GatedLane {
  readonly id: number
  readonly state: LaneState
  readonly isRecovering: boolean
}

/** The gate of a lane, by the ledger document of the moment. */
export const laneGate = (
  { permits, ledger }: Pick<PartitionContext, 'permits'> & { readonly ledger: Pick<PartitionContext['ledger'], 'doc'> },
  lane: GatedLane,
): LaneGate =>
  new LaneGate(
    permits,
    lane.id,
    () => laneClassOf(ledger.doc, lane.state),
    () => replayRate(ledger.doc, lane.state),
    () => lane.isRecovering,
  )
