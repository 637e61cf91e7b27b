/** The workers of one simulated process, over all their lives: who lives now, and what may befall them. */
import type { PartitionRunner } from '../../../engine/shell/partition-runner.ts'
import type { WorkerChannel } from '../../../engine/shell/workers/worker-channel.ts'
import type { HostParts } from '../../../engine/shell/workers/worker-host.ts'
import type { Party } from './party.ts'
import { SimulatedWorker, type WorkerPlace } from './simulated-worker.ts'

export interface CrewPlace extends Pick<WorkerPlace, 'supervisor' | 'admit' | 'forget' | 'failed'> {
  readonly speed: number
  readonly parts: (party: Party) => HostParts
}

// Any number will do.
const firstPid = 1_000

export class WorkerCrew {
  readonly #place: CrewPlace
  readonly living = new Set<SimulatedWorker>()
  #lives = 0

  constructor(place: CrewPlace) {
    this.#place = place
  }

  get runners(): readonly PartitionRunner[] {
    return [...this.living].flatMap(({ runners }) => runners)
  }

  fork(worker: number): WorkerChannel {
    const life = this.#lives++
    const made = new SimulatedWorker({
      ...this.#place,
      number: worker,
      name: `${this.#place.supervisor.name}.${worker}${life < worker ? '' : `, life ${life}`}`,
      pid: firstPid + life,
      gone: (one) => this.living.delete(one),
    })
    this.living.add(made)
    return made.channel.supervisor
  }
}
