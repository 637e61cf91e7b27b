/**
 * What goes on around the processes: retention drops what every lane has passed, leaders change, people begin replays
 * into namespaces, pause sinks and deletes, and turn knobs.
 */
import { beginReplay } from '../../../begin-replay.ts'
import { eventStoreOf } from '../../../engine/plan-questions.ts'
import { offset, partition } from '../../../model/position.ts'
import { SpillwayError } from '../../../model/spillway-error.ts'
import { Draw } from '../draw/draw.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { startMs, type World } from './world.ts'

const namespacesMax = 2

/** Values that few records make a difference for. */
const turned: readonly (readonly [knob: string, values: readonly number[]])[] = [
  ['batch.records', [1, 2, 3, 500]],
  ['epoch.ageMs', [100, 400, 2_000]],
  ['epoch.schemaMs', [1_000, 4_000]],
  ['objects.ageMs', [1_000, 5_000]],
  ['objects.idleMs', [1_000, 3_000]],
  ['objects.targetBytes', [65_536, 131_072]],
  ['fetch.partitionBytes', [65_536, 1_048_576]],
  ['ledger.tickMs', [50, 250, 1_000]],
  ['fetch.waitMs', [10, 200, 500]],
  ['retry.maxMs', [100, 1_000]],
  ['delete.epochMs', [10, 100]],
  ['delete.coalesceMs', [0, 100, 500]],
  ['delete.rewriteMs', [0, 200, 1_000]],
]

export class Surroundings {
  readonly #world: World
  readonly #resting = new Set<string>()
  #begun = 0
  #isBeginning = false

  constructor(world: World) {
    this.#world = world
  }

  /** A replay that is under way is in the ledger, or was refused. */
  get isBeginning(): boolean {
    return this.#isBeginning
  }

  /** A process that has just begun is told what rests. */
  tell(who: SimulatedProcess, ids: Iterable<string> = this.#resting): void {
    if (who.hasToEnd) return
    for (const id of ids) {
      if (this.#resting.has(id)) who.run?.pauseDelete(id)
      else who.run?.resumeDelete(id)
    }
  }

  /** Retention takes long: no lane, of no process however late, stands below what it drops. */
  expire(): boolean {
    const { world, spout, place } = this.#somewhere()
    const plan = world.planOf(spout)
    // Without an event store a delete needs the log itself.
    if (this.#isBeginning || eventStoreOf(plan) === undefined || world.processes.some(({ run }) => run === undefined))
      return false
    const runners = world.processes.flatMap(({ run }) => run!.engine.partitions)
    const seen = runners.filter((one) => one.plan.spout.name === spout && one.partition === place)
    const docs = [world.servers.document(spout, place), ...seen.map(({ doc }) => doc)]
    // A sink that no document knows yet will begin where the log does.
    const lowest = docs.map((doc) =>
      doc === undefined || plan.sinks.some(({ name }) => doc.sinks[name] === undefined)
        ? 0
        : Math.min(...Object.values(doc.lanes).map((lane) => lane.at)),
    )
    const passed = Math.min(...lowest, world.endOf(spout, place))
    const first = world.servers.firstOffset
    if (passed <= first) return false
    const before = world.below(3) === 0 ? first + world.below(passed - first + 1) : passed
    if (before === first) return false
    world.servers.logs[spout]!.expire(partition(place), offset(before))
    world.count('retention', `log ${spout}`, () => `drops what lies below ${before} of partition ${place}`)
    return true
  }

  /** Offsets that belong to no record, as transactions and compaction leave them. */
  skip(): boolean {
    const { world, spout, place } = this.#somewhere()
    const count = 1 + world.below(3)
    world.servers.logs[spout]!.gap(partition(place), count)
    world.servers.ring(spout, place)
    world.count('gap', `log ${spout}`, () => `leaves ${count} offsets of partition ${place} without a record`)
    return true
  }

  elect(): boolean {
    const { world, spout, place } = this.#somewhere()
    world.servers.logs[spout]!.elect(partition(place))
    world.count('election', `log ${spout}`, () => `another leader has partition ${place}`)
    return true
  }

  /** A sink of one process rests, with what deletes have to take out of it, or goes on. */
  pauseSink(): boolean {
    const world = this.#world
    const who = world.one(world.processes)
    const node = world.one(world.topology.sinks)
    if (who?.run === undefined || node === undefined) return false
    const isResting = world.below(2) === 0
    if (isResting) who.run.pause(node.name)
    else who.run.resume(node.name)
    world.count('pauseSink', who.name, () => `sink ${node.name} ${isResting ? 'rests' : 'goes on'}`)
    return true
  }

  /** The work on a delete rests with every process, or goes on. */
  pauseDelete(): boolean {
    const world = this.#world
    const id = world.one(world.records.deleteIds)
    if (id === undefined) return false
    const isResting = world.below(3) > 0
    if (isResting) this.#resting.add(id)
    else this.#resting.delete(id)
    world.count('pauseDelete', 'a person', () => `lets delete ${id} ${isResting ? 'rest' : 'go on'}`)
    for (const who of world.processes) this.tell(who, [id])
    return true
  }

  tune(): boolean {
    const world = this.#world
    const who = world.one(world.processes)
    const [knob, values] = world.one(turned)!
    const value = world.one(values)!
    if (who?.run === undefined) return false
    who.run.tune(knob, value)
    world.count('tune', who.name, () => `${knob} is ${value} from now on`)
    return true
  }

  /** A process that begins may have knobs of its own, as in the middle of a deployment. */
  ownKnobs(name: string): Readonly<Record<string, number>> {
    const { streams, swarm } = this.#world
    const draw = new Draw(streams.of(`knobs of ${name}`))
    if (swarm.tune === undefined || !draw.happens(0.3)) return {}
    return Object.fromEntries(turned.filter(() => draw.happens(0.4)).map(([knob, values]) => [knob, draw.of(values)]))
  }

  beginReplay(): boolean {
    const world = this.#world
    if (this.#begun >= namespacesMax || this.#isBeginning) return false
    const namespace = `n${this.#begun}`
    const span = Math.max(1, world.clock.nowMs() - startMs)
    const fromMs = startMs + world.below(2) * world.below(span)
    const request = { namespace, fromMs, toMs: fromMs + 1 + world.below(startMs + span - fromMs) }
    this.#isBeginning = true
    const ports = { ...world.person, clock: world.clock, random: world.streams.of(`replay ${namespace}`) }
    beginReplay(world.topology, ports, request, new AbortController().signal)
      .then(
        () => {
          this.#begun += 1
          world.count('replay', 'a person', () => `has begun a replay: ${JSON.stringify(request)}`)
        },
        (error: unknown) => {
          // Before every sink has run there is nothing to recompute.
          if (!(error instanceof SpillwayError)) world.fail(error)
        },
      )
      .finally(() => {
        this.#isBeginning = false
      })
    return true
  }

  /** Everything that a person has stopped goes on. */
  calm(): void {
    const ids = [...this.#resting]
    this.#resting.clear()
    for (const who of this.#world.processes) {
      this.tell(who, ids)
      for (const { name } of this.#world.topology.sinks) who.run?.resume(name)
    }
  }

  #somewhere(): { readonly world: World; readonly spout: string; readonly place: number } {
    const world = this.#world
    const spout = world.one(world.topology.spouts)!.name
    return { world, spout, place: world.below(world.scenario.partitions) }
  }
}
