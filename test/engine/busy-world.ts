/**
 * A running topology on one processor in virtual time: each event costs time in a bolt, tenants send as they are told,
 * and a sink notes when each event became durable.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { map } from 'rxjs'
import { defineTopology, type Event, log, type Topology } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import { put, type TestStep } from 'spillway/testing'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { RunOptions } from '../../topology/model/run-handle.ts'
import { GivenPorts } from './given-ports.ts'

interface Seen {
  readonly number: number
  readonly tenant: string
  readonly sentMs: number
  readonly delayMs: number
}

const stepMs = 50
const quietTurns = 16

export class BusyWorld {
  readonly given: GivenPorts = new GivenPorts()
  /** By sink. */
  readonly seen: Map<string, Seen[]> = new Map()
  run: EngineRun | undefined
  readonly #costMs: number
  #owed = new Map<string, number>()
  #burnt = 0
  #work = 0
  #sending: Readonly<Record<string, number>> = {}
  #sentMs: number = this.given.clock.nowMs()
  sent = 0

  constructor(costMs: number) {
    this.#costMs = costMs
  }

  async start(topology: Topology, options: RunOptions = {}): Promise<EngineRun> {
    this.run = await this.given.start(topology, options)
    return this.run
  }

  /** A bolt that takes the processor for a while. */
  readonly busy = map((event: Event): Event => {
    this.#burnt += this.#costMs
    this.#work += 1
    if (this.#burnt >= 1) {
      const ms = Math.floor(this.#burnt)
      this.#burnt -= ms
      this.given.clock.advance(ms)
      this.#send()
    }
    return event
  })

  /** A sink that notes when each event became durable. */
  sink(name: string): Sink<Event> {
    const seen: Seen[] = []
    this.seen.set(name, seen)
    return defineSink<Event>({
      ...{ sinkKind: 'custom', name: 'noted', doc: 'notes when', order: 'commutative', options: {}, knobs: {} },
      ...{ epochAge: 'epoch.ageMs', subtracts: true, tables: () => [] },
      open: async () => ({
        openEpoch: () => {
          let taken: Omit<Seen, 'delayMs'>[] = []
          return {
            add: (tuples) => {
              for (let index = 0; index < tuples.length; index++) {
                const { project, timestamp, body } = tuples.tuple(index)
                taken.push({ number: Number(body['number']), tenant: project, sentMs: timestamp })
              }
            },
            heldBytes: () => taken.length * 16,
            spilledBytes: () => 0,
            write: async () => {
              const nowMs = this.given.clock.nowMs()
              for (const one of taken) seen.push({ ...one, delayMs: nowMs - one.sentMs })
              return 'written'
            },
            discard: () => {
              taken = []
            },
          }
        },
        close: async () => {},
      }),
    })
  }

  /** Lets time pass while tenants send so many events a second each. */
  async pass(ms: number, sending: Readonly<Record<string, number>>): Promise<void> {
    const { clock } = this.given
    this.#sending = sending
    for (const until = clock.nowMs() + ms; clock.nowMs() < until; ) {
      this.#send()
      const nextMs = clock.nowMs() + stepMs
      void clock.sleep(stepMs)
      while (clock.nowMs() < nextMs) {
        await this.#rest(nextMs)
        if (clock.nowMs() < nextMs) clock.advanceToNext()
      }
    }
    this.#send()
  }

  /** Whatever has to be done at this moment is done before time moves on: many portions of several lanes. */
  async #rest(untilMs: number): Promise<void> {
    for (let quiet = 0, work = this.#work; quiet < quietTurns; quiet++) {
      await turn()
      if (this.given.clock.nowMs() >= untilMs) return
      if (work !== this.#work) quiet = 0
      work = this.#work
    }
  }

  delay(ratio: number, sink: string, tenants: readonly string[], fromMs = 0): number {
    const all = (this.seen.get(sink) ?? [])
      .filter(({ tenant, sentMs }) => tenants.includes(tenant) && sentMs >= fromMs)
      .map(({ delayMs }) => delayMs)
      .sort((left, right) => left - right)
    return all[Math.min(all.length - 1, Math.floor(all.length * ratio))] ?? Number.POSITIVE_INFINITY
  }

  /** What has become due, also while the processor is busy. */
  #send(): void {
    const nowMs = this.given.clock.nowMs()
    for (; this.#sentMs + stepMs <= nowMs; this.#sentMs += stepMs) this.given.append(this.#due(this.#sentMs + stepMs))
  }

  #due(atMs: number): readonly TestStep[] {
    const steps: TestStep[] = []
    for (const [project, rate] of Object.entries(this.#sending)) {
      const due = (this.#owed.get(project) ?? 0) + (rate * stepMs) / 1_000
      for (let index = 0; index < Math.floor(due); index++) {
        this.sent += 1
        steps.push(put({ number: this.sent }, { project, collection: 'new', partition: 0, atMs }))
      }
      this.#owed.set(project, due - Math.floor(due))
    }
    return steps
  }
}

export const busyTopology = (world: BusyWorld): Topology =>
  defineTopology('busy', (t) => {
    t.spout('events', log()).bolt('work', world.busy).sink('noted', world.sink('noted'))
  })
