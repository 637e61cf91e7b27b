/**
 * Processes of one topology over a sparse log and counted stores, in virtual time: the engine, decoder, operators and
 * sinks of production, started as a program starts them. What a scene looks at are the counts, which do not depend on the
 * machine.
 */
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { createMemoryLedger } from '../../../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import type { EngineRun } from '../../../topology/engine/shell/run-engine.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { Resources } from '../../../topology/model/run-handle.ts'
import { startRun } from '../../../topology/start-run.ts'
import { type CrashableResources, crashableResources } from '../../../topology/testing/crashable-resources.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock, type VirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { withTemporaryFolder } from '../../../topology/testing/with-temporary-folder.ts'
import { countedLedger, countedObjects, countedRows, ScaleCounts } from './counted-ports.ts'
import { eventsOf, scaleTopology } from './scale-topology.ts'
import { createSparseLog, type SparseLog, type SparseLogOptions } from './sparse-log.ts'

export interface ScaleOptions {
  readonly partitions: number
  readonly processes: number
  /** Of each partition. Default 250. */
  readonly eventsPerSecond?: SparseLogOptions['eventsPerSecond']
  /** Default 250: a record a second and partition. */
  readonly sampleEvery?: number
  /** Default 500. */
  readonly lingerMs?: number
  readonly pastMs?: number
  /** How long a fetch takes, ms. Default 0. */
  readonly fetchMs?: number
  /** Default 500. */
  readonly tenants?: number
  /** Default 4. */
  readonly collections?: number
  /** Runs are watched so many times less often than they are: for scenes that last a day. Default 1. */
  readonly watchFactor?: number
  readonly knobs?: Readonly<Record<string, number>>
}

interface Process {
  readonly run: EngineRun
  readonly ports: CrashableResources
}

const bytesPerEvent = 1_000
const forEver = Number.POSITIVE_INFINITY
const group = `spillway.${scaleTopology.name}`

// What people see of a run is put together, told and judged so often.
const watchEveryMs = 1_000

/**
 * The clock of one process. Who is dead does not wake any more: else it would go on looking at itself, beside all that
 * come after it.
 */
const mortalClock = (clock: Clock, crashed: Promise<void>, watchFactor: number): Clock => {
  let isDead = false
  void crashed.then(() => {
    isDead = true
  })
  return {
    nowMs: () => clock.nowMs(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms === watchEveryMs ? ms * watchFactor : ms, signal)
      if (isDead) await new Promise(() => undefined)
    },
  }
}

export class ScaleWorld {
  readonly clock: VirtualClock = createVirtualClock()
  readonly counts: ScaleCounts = new ScaleCounts()
  readonly log: SparseLog
  readonly options: ScaleOptions
  readonly #ledger = createMemoryLedger()
  readonly #rows = createMemoryRows()
  readonly #objects: ObjectStore = createMemoryObjects()
  readonly #folder: string
  #processes: Process[] = []
  #started = 0

  constructor(options: ScaleOptions, folder: string) {
    this.options = options
    this.#folder = folder
    const { partitions, tenants = 500, collections = 4 } = options
    this.log = createSparseLog({
      clock: this.clock,
      partitions,
      eventsPerSecond: options.eventsPerSecond ?? (() => 250),
      bytesPerEvent,
      sampleEvery: options.sampleEvery ?? 250,
      lingerMs: options.lingerMs ?? 500,
      pastMs: options.pastMs ?? 0,
      recordAt: eventsOf(tenants, collections, partitions),
      isShared: options.processes > 1,
      fetchMs: options.fetchMs ?? 0,
    })
  }

  get runs(): readonly EngineRun[] {
    return this.#processes.map(({ run }) => run)
  }

  /** Starts all processes; each has its share when this resolves. */
  async start(): Promise<void> {
    for (let index = 0; index < this.options.processes; index++) await this.startOne()
  }

  async startOne(): Promise<void> {
    const { counts, clock } = this
    const resources: Resources = {
      logs: { events: this.log.portOf((batch) => counts.noteBatch(batch)) },
      rows: countedRows(this.#rows, counts),
      ledger: countedLedger(this.#ledger, counts, clock),
      objects: countedObjects(this.#objects, counts),
    }
    const ports = crashableResources(resources)
    this.#started += 1
    const starting = startRun(scaleTopology, ports, {
      clock: mortalClock(clock, ports.crashed, this.options.watchFactor ?? 1),
      random: seededRandom(this.#started),
      knobs: this.options.knobs ?? {},
      spillFolder: join(this.#folder, String(this.#started)),
    })
    this.#processes.push({ run: await drive(clock, starting, forEver), ports })
  }

  async advance(ms: number): Promise<void> {
    await drive(this.clock, this.clock.sleep(ms), forEver)
  }

  /** Runs on until the condition holds, looked at every `stepMs`; gives the virtual time that it took. */
  async until(isReached: () => boolean, stepMs: number, mostMs: number): Promise<number> {
    const beganMs = this.clock.nowMs()
    while (!isReached()) {
      if (this.clock.nowMs() - beganMs > mostMs) throw new Error(`not reached within ${mostMs} ms`)
      await this.advance(stepMs)
    }
    return this.clock.nowMs() - beganMs
  }

  /** The first process dies, and the group notices it at once. */
  async kill(): Promise<void> {
    const [dead, ...left] = this.#processes
    dead!.ports.crash()
    this.#processes = left
    this.log.groups.members(group)[0]?.fail(new Error('the process has died'))
    await turn()
  }

  documents(): readonly LedgerDocument[] {
    return this.runs.flatMap(({ engine }) => engine.partitions.map(({ doc }) => doc))
  }

  /** Ends all processes; what died is left as it is. */
  async stop(): Promise<void> {
    await drive(this.clock, Promise.all(this.runs.map((run) => run.stop())), forEver)
  }
}

/** Plays a scene in a world of its own. */
export const inScaleWorld = <Result>(
  options: ScaleOptions,
  scene: (world: ScaleWorld) => Promise<Result>,
): Promise<Result> =>
  withTemporaryFolder(async (folder) => {
    const world = new ScaleWorld(options, folder)
    await world.start()
    try {
      return await scene(world)
    } finally {
      await world.stop()
    }
  })
