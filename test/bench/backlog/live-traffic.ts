/** Steady traffic beside a backlog, and how long its events take to be seen by a bare client. */
import { setTimeout as pause } from 'node:timers/promises'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import type { NewRecord } from '../../../topology/model/record.ts'
import { percentile } from '../figures.ts'
import type { VisibleEvents } from '../visible-events.ts'

export interface LiveEvent {
  readonly timeMs: number
  readonly record: NewRecord
  readonly project: string
  /** Whether it is waited for. */
  readonly isWatched: boolean
}

export interface Freshness {
  readonly medianMs: number
  readonly p99Ms: number
  readonly samples: number
}

const tickMs = 100
// Of these ticks one is watched: who asks the store all the time measures himself.
const watchedTicks = 4

/** How often each watched event is looked for. Dozens wait at once, and the store pays for each look. */
export const lookForMs = 100

/** Appends what `make` gives every 100 ms until it is stopped; of every fourth tick the last watched event of each partition is waited for. */
export class LiveTraffic {
  readonly #log: EventLog
  readonly #visible: VisibleEvents
  readonly #make: (tick: number) => readonly LiveEvent[]
  readonly #watching: Promise<unknown>[] = []
  readonly #ended: Promise<void>
  #samples: number[] = []
  #isOver = false
  events = 0

  constructor(log: EventLog, visible: VisibleEvents, make: (tick: number) => readonly LiveEvent[]) {
    this.#log = log
    this.#visible = visible
    this.#make = make
    this.#ended = this.#run()
  }

  /** Of what was seen since the last call. */
  take(): Freshness {
    const samples = this.#samples
    this.#samples = []
    return { medianMs: percentile(samples, 50), p99Ms: percentile(samples, 99), samples: samples.length }
  }

  /** Resolves when everything that was sent is visible. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#ended
    await Promise.all(this.#watching)
  }

  async #run(): Promise<void> {
    const beganMs = performance.now()
    for (let tick = 0; !this.#isOver; tick++) {
      const sent = this.#make(tick)
      const sinceMs = performance.now()
      const places = await this.#log.append(sent.map(({ record }) => record))
      this.events += sent.length
      const last = new Map<number, number>()
      const isWatched = tick % watchedTicks === 0
      for (const [index, { partition }] of isWatched ? places.entries() : [])
        if (sent[index]!.isWatched) last.set(partition, index)
      for (const index of last.values()) {
        const { timeMs, project } = sent[index]!
        const waiting = this.#visible.wait(places[index]!, timeMs, project)
        this.#watching.push(waiting.then(() => this.#samples.push(performance.now() - sinceMs)))
      }
      await pause(Math.max(0, beganMs + (tick + 1) * tickMs - performance.now()))
    }
  }
}
