/**
 * Rows that do not answer a command which waits: a person is told once, and once more when they answer again. The command
 * asks again by itself; what is no matter of waiting is thrown.
 */
import type { Clock } from '../model/ports/clock.ts'
import { errorClassOf, messageOf } from '../model/spillway-error.ts'
import type { Talk } from './talk.ts'
import { formatDuration } from './text-table.ts'

export class Outage {
  readonly #clock: Clock
  readonly #talk: Talk
  #sinceMs: number | undefined

  constructor(clock: Clock, talk: Talk) {
    this.#clock = clock
    this.#talk = talk
  }

  /** `undefined` where the call failed for a reason that may pass. */
  async patiently<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await call()
      this.#end()
      return result
    } catch (error) {
      if (errorClassOf(error, 'stop') !== 'retry') throw error
      this.#begin(messageOf(error))
      return undefined
    }
  }

  #begin(reason: string): void {
    if (this.#sinceMs !== undefined) return
    this.#sinceMs = this.#clock.nowMs()
    this.#talk.warn(`waiting for rows: ${reason}; it goes on by itself`)
  }

  #end(): void {
    if (this.#sinceMs === undefined) return
    this.#talk.info(`rows answer again after ${formatDuration(this.#clock.nowMs() - this.#sinceMs)}`)
    this.#sinceMs = undefined
  }
}
