/** One process of the simulation: an engine of its own over the shared stores, that may die or stand still at any gate. */
import { deadLetterOf, everySink, writeDeadLetters } from '../../sinks/rows/dead-letters.ts'
import { RetainedEvents } from '../../sinks/rows/retained-events.ts'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import type { EngineParts } from '../../topology/engine/shell/engine-parts.ts'
import { type EngineRun, runEngine } from '../../topology/engine/shell/run-engine.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import type { Resources, RunOutcome } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { createDecoder } from '../../topology/spouts/decode/create-decoder.ts'
import { tuplesOf } from '../../topology/spouts/decode/tuples-of.ts'
import { type Gates, gatedResources } from './gates.ts'
import type { Shares } from './shares.ts'

export interface OwnerPlace {
  readonly topology: Topology
  readonly resources: Resources
  readonly gates: Gates
  readonly clock: Clock
  readonly random: Random
  readonly knobs: Readonly<Record<string, number>>
  /** Absent: every owner has the partition, always. */
  readonly shares?: Shares | undefined
  readonly note: (text: () => string) => void
}

export class Owner {
  readonly name: string
  /** Runs until it has caught up: nobody pauses what it does. */
  readonly hasToEnd: boolean
  run: EngineRun | undefined
  /** How it ended by itself: an outcome, or what it threw at its start. */
  ended: RunOutcome | Error | undefined
  isDead = false
  /** Stands still until this step. */
  frozenUntil = 0
  /** Tenant that it leaves out on its own account; for the planted fault `tenant-skip-in-memory` alone. */
  skippedTenant: string | undefined
  readonly #gates: Gates

  constructor(name: string, place: OwnerPlace, untilCaughtUp: boolean) {
    this.name = name
    this.hasToEnd = untilCaughtUp
    this.#gates = place.gates
    runEngine(this.#parts(place), { untilCaughtUp, signal: undefined, knobs: place.knobs }).then(
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

  /** The error of class `stop` that it met, if any. */
  get failure(): Error | undefined {
    if (this.isDead) return undefined
    return this.ended instanceof Error ? this.ended : (this.ended?.error ?? this.run?.engine.error)
  }

  mayMove(step: number): boolean {
    return !this.isDead && this.frozenUntil <= step
  }

  /** Dies: none of its calls goes on, nothing of it is answered. */
  die(): void {
    this.isDead = true
    this.#gates.forget(this.name)
  }

  #parts({ topology, gates, clock, random, ...place }: OwnerPlace): Omit<EngineParts, 'knob' | 'report'> {
    const resources = gatedResources(
      place.resources,
      gates,
      this.name,
      place.note,
      place.shares?.joinAs(this.name, this.hasToEnd),
    )
    return {
      topology,
      resources,
      clock,
      random,
      spillFolder: '/nowhere',
      giveWay: () => gates.pass(this.name),
      plans: topology.spouts.map((spout) => planSpout(topology, spout.name)),
      decoderFor: (plan, log) => {
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
      },
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
}
