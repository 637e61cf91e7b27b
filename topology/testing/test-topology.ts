/**
 * Runs a topology in memory and virtual time over a list of events, deletes, crashes and clock moves, and reads what it
 * has written. The engine, the sinks and the decoder are the ones of production; only the ports are memory.
 */
import { join } from 'node:path'
import { createMemoryObjects } from '../../sinks/objects/memory/memory-objects.ts'
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
import { beginReplay } from '../begin-replay.ts'
import type { EngineRun } from '../engine/shell/run-engine.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import type { Random } from '../model/ports/random.ts'
import { offset, partition } from '../model/position.ts'
import type { Resources } from '../model/run-handle.ts'
import type { Topology } from '../model/topology.ts'
import { createMemoryLog, type MemoryLog } from '../spouts/memory/memory-log.ts'
import { startRun } from '../start-run.ts'
import { type CrashableResources, type CrashPoint, crashableResources } from './crashable-resources.ts'
import { drive } from './drive.ts'
import { seededRandom } from './seeded-random.ts'
import { TestResult } from './test-result.ts'
import type { TestStep } from './test-step.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { withTemporaryFolder } from './with-temporary-folder.ts'

export interface TestOptions {
  /** Decides where crashes hit. Default 1. */
  readonly seed?: number
  /** Default 2. */
  readonly partitions?: number
  readonly knobs?: Readonly<Record<string, number>>
  /** Stores of the test's own, to try other adapters or faults. */
  readonly resources?: Partial<Pick<Resources, 'rows' | 'ledger' | 'objects'>>
  /** Dies once at this very effect instead of where the seed says. */
  readonly crashAt?: CrashPoint
  readonly startMs?: number
}

// A crash hits within so many effects of its process; short lists have fewer, long ones more than enough.
const crashWithin = 40

class Rig {
  readonly clock: VirtualClock
  readonly logs: Readonly<Record<string, MemoryLog>>
  readonly resources: Resources
  readonly #topology: Topology
  readonly #options: TestOptions
  readonly #random: Random
  readonly #folder: string
  #processes = 0
  #process: { readonly run: EngineRun; readonly ports: CrashableResources } | undefined
  effects = 0

  constructor(topology: Topology, options: TestOptions, folder: string) {
    this.#topology = topology
    this.#options = options
    this.#folder = folder
    this.#random = seededRandom(options.seed ?? 1)
    this.clock = createVirtualClock(options.startMs)
    const partitions = options.partitions ?? 2
    this.logs = Object.fromEntries(
      topology.spouts.map((spout) => [
        spout.name,
        createMemoryLog({ clock: this.clock, partitions, topic: spout.name, id: `log-${spout.name}` }),
      ]),
    )
    const stores = { rows: createMemoryRows(), ledger: createMemoryLedger(), objects: createMemoryObjects() }
    this.resources = { logs: this.logs, ...stores, ...options.resources }
  }

