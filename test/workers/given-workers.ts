/** Runs over memory ports whose lanes are in workers behind messages, in virtual time: workers die when they are told to. */
import { createMemoryLog, type MemoryLog } from 'spillway/testing'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { Waits } from '../../topology/engine/shell/waits.ts'
import { WorkerHost } from '../../topology/engine/shell/workers/worker-host.ts'
import { partition } from '../../topology/model/position.ts'
import type { Resources, RunOptions } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { runParts } from '../../topology/run-parts.ts'
import { type ForkWorkers, startRun } from '../../topology/start-run.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { GivenPorts } from '../engine/given-ports.ts'
import { orders } from '../engine/orders.ts'
import { type MemoryChannel, memoryChannel } from './memory-channel.ts'

/** One life of a worker. */
export interface Life {
  readonly worker: number
  readonly channel: MemoryChannel
  host: WorkerHost | undefined
  isOver: boolean
  /** The process ends, whatever it does. */
  die(reason: string): void
}

export class GivenWorkers extends GivenPorts {
  #wide: MemoryLog | undefined
  /** All that were ever started, in order. */
  readonly lives: Life[] = []
  /** How long a process takes to load its program. */
  loadMs = 0

  /** `partitions`: of the log. `isShared`: other processes may have some of them. */
  constructor(partitions = 1, isShared = false) {
    super()
    if (partitions === 1) return
    const wide = createMemoryLog({ clock: this.clock, partitions, topic: 'events', id: 'wide', isShared })
    this.#wide = wide
    this.resources = { ...this.resources, logs: { default: wide } }
  }

  /** Orders by number, spread over the partitions. */
  appendOrders(from: number, to: number): void {
    const wide = this.#wide
    if (wide === undefined) this.append(orders(from, to))
    else
      for (const { record } of orders(from, to)) {
        const number = Number(JSON.parse(new TextDecoder().decode(record.value ?? undefined)).number)
        wide.appendAt(this.clock.nowMs(), [{ ...record, partition: partition(number % wide.partitions) }])
      }
  }

  /** The present life of a worker. */
  life(worker: number): Life {
    return this.lives.findLast((one) => one.worker === worker)!
  }

  /** `topologyOf`: what a worker loads; it may act upon the life that runs it. */
  startWorkers(
    topology: Topology,
    workers: number,
    options: RunOptions = {},
    topologyOf: (life: Life) => Topology = () => topology,
  ): Promise<EngineRun> {
    const knobs = { ...options.knobs, 'worker.processes': workers }
    const more = { clock: this.clock, random: seededRandom(1), ...options, knobs }
    return this.drive(startRun(topology, this.resources, more, this.#fork(topologyOf)))
  }

  #fork(topologyOf: (life: Life) => Topology): ForkWorkers {
    return ({ spillFolder }) =>
      (worker) => {
        const channel = memoryChannel(1_000 + this.lives.length, () => life.die('signal SIGKILL'))
        const life: Life = {
          worker,
          channel,
          host: undefined,
          isOver: false,
          die: (reason) => {
            life.isOver = true
            life.host?.abandon()
            channel.end(reason)
          },
        }
        this.lives.push(life)
        void this.#begin(life, topologyOf(life), `${spillFolder}/worker-${worker}`)
        return channel.supervisor
      }
  }

  async #begin(life: Life, topology: Topology, spillFolder: string): Promise<void> {
    const { clock } = this
    const resources: Resources = this.resources
    const random = seededRandom(life.worker)
    const plans = topology.spouts.map(({ name }) => planSpout(topology, name))
    const waits = new Waits(clock)
    const { parts } = await runParts({ topology, resources, waits, clock, random, spillFolder, plans, file: undefined })
    if (this.loadMs > 0) await clock.sleep(this.loadMs)
    life.host = new WorkerHost(life.worker, parts, life.channel.worker)
    life.host.start()
    await life.host.ended
    life.channel.end('exit code 0')
  }
}
