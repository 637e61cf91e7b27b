/**
 * Workers that were asked to go. They have nothing any more that anybody waits for, so who does not end is ended: nobody
 * else watches them, and a process that stays holds memory and its supervisor.
 */
import type { Clock } from '../../../model/ports/clock.ts'
import type { WorkerLink } from './worker-link.ts'

// Closing what is open takes less.
const partingMs = 3_000

export class PartingLinks {
  readonly #clock: Clock
  readonly #going = new Set<Promise<void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  letGo(link: WorkerLink): void {
    link.isExpected = true
    link.send({ kind: 'end' })
    const going = this.#end(link).finally(() => this.#going.delete(going))
    this.#going.add(going)
  }

  /** Resolves when all are gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#going)
  }

  async #end({ channel }: WorkerLink): Promise<void> {
    const over = new AbortController()
    await Promise.race([channel.ended, this.#clock.sleep(partingMs, over.signal)])
    over.abort()
    channel.kill()
    await channel.ended
  }
}
