/**
 * One process of a history: the production engine over gated ports, with a clock of its own. It may die or stand still at
 * any gate; when it wakes it goes on as if nothing had been.
 */
import { deadLetterOf, everySink, writeDeadLetters } from '../../../../sinks/rows/dead-letters.ts'
import { RetainedEvents } from '../../../../sinks/rows/retained-events.ts'
import type { EngineParts } from '../../../engine/shell/engine-parts.ts'
import { type EngineRun, runEngine } from '../../../engine/shell/run-engine.ts'
import type { Decoder } from '../../../model/decoder.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import type { Random } from '../../../model/ports/random.ts'
import type { Resources, RunOutcome } from '../../../model/run-handle.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { Topology } from '../../../model/topology.ts'
import { createDecoder } from '../../../spouts/decode/create-decoder.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import { createSimulatedDisk } from '../servers/simulated-disk.ts'
import type { Note } from '../trace.ts'
import type { Dice } from './dice.ts'
import { gatedResources } from './gated-resources.ts'
import { Party } from './party.ts'
import { ProcessClock } from './process-clock.ts'
import type { WorldClock } from './world-clock.ts'

/** What all processes of a history share. */
export interface ProcessPlace {
  readonly topology: Topology
  readonly plans: readonly SpoutPlan[]
  readonly resources: Resources
  readonly clock: WorldClock
  readonly dice: Dice
  readonly knobs: Readonly<Record<string, number>>
  readonly note: Note | undefined
  /** Absent: every process has all partitions. */
  readonly joinAs?: ((process: SimulatedProcess, spout: string) => EventLog['join']) | undefined
}

export interface ProcessTraits {
  readonly name: string
  readonly speed: number
  /** How far its clock is from the true one. */
  readonly apartMs: number
  /** Runs until it has caught up: nobody pauses what it does. */
  readonly hasToEnd: boolean
  /** Where it differs from the others. */
  readonly knobs: Readonly<Record<string, number>>
}

export class SimulatedProcess {
  readonly party: Party
  readonly clock: ProcessClock
  readonly hasToEnd: boolean
  readonly #knobs: Readonly<Record<string, number>>
  run: EngineRun | undefined
  /** How it ended by itself: an outcome, or what it threw at its start. */
  ended: RunOutcome | Error | undefined
  /** Whether it was asked to end. */
  isStopping = false
  /** Whether it was told of what rests. */
  isTold = false
  /** Stands still until this step. */
  frozenUntil = 0
  /** Since when it has stood still or been dead. */
  awaySinceMs = 0
  /** Tenant that it leaves out on its own account; for the planted fault `tenant-skip-in-memory` alone. */
  skippedTenant: string | undefined

  constructor(place: ProcessPlace, traits: ProcessTraits) {
    this.party = new Party(traits.name, traits.speed)
    this.clock = new ProcessClock(place.clock, this.party, traits.apartMs)
    this.hasToEnd = traits.hasToEnd
    this.#knobs = traits.knobs
  }

  get name(): string {
    return this.party.name
  }

  get mayMove(): boolean {
    return this.party.mayMove
  }

  /** The error of class `stop` that it met, if any. */
  get failure(): Error | undefined {
    if (this.party.isGone) return undefined
    if (this.ended instanceof Error) return this.ended
    return this.ended?.error ?? this.run?.engine.error
  }

  stop(): void {
    this.isStopping = true
    // `ended` tells how.
    this.run?.stop().catch((error: unknown) => {
      this.ended = error instanceof Error ? error : new Error(String(error))
    })
  }

  start(place: ProcessPlace, random: Random): void {
    const settings = { untilCaughtUp: this.hasToEnd, signal: undefined, knobs: { ...place.knobs, ...this.#knobs } }
    runEngine(this.#parts(place, random), settings).then(
      (run) => {
        this.run = run
        void run.ended.then((outcome) => {
          this.ended = outcome
        })
      },
      (error: unknown) => {
        this.ended = error instanceof Error ? error : new Error(String(error))
      },
    )
  }

  #parts(place: ProcessPlace, random: Random): Omit<EngineParts, 'knob' | 'report'> {
    const { topology, plans, note } = place
    const { party, clock } = this
    const { joinAs } = place
    const resources = gatedResources(place.resources, {
      party,
      clock,
      note,
      ...(joinAs === undefined ? {} : { joinAs: (spout: string) => joinAs(this, spout) }),
    })
    return {
      topology,
      resources,
      clock,
      random,
      spillFolder: party.name,
      disk: createSimulatedDisk({ name: party.name, dice: place.dice, pause: () => party.pass() }),
      giveWay: () => party.pass(),
      plans,
      decoderFor: (plan, log) => this.#decoder(plan, log),
      tuplesOf,
      retainedEvents: (query) => new RetainedEvents({ ...query, rows: resources.rows }),
      deadLetters: (letters) =>
        writeDeadLetters(
          resources.rows,
          letters.map((one) =>
            deadLetterOf(one.record, { ...one, topology: topology.name, sink: one.sink || everySink }),
          ),
        ),
    }
  }

  #decoder(plan: SpoutPlan, log: EventLog): Decoder {
    const decoder = createDecoder({ spout: plan.spout.options, topic: log.topic, wanted: plan.wanted })
    const isKept = (project: string): boolean => project !== this.skippedTenant
    return {
      decode: (batch, accepts) => {
        if (this.skippedTenant === undefined) return decoder.decode(batch, accepts)
        return decoder.decode(
          batch,
          (project, at, collection) => isKept(project) && accepts?.(project, at, collection) !== false,
        )
      },
    }
  }
}
