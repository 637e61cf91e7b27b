/**
 * What all lanes of a process hold together with what is being fetched for them, and whether its budget has room for
 * another fetch; the largest epochs are closed early where it has none (I-6). A share of the budget is kept for live
 * lanes: a backlog cannot use it up. Nor can a store that hangs: what has been read behind an epoch that it does not take
 * is given back, and read again when it does.
 *
 * A partition is looked at when something of it has changed. So a fetch costs the same however many partitions the
 * process has, as long as there is room; where there seems to be none all are asked once more, for what a sink lets go of
 * by itself (to a disk, say) nobody has told.
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { type CreditState, creditOfOthers, epochsToClose, isUnderPressure, mayFetch } from '../credit.ts'
import type { EngineParts } from './engine-parts.ts'
import type { LaneRunner } from './lane-runner.ts'

type HoldingLane = Pick<LaneRunner, 'heldBytes' | 'openBytes' | 'check' | 'fail' | 'letGo'> & {
  readonly work: Pick<LaneRunner['work'], 'phase'>
  readonly meter: Pick<LaneRunner['meter'], 'phaseSinceMs'>
  readonly gate?: Pick<LaneRunner['gate'], 'laneClass'>
}

/** The lanes of one partition. */
export interface LaneHolder {
  readonly lanes: ReadonlyMap<number, HoldingLane>
}

/** Bytes of fetches that are under way, or whose records are: all, and of lanes that are not live. */
interface Reading {
  readonly heldBytes: number
  readonly otherBytes: number
}

interface Held {
  readonly bytes: number
  readonly otherBytes: number
}

// Longer than an epoch is written by a store in good health.
const hungMs = 10_000

export class LaneCredit {
  readonly #knob: EngineParts['knob']
  readonly #clock: EngineParts['clock']
  readonly #reading: Reading
  readonly #held = new Map<LaneHolder, Held>()
  #heldBytes = 0
  /** Of lanes that are not live. */
  #otherBytes = 0

  constructor(
    { knob, clock }: Pick<EngineParts, 'knob' | 'clock'>,
    reading: Reading = { heldBytes: 0, otherBytes: 0 },
  ) {
    this.#knob = knob
    this.#clock = clock
    this.#reading = reading
  }

  /** Of all lanes, as far as was noted. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Lanes of the partition have taken something, or let something go. */
  note(holder: LaneHolder): void {
    const now = { bytes: 0, otherBytes: 0 }
    for (const lane of holder.lanes.values()) {
      const bytes = bytesOf(lane, lane.heldBytes)
      now.bytes += bytes
      if (bytes > 0 && isOther(lane)) now.otherBytes += bytes
    }
    const before = this.#held.get(holder)
    this.#heldBytes += now.bytes - (before?.bytes ?? 0)
    this.#otherBytes += now.otherBytes - (before?.otherBytes ?? 0)
    if (now.bytes === 0) this.#held.delete(holder)
    else this.#held.set(holder, now)
  }

  hasRoom(bytes: number, laneClass: LaneClass = 'live'): boolean {
    if (plantedFaults.has('budget-ignored')) return true
    if (this.#bounds(laneClass).every((one) => one === undefined || (!isUnderPressure(one) && mayFetch(one, bytes))))
      return true
    for (const holder of [...this.#held.keys()]) this.note(holder)
    const [all, others] = this.#bounds(laneClass)
    if (isUnderPressure(all))
      this.#relieve(
        () => this.#bounds(laneClass)[0],
        () => true,
      )
    else if (others !== undefined) this.#relieve(() => this.#bounds(laneClass)[1] ?? others, isOther)
    return this.#bounds(laneClass).every((one) => one === undefined || mayFetch(one, bytes))
  }

  #bounds(laneClass: LaneClass): readonly [all: CreditState, others?: CreditState] {
    const all = this.#state()
    if (laneClass === 'live') return [all]
    const otherBytes = this.#otherBytes + this.#reading.otherBytes
    return [all, creditOfOthers(all.budgetBytes, otherBytes, this.#knob('live.reserveRatio'))]
  }

  #state(): CreditState {
    return { budgetBytes: this.#knob('memory.budgetBytes'), heldBytes: this.#heldBytes + this.#reading.heldBytes }
  }

  #relieve(creditNow: () => CreditState, mayClose: (lane: HoldingLane) => boolean): void {
    for (const { holder, lane } of this.#hung(mayClose)) {
      if (!isUnderPressure(creditNow())) return
      letGo(lane)
      this.note(holder)
    }
    this.#closeLargest(creditNow(), mayClose)
  }

  /** Lanes that collect behind an epoch which is written for too long, the largest first. */
  #hung(mayClose: (lane: HoldingLane) => boolean): readonly { holder: LaneHolder; lane: HoldingLane }[] {
    const sinceMs = this.#clock.nowMs() - hungMs
    return [...this.#held.keys()]
      .flatMap((holder) => [...holder.lanes.values()].map((lane) => ({ holder, lane })))
      .filter(({ lane }) => lane.work.phase === 'writing' && lane.meter.phaseSinceMs < sinceMs && mayClose(lane))
      .map((one) => ({ ...one, openBytes: bytesOf(one.lane, one.lane.openBytes) }))
      .filter(({ openBytes }) => openBytes > 0)
      .sort((left, right) => right.openBytes - left.openBytes)
  }

  #closeLargest(credit: CreditState, mayClose: (lane: HoldingLane) => boolean): void {
    const lanes = [...this.#held.keys()].flatMap((holder) => [...holder.lanes.values()]).filter(mayClose)
    const holders = lanes.map((lane, index) => ({ id: String(index), openBytes: bytesOf(lane, lane.openBytes) }))
    for (const id of epochsToClose(credit, holders)) lanes[Number(id)]!.check('pressure')
  }
}

/** What its sink throws is its own fault. */
const letGo = (lane: HoldingLane): void => {
  try {
    lane.letGo()
  } catch (error) {
    lane.fail(error)
  }
}

const isOther = ({ gate }: HoldingLane): boolean => gate !== undefined && gate.laneClass !== 'live'

// More than any budget; thousands of them still add up exactly.
const heldBytesMax = 2 ** 40

/**
 * Whatever a sink answers: the sum goes up and down for months, and what is no number would stay in it for good. What it
 * throws is its own fault, and stops nobody who only asks.
 */
const bytesOf = (lane: HoldingLane, ask: () => number): number => {
  try {
    const bytes = ask()
    return bytes > 0 ? Math.ceil(Math.min(bytes, heldBytesMax)) : 0
  } catch (error) {
    lane.fail(error)
    return 0
  }
}
