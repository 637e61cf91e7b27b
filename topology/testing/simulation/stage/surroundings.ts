/**
 * What goes on around the processes: retention drops what every lane has passed, leaders change, offsets stay without a
 * record, knobs are turned. What people do beside that is in `people.ts`.
 */
import { eventStoreOf } from '../../../engine/plan-questions.ts'
import { offset, partition } from '../../../model/position.ts'
import { Draw } from '../draw/draw.ts'
import { knobsWithout } from './own-decisions.ts'
import type { World } from './world.ts'

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
  ['catchUp.afterMs', [10_000, 20_000, 300_000]],
  ['catchUp.perPartitionRanges', [1, 2, 4]],
  ['backlog.activeLanes', [0, 1, 3]],
  ['backlog.recordsPerSecond', [0, 5, 100]],
  ['tenant.eventsPerSecond', [0, 1, 5]],
  ['tenant.shareRatio', [0.01, 0.25, 1]],
  ['lane.inFlightBytes', [1_048_576, 67_108_864]],
]

export class Surroundings {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Retention takes long: no lane, of no process however late, stands below what it drops. */
  expire(): boolean {
    const { world, spout, place } = this.#somewhere()
    const plan = world.planOf(spout)
    // Without an event store a delete needs the log itself.
    if (world.people.isBusy || eventStoreOf(plan) === undefined || world.processes.some(({ run }) => run === undefined))
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

  tune(): boolean {
    const world = this.#world
    const who = world.one(world.processes)
    const [knob, values] = world.one(turned)!
    const value = world.one(values)!
    if (who?.run === undefined || Object.hasOwn(knobsWithout(world.options.muted), knob)) return false
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

  #somewhere(): { readonly world: World; readonly spout: string; readonly place: number } {
    const world = this.#world
    const spout = world.one(world.topology.spouts)!.name
    return { world, spout, place: world.below(world.scenario.partitions) }
  }
}
