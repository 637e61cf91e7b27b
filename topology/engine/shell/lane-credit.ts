/**
 * What all lanes of a process hold together, and whether its budget has room for another fetch; the largest epochs are
 * closed early where it has none (I-6).
 *
 * A partition is looked at when something of it has changed. So a fetch costs the same however many partitions the
 * process has, as long as there is room; where there seems to be none all are asked once more, for what a sink lets go of
 * by itself (to a disk, say) nobody has told.
 */
import { type CreditState, epochsToClose, isUnderPressure, mayFetch } from '../credit.ts'
import type { EngineParts } from './engine-parts.ts'
import type { LaneRunner } from './lane-runner.ts'

type HoldingLane = Pick<LaneRunner, 'heldBytes' | 'openBytes' | 'check' | 'fail'>

/** The lanes of one partition. */
export interface LaneHolder {
  readonly lanes: ReadonlyMap<number, HoldingLane>
}

export class LaneCredit {
  readonly #knob: EngineParts['knob']
  readonly #held = new Map<LaneHolder, number>()
  #heldBytes = 0

  constructor({ knob }: Pick<EngineParts, 'knob'>) {
    this.#knob = knob
  }

  /** Lanes of the partition have taken something, or let something go. */
  note(holder: LaneHolder): void {
    let bytes = 0
    for (const lane of holder.lanes.values()) bytes += bytesOf(lane, lane.heldBytes)
    this.#heldBytes += bytes - (this.#held.get(holder) ?? 0)
    if (bytes === 0) this.#held.delete(holder)
    else this.#held.set(holder, bytes)
  }

  hasRoom(bytes: number): boolean {
    if (!isUnderPressure(this.#state()) && mayFetch(this.#state(), bytes)) return true
    for (const holder of [...this.#held.keys()]) this.note(holder)
    const state = this.#state()
    if (isUnderPressure(state)) this.#closeLargest(state)
    return mayFetch(state, bytes)
  }

  #state(): CreditState {
    return { budgetBytes: this.#knob('memory.budgetBytes'), heldBytes: this.#heldBytes }
  }

  #closeLargest(credit: CreditState): void {
    const lanes = [...this.#held.keys()].flatMap((holder) => [...holder.lanes.values()])
    const holders = lanes.map((lane, index) => ({ id: String(index), openBytes: bytesOf(lane, lane.openBytes) }))
    for (const id of epochsToClose(credit, holders)) lanes[Number(id)]!.check('pressure')
  }
}

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
