/**
 * The partitions that this process has now. They come and go one by one while the others run on undisturbed: one that is
 * kept is not touched, one that is lost stops reading at once and finishes only what it has declared.
 *
 * Two owners of a partition at once are safe (PROTOCOL section 3), so nothing here waits for the other one. A partition
 * that comes back gets a desk of its own, without anything that an earlier one had kept in memory.
 */
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Partition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { eitherSignal } from './either-signal.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PartitionDesk } from './partition-desk.ts'
import type { PartitionHost } from './partition-host.ts'
import { Abandoned } from './persist.ts'
import type { Pulse } from './pulse.ts'
import { settleWithin } from './settle-within.ts'

// What is declared is finished by the next owner as well; others wait for a process that leaves.
const leaveMs = 2_000

/** A partition of the log of a spout. */
export interface PartitionPlace {
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly partition: Partition
  /** End of the log when the run began. */
  readonly end: number
}

/** Opens a partition and starts its lanes. `opened` hears of the desk before it starts. */
export type OpenPartition = (
  place: PartitionPlace,
  host: PartitionHost,
  opened: (desk: PartitionDesk) => void,
) => Promise<void>

interface Seat {
  readonly place: PartitionPlace
  isWanted: boolean
  isStarting: boolean
  desk: PartitionDesk | undefined
  stop: AbortController
  abort: AbortController
  moving: Promise<void> | undefined
}

const emptySeat = (place: PartitionPlace): Seat => ({
  place,
  isWanted: false,
  isStarting: false,
  desk: undefined,
  stop: new AbortController(),
  abort: new AbortController(),
  moving: undefined,
})

export class OwnedPartitions {
  readonly #parts: EngineParts
  readonly #host: PartitionHost
  readonly #pulse: Pulse
  readonly #open: OpenPartition
  readonly #seats: ReadonlyMap<PartitionPlace, Seat>

  constructor(
    parts: EngineParts,
    host: PartitionHost,
    pulse: Pulse,
    places: readonly PartitionPlace[],
    open: OpenPartition,
  ) {
    this.#parts = parts
    this.#host = host
    this.#pulse = pulse
    this.#open = open
    this.#seats = new Map(places.map((place) => [place, emptySeat(place)]))
  }

  get desks(): readonly PartitionDesk[] {
    return [...this.#seats.values()].flatMap(({ desk }) => desk ?? [])
  }

  /** End of a partition's log when the run began. */
  endOf(desk: PartitionDesk): number {
    return this.#seats.values().find((seat) => seat.desk === desk)?.place.end ?? 0
  }

  deskAt(place: PartitionPlace): PartitionDesk | undefined {
    return this.#seats.get(place)?.desk
  }

  /** Makes these partitions of a log the ones that are had; resolves when they are. Rejects with class `stop`. */
  async own(log: EventLog, partitions: readonly Partition[]): Promise<void> {
    const seats = [...this.#seats.values()].filter(({ place }) => place.log.id === log.id)
    for (const seat of seats) {
      seat.isWanted = partitions.includes(seat.place.partition)
      // Nobody waits any more for what is being opened.
      if (!seat.isWanted && seat.isStarting) seat.abort.abort()
    }
    for (const seat of seats) if (this.#isDue(seat)) seat.moving ??= this.#move(seat)
    await Promise.all(seats.map(({ moving }) => moving))
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    const seats = [...this.#seats.values()]
    for (const seat of seats) {
      seat.isWanted = false
      seat.abort.abort()
    }
    await Promise.allSettled(seats.map(({ moving }) => moving))
    await Promise.allSettled(this.desks.map((one) => one.close()))
  }

  #isDue({ isWanted, desk }: Seat): boolean {
    return !this.#host.signal.aborted && isWanted !== (desk !== undefined)
  }

  async #move(seat: Seat): Promise<void> {
    try {
      while (this.#isDue(seat)) {
        if (seat.isWanted) await this.#take(seat)
        else await this.#give(seat)
      }
    } finally {
      seat.moving = undefined
      // What the run waits for may be done now: on a silent log nothing else would tell.
      this.#pulse.beat()
    }
  }

  async #take(seat: Seat): Promise<void> {
    const [stop, abort] = [new AbortController(), new AbortController()]
    Object.assign(seat, { stop, abort, isStarting: true })
    const host: PartitionHost = {
      ...this.#host,
      signal: eitherSignal(this.#host.signal, abort.signal),
      stopSignal: eitherSignal(this.#host.stopSignal, stop.signal),
      isStopping: () => stop.signal.aborted || this.#host.isStopping(),
      // What a partition meets that others have by now is theirs to meet.
      sinkStopped: (sink, error) => {
        if (!stop.signal.aborted) this.#host.sinkStopped(sink, error)
      },
    }
    try {
      await this.#open(seat.place, host, (desk) => {
        seat.desk = desk
      })
      // Lost in its last moments, and perhaps wanted again by now: this desk would never do anything.
      if (abort.signal.aborted) throw new Abandoned()
    } catch (error) {
      abort.abort()
      const { desk } = seat
      seat.desk = undefined
      await desk?.close()
      if (!(error instanceof Abandoned)) throw error
    } finally {
      seat.isStarting = false
    }
  }

  async #give(seat: Seat): Promise<void> {
    const { desk, stop, abort } = seat
    seat.desk = undefined
    stop.abort()
    desk?.leave()
    const isSettled = (): boolean => this.#host.signal.aborted || desk?.isSettled !== false
    await settleWithin(this.#parts, this.#pulse, leaveMs, isSettled)
    abort.abort()
    await desk?.close().catch(() => undefined)
  }
}
