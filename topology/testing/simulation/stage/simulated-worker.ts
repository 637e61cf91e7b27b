/**
 * One life of a worker of a simulated process: the production host of lanes over gated ports, behind a gated channel. It
 * may die or stand still alone; when its supervisor dies it goes on for a while, as a process does that has not noticed.
 */
import type { PartitionRunner } from '../../../engine/shell/partition-runner.ts'
import { type HostParts, WorkerHost } from '../../../engine/shell/workers/worker-host.ts'
import { GatedChannel } from './gated-channel.ts'
import { Party } from './party.ts'

export interface WorkerPlace {
  readonly number: number
  readonly name: string
  readonly pid: number
  readonly speed: number
  readonly supervisor: Party
  readonly parts: (party: Party) => HostParts
  /** It has come, it is gone. */
  readonly admit: (party: Party) => void
  readonly forget: (party: Party) => void
  readonly gone: (worker: SimulatedWorker) => void
  readonly failed: (error: unknown) => void
}

export class SimulatedWorker {
  readonly party: Party
  readonly channel: GatedChannel
  readonly number: number
  /** Stands still, or goes on without its supervisor, until this step. */
  frozenUntil = 0
  orphanUntil = Number.POSITIVE_INFINITY
  readonly #place: WorkerPlace
  #host: WorkerHost | undefined

  constructor(place: WorkerPlace) {
    this.#place = place
    this.number = place.number
    this.party = new Party(place.name, place.speed)
    this.channel = new GatedChannel({
      pid: place.pid,
      supervisor: place.supervisor,
      worker: this.party,
      kill: () => this.die('signal SIGKILL'),
      failed: (error) => place.failed(error),
    })
    place.admit(this.party)
    void this.#run()
  }

  get runners(): readonly PartitionRunner[] {
    return this.#host?.runners ?? []
  }

  async #run(): Promise<void> {
    // A process takes its time to begin.
    await this.party.pass()
    if (this.party.isGone) return
    this.#host = new WorkerHost(this.number, this.#place.parts(this.party), this.channel.worker)
    this.#host.start()
    await this.#host.ended
    if (!this.party.isGone) this.die('exit code 0')
  }

  /** Its process is gone: none of its calls goes on, nothing of it is answered. */
  die(reason: string): void {
    if (this.party.isGone) return
    this.party.isGone = true
    this.#place.forget(this.party)
    this.#place.gone(this)
    this.channel.end(reason)
  }
}
