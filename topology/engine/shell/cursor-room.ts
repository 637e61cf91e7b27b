/**
 * Whether a cursor may fetch the next batch: its lanes have room and are not too fast, the memory budget and the fetches
 * of the process have room too. And how long a lane that has none may hold up the others.
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { LaneRunner } from './lane-runner.ts'
import type { PartitionContext } from './partition-context.ts'
import { waitForBeat } from './wait-for-beat.ts'

// Longer than an epoch is written by a store in good health.
const patienceMs = 5_000
// Where others read what has just come they wait for a moment only.
const freshPatienceMs = 250
// What is older is being caught up with.
const freshMs = 10_000
const lookMs = 100
// A lane that has got room tells by a beat; whoever waits for long looks now and then only.
const longestLookMs = 1_000
// A rate may be raised meanwhile.
const longestRestMs = 60_000

export interface RoomWanted {
  readonly laneClass: LaneClass
  /** What the fetch counts for. */
  readonly bytes: number
  /** It was fetched already; or it is the end of a recovery, which is declared and must be read, whatever else is held. */
  readonly isThere: boolean
}

export class CursorRoom {
  readonly #context: PartitionContext
  /** Since when some lane has had no room. */
  #fullSinceMs: number | undefined
  /** When the log took the last record that was read. */
  #appendMs: number | undefined

  constructor(context: PartitionContext) {
    this.#context = context
  }

  noteRead(appendMs: number | undefined): void {
    if (appendMs !== undefined && appendMs > 0) this.#appendMs = appendMs
  }

  /** Lanes that take nothing now. */
  fullOf(lanes: readonly LaneRunner[]): readonly LaneRunner[] {
    const nowMs = this.#context.parts.clock.nowMs()
    const full = lanes.filter((lane) => !lane.hasRoom || lane.gate.restMs(nowMs) > 0)
    if (full.length === 0) this.#fullSinceMs = undefined
    return full
  }

  /** Whether one of them has read more than it may by now. */
  isTooFast(lanes: readonly LaneRunner[]): boolean {
    const nowMs = this.#context.parts.clock.nowMs()
    return lanes.some((lane) => lane.gate.restMs(nowMs) > 0)
  }

  /** How long to wait before it is looked at again, ms; 0: go on. */
  restMs(wanted: RoomWanted, full: readonly LaneRunner[]): number {
    const { parts, turns } = this.#context
    if (full.length > 0) {
      const nowMs = parts.clock.nowMs()
      const rests = full.map((lane) => lane.gate.restMs(nowMs)).filter((restMs) => restMs > 0)
      const sinceMs = nowMs - (this.#fullSinceMs ?? nowMs)
      return Math.min(longestLookMs, Math.max(lookMs, sinceMs / 2), ...rests)
    }
    if (wanted.isThere) return 0
    // Credit may come from another partition, whose beat is not heard here.
    if (!this.#context.hasCredit(parts.knob('fetch.partitionBytes', undefined, wanted.laneClass), wanted.laneClass))
      return lookMs
    return Math.min(lookMs, turns?.reads.restMs(wanted.laneClass, wanted.bytes, this.#beat) ?? 0)
  }

  /** Waits until a lane has read no more than it may by then. */
  rest(lane: LaneRunner): Promise<void> {
    const { parts, stopSignal } = this.#context
    return parts.clock.sleep(Math.min(lane.gate.restMs(parts.clock.nowMs()), longestRestMs), stopSignal)
  }

  #beat = (): void => this.#context.pulse.beat()

  async wait(ms: number): Promise<void> {
    const { parts, pulse, signal } = this.#context
    await waitForBeat(parts.clock, pulse, ms, signal)
  }

  /** Whether lanes that take nothing have held up the others for long enough; they fall behind alone then. */
  isPatienceOver(): boolean {
    const nowMs = this.#context.parts.clock.nowMs()
    this.#fullSinceMs ??= nowMs
    const isFresh = this.#appendMs !== undefined && nowMs - this.#appendMs < freshMs
    if (
      plantedFaults.has('slow-sink-holds-all') ||
      nowMs - this.#fullSinceMs < (isFresh ? freshPatienceMs : patienceMs)
    )
      return false
    this.#fullSinceMs = undefined
    return true
  }
}
