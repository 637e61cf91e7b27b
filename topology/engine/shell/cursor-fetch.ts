/**
 * What a cursor has fetched and not processed yet: at most one batch, in portions, which counts for the process as long
 * as something of it is left (I-6).
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import { offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { checkLeader } from './check-leader.ts'
import { fetchForLanes, isFromHead } from './lane-work.ts'
import type { PartitionContext } from './partition-context.ts'
import { portionsOf } from './portions-of.ts'
import type { Reservation } from './read-limits.ts'
import { cutBatch } from './read-span.ts'

export interface FetchPlace {
  readonly position: number
  /** Of the record before the position, where that is known. */
  readonly leaderEpoch: number | undefined
  readonly laneClass: LaneClass
  readonly waitMs: number
  /** Records that one of the lanes may be given at once. */
  readonly mostRecords: number
  /** Where the cursor stops; asked when the batch is there. */
  readonly stopsAt: () => number
}

export class CursorFetch {
  readonly #context: PartitionContext
  #kept: RecordBatch[] = []
  #held: Reservation | undefined
  #isAtHead = false
  #isCut = false

  constructor(context: PartitionContext) {
    this.#context = context
  }

  /** The next portion. */
  get next(): RecordBatch | undefined {
    return this.#kept[0]
  }

  /** Whether the last fetch brought little, and all that there was: what comes next has just come. */
  get isQuiet(): boolean {
    return this.#isAtHead && !this.#isCut
  }

  /** What the next fetch counts for; one at the end of the log brings what has just come. */
  bytesOf(laneClass: LaneClass): number {
    if (this.next !== undefined || this.#isAtHead) return 0
    return this.#context.parts.knob('fetch.partitionBytes', undefined, laneClass)
  }

  /** Takes what the next fetch counts for, before anybody else asks for it. */
  reserve(laneClass: LaneClass): void {
    if (this.next !== undefined) return
    this.#held?.end()
    this.#held = this.#context.turns?.reads.begin(laneClass, this.bytesOf(laneClass))
  }

  /** Reads from the position on. The batch may be empty. */
  async read(place: FetchPlace): Promise<RecordBatch> {
    const batch = await this.#fetch(place)
    if (batch.to <= place.position) {
      this.drop()
      return batch
    }
    const all = place.leaderEpoch === batch.leaderEpoch ? batch.leaderEpoch : undefined
    const most = Math.max(
      1,
      Math.min(this.#context.parts.knob('batch.records', undefined, place.laneClass), Math.ceil(place.mostRecords)),
    )
    this.#kept = [...portionsOf(batch, most, all)]
    return batch
  }

  /** The portion is processed. */
  shift(): void {
    this.#kept.shift()
    if (this.#kept.length === 0) this.drop()
  }

  drop(): void {
    this.#kept = []
    this.#held?.end()
    this.#held = undefined
  }

  async #fetch({ position, leaderEpoch, laneClass, waitMs, stopsAt }: FetchPlace): Promise<RecordBatch> {
    const { parts, stopSignal } = this.#context
    const maxBytes = parts.knob('fetch.partitionBytes', undefined, laneClass)
    const behind =
      laneClass === 'live' ? {} : { isBacklog: true, minBytes: parts.knob('fetch.minBytes', undefined, laneClass) }
    const options = { maxBytes, waitMs, signal: stopSignal, ...behind }
    const batch = await fetchForLanes(this.#context, laneClass, offset(position), options)
    this.#held?.arrived(batch.byteLength)
    // Another leader may lack what was read under the one before it.
    const isOther = batch.leaderEpoch !== undefined && batch.leaderEpoch !== leaderEpoch
    if (isOther) await checkLeader(this.#context, position, leaderEpoch)
    // Where a lane stands ahead, the cursor stops to take it in; where another cursor does, to become one with it. Both
    // would pass each other for ever where records never cease to come.
    const cut = cutBatch(batch, stopsAt())
    this.#isCut = cut.to < batch.to
    this.#isAtHead = isFromHead(batch, { maxBytes })
    // Leaders follow one another: what lies between two records of one leader is of that leader.
    const isOfOne = batch.leaderEpoch !== undefined && !isOther
    return isOfOne ? { ...cut, leaderEpoch: batch.leaderEpoch } : cut
  }
}