  async step(step: TestStep, index: number): Promise<void> {
    switch (step.kind) {
      case 'put':
        this.#logOf(step.spout).appendAt(step.atMs ?? this.clock.nowMs(), [step.record])
        return
      case 'delete':
        return this.#delete(step.spout, step.request, step.partition)
      case 'advance':
        await this.#running()
        return this.#advance(step.ms)
      case 'settle':
        return this.settle()
      case 'cut':
        return this.#cut(step.sink, step.ranges)
      case 'replay':
        return this.#replay(step.request)
      case 'crash':
        return this.#crash({
          effect: 1 + Math.floor(this.#random.next() * crashWithin),
          side: index % 2 === 0 ? 'before' : 'after',
        })
      default:
        return step satisfies never
    }
  }

  /** Runs until everything is durable, then stops. */
  async settle(): Promise<void> {
    this.#process = undefined
    const point = this.#options.crashAt
    if (point !== undefined && this.effects === 0) await this.#crash(point)
    const { run, ports } = await this.#start(undefined, true)
    const outcome = await drive(this.clock, run.ended)
    this.effects += ports.effects()
    if (outcome.error !== undefined) throw outcome.error
  }

  #logOf(spout: string | undefined): MemoryLog {
    const log = this.logs[spout ?? this.#topology.spouts[0]!.name]
    if (log === undefined) throw new Error(`the topology has no spout ${spout}`)
    return log
  }

  #delete(spout: string | undefined, request: object, place: number | undefined): void {
    const log = this.#logOf(spout)
    const value = new TextEncoder().encode(JSON.stringify(request))
    const places = place === undefined ? Array.from({ length: log.partitions }, (_, index) => index) : [place]
    const headers = [['spillway-kind', 'delete']] as const
    log.appendAt(
      this.clock.nowMs(),
      places.map((one) => ({ key: null, headers, value, partition: partition(one) })),
    )
  }

  async #start(
    point: CrashPoint | undefined,
    untilCaughtUp: boolean,
  ): Promise<{ run: EngineRun; ports: CrashableResources }> {
    const ports = crashableResources(this.resources, point)
    const started = startRun(this.#topology, ports, {
      untilCaughtUp,
      clock: this.clock,
      random: this.#random,
      knobs: this.#options.knobs ?? {},
      spillFolder: join(this.#folder, String(this.#processes++)),
    })
    const run = await drive(this.clock, Promise.race([started, ports.crashed]))
    return { run: run ?? deadRun, ports }
  }

  async #running(): Promise<{ readonly run: EngineRun; readonly ports: CrashableResources }> {
    this.#process ??= await this.#start(undefined, false)
    return this.#process
  }

  async #advance(ms: number): Promise<void> {
    const endMs = this.clock.nowMs() + ms
    await drive(this.clock, this.clock.sleep(endMs - this.clock.nowMs()))
  }

  async #crash(point: CrashPoint): Promise<void> {
    if (this.#process !== undefined) {
      this.#process.ports.crash()
      this.#process = undefined
      return
    }
    const { run, ports } = await this.#start(point, true)
    if (run !== deadRun) await drive(this.clock, Promise.race([ports.crashed, run.ended]))
    ports.crash()
    this.effects += ports.effects()
  }

  /** As another process would: it writes into the ledger, and whoever runs serves the replay. */
  async #replay(request: ReplayRequest): Promise<void> {
    const ports = { ...this.resources, clock: this.clock, random: this.#random }
    await drive(this.clock, beginReplay(this.#topology, ports, request, new AbortController().signal))
  }

  async #cut(sink: string, ranges: number): Promise<void> {
    const { run } = await this.#running()
    for (const runner of run.engine.partitions) {
      const { end } = await runner.log.bounds(runner.partition)
      const found = Object.entries(runner.doc.lanes).find(([, lane]) => lane.sink === sink && lane.to === null)
      if (found === undefined) continue
      const [lane, state] = [Number(found[0]), found[1]]
      const at = state.declared ?? state.at
      const edges = Array.from({ length: ranges }, (_, index) => at + Math.ceil(((end - at) * (index + 1)) / ranges))
      const cuts = [...new Set(edges)].filter((edge) => edge > at)
      if (cuts.length === 0) continue
      const slots = cuts.map((_, index) => (index + 1) % 4)
      await drive(this.clock, runner.propose({ kind: 'cut', lane, at: offset(cuts[0]!), cuts: cuts.slice(1), slots }))
    }
  }
}

/** Stands for a process that died before its run had begun. */
const deadRun = Object.freeze({}) as EngineRun // never called: the caller compares and goes on

export interface TopologyTest {
  /** Plays the steps, then runs until everything is durable. */
  run(steps: readonly TestStep[]): Promise<TestResult>
}

/** Prepares a test of a topology. Each `run` begins with an empty log and empty stores. */
export const testTopology = (topology: Topology, options: TestOptions = {}): TopologyTest => ({
  run: (steps) =>
    withTemporaryFolder(async (folder) => {
      const rig = new Rig(topology, options, folder)
      for (const [index, step] of steps.entries()) await rig.step(step, index)
      await rig.settle()
      return new TestResult(topology, rig.resources, rig.effects)
    }),
})
