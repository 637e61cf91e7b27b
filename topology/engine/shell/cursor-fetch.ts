/**
 * What a cursor has fetched and not processed yet: at most one batch, in portions, which counts for the process as long
 * as something of it is left (I-6).
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import { offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { checkLeader } from './check-leader.ts'
import type { LaneGate } from './lane-permits.ts'
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
  /** Where the cursor stops; asked when the batch is there. */
  readonly stopsAt: () => number
}

// Of a fetch: what is kept of so little counts for nothing, and a slow lane need not read it again.
const smallRatio = 1 / 64
// Whoever has more than for so long waits for long.
const keptSeconds = 2

type Gates = () => readonly Pick<LaneGate, 'portionRecords' | 'reachRecords'>[]

export class CursorFetch {
  readonly #context: PartitionContext
  /** Of the lanes that it fetches for. */
  readonly #gates: Gates
  /** Of a record, as the last fetch has brought them. */
  #recordBytes = 0
  #kept: RecordBatch[] = []
  #held: Reservation | undefined
  #isAtHead = false
  #isCut = false

  constructor(context: PartitionContext, gates: Gates) {
    this.#context = context
    this.#gates = gates
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
    return this.#mostBytes(laneClass)
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
    const most = this.#context.parts.knob('batch.records', undefined, place.laneClass)
    // Who may read so many a second is given no more at once.
    const given = Math.min(most, ...this.#gates().map(({ portionRecords }) => Math.ceil(portionRecords)))
    this.#kept = [...portionsOf(batch, Math.max(1, given), all)]
    if (batch.records.length > 0) this.#recordBytes = batch.byteLength / batch.records.length
    return batch
  }

  /** The portion is processed. */
  shift(): void {
    this.#kept.shift()
    if (this.#kept.length === 0) this.drop()
  }

  /** The lanes wait. What is kept takes its room from others: where it lasts for long it is read again later. */
  rest(laneClass: LaneClass): void {
    const records = this.#kept.reduce((sum, one) => sum + one.records.length, 0)
    const isLittle = records * this.#recordBytes <= this.#smallBytes(laneClass)
    if (!isLittle && records > this.#reachRecords() * keptSeconds) this.drop()
  }

  drop(): void {
    this.#kept = []
    this.#held?.end()
    this.#held = undefined
  }

  /** For lanes that have a rate about what they pass in a second is fetched. */
  #mostBytes(laneClass: LaneClass): number {
    const mostBytes = this.#context.parts.knob('fetch.partitionBytes', undefined, laneClass)
    const reach = this.#reachRecords()
    if (reach === Number.POSITIVE_INFINITY) return mostBytes
    return Math.min(mostBytes, Math.max(this.#smallBytes(laneClass), Math.ceil(reach * this.#recordBytes)))
  }

  /** Records that the slowest lane passes in about a second; infinite where none has a rate. */
  #reachRecords(): number {
    return Math.min(...this.#gates().map(({ reachRecords }) => reachRecords))
  }

  #smallBytes(laneClass: LaneClass): number {
    return Math.ceil(this.#context.parts.knob('fetch.partitionBytes', undefined, laneClass) * smallRatio)
  }

  async #fetch({ position, leaderEpoch, laneClass, waitMs, stopsAt }: FetchPlace): Promise<RecordBatch> {
    const { parts, stopSignal } = this.#context
    const maxBytes = this.#mostBytes(laneClass)
    const minBytes = Math.min(maxBytes, parts.knob('fetch.minBytes', undefined, laneClass))
    const behind = laneClass === 'live' ? {} : { isBacklog: true, minBytes }
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
