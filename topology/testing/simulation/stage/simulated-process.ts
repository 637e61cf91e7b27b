/**
 * One process of a history: the production engine over gated ports, with a clock of its own, and perhaps workers that run
 * its lanes. It may die or stand still at any gate; when it wakes it goes on as if nothing had been.
 */
import type { PartitionRunner } from '../../../engine/shell/partition-runner.ts'
import { type EngineRun, runEngine } from '../../../engine/shell/run-engine.ts'
import { WorkerPool } from '../../../engine/shell/workers/worker-pool.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import type { Random } from '../../../model/ports/random.ts'
import type { Happening, Resources, RunOutcome } from '../../../model/run-handle.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { Topology } from '../../../model/topology.ts'
import type { Note } from '../trace.ts'
import type { Dice } from './dice.ts'
import { Party } from './party.ts'
import { ProcessClock } from './process-clock.ts'
import { processParts } from './process-parts.ts'
import type { Streams } from './streams.ts'
import { WorkerCrew } from './worker-crew.ts'
import type { WorldClock } from './world-clock.ts'

/** What all processes of a history share. */
export interface ProcessPlace {
  readonly topology: Topology
  readonly plans: readonly SpoutPlan[]
  readonly resources: Resources
  readonly clock: WorldClock
  readonly dice: Dice
  readonly streams: Streams
  readonly knobs: Readonly<Record<string, number>>
  readonly note: Note | undefined
  /** How long the log takes to bring records now, ms. */
  readonly slowMs: () => number
  /** Absent: every process has all partitions. */
  readonly joinAs?: ((process: SimulatedProcess, spout: string) => EventLog['join']) | undefined
  readonly admit: (party: Party) => void
  readonly forget: (party: Party) => void
  readonly failed: (error: unknown) => void
}

export interface ProcessTraits {
  readonly name: string
  readonly speed: number
  /** How far its clock is from the true one. */
  readonly apartMs: number
  /** Runs until it has caught up: nobody pauses what it does. */
  readonly hasToEnd: boolean
  /** That run its lanes; 0: it runs them itself. */
  readonly workers: number
  /** Where it differs from the others. */
  readonly knobs: Readonly<Record<string, number>>
  /** Hears what it tells. */
  readonly happened: (happening: Happening) => void
}

export class SimulatedProcess {
  readonly party: Party
  readonly clock: ProcessClock
  readonly hasToEnd: boolean
  readonly crew: WorkerCrew | undefined
  readonly #traits: ProcessTraits
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
    this.#traits = traits
    if (traits.workers === 0) return
    const { admit, forget, failed, note, slowMs, streams } = place
    this.crew = new WorkerCrew({
      ...{ admit, forget, failed },
      supervisor: this.party,
      speed: traits.speed,
      parts: (party) => {
        const [clock, random] = [this.clock.beside(party), streams.of(party.name)]
        return processParts(place, { party, clock, note, random, slowMs, skippedTenant: () => this.skippedTenant })
      },
    })
  }

  get name(): string {
    return this.party.name
  }

  get mayMove(): boolean {
    return this.party.mayMove
  }

  /** Its own party, and those of its workers. */
  get parties(): readonly Party[] {
    return this.crew === undefined ? [this.party] : [this.party, ...[...this.crew.living].map(({ party }) => party)]
  }

  /** Wherever its lanes run. */
  get runners(): readonly PartitionRunner[] {
    return [...(this.run?.engine.runners ?? []), ...(this.crew?.runners ?? [])]
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
    const { joinAs, note, slowMs } = place
    const { party, clock, crew } = this
    const { workers, knobs: own } = this.#traits
    const parts = processParts(place, {
      ...{ party, clock, note, slowMs, random, skippedTenant: () => this.skippedTenant },
      ...(joinAs === undefined ? {} : { joinAs: (spout: string) => joinAs(this, spout) }),
    })
    const knobs = { ...place.knobs, ...(crew === undefined ? {} : { 'worker.processes': workers }), ...own }
    const settings = { untilCaughtUp: this.hasToEnd, signal: undefined, knobs }
    const house =
      crew === undefined
        ? {}
        : { house: (...[given, hooks]: HouseArguments) => new WorkerPool(given, hooks, (worker) => crew.fork(worker)) }
    runEngine(parts, { ...settings, ...house }).then(
      (run) => {
        this.run = run
        run.onHappening(this.#traits.happened)
        void run.ended.then((outcome) => {
          this.ended = outcome
        })
      },
      (error: unknown) => {
        this.ended = error instanceof Error ? error : new Error(String(error))
      },
    )
  }
}

type HouseArguments = readonly [
  parts: ConstructorParameters<typeof WorkerPool>[0],
  hooks: ConstructorParameters<typeof WorkerPool>[1],
]
