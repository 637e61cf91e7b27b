/**
 * Rows that do not answer a command which waits: a person is told once, and once more when they answer again. The command
 * asks again by itself; what is no matter of waiting is thrown.
 */
import type { Clock } from '../model/ports/clock.ts'
import type { WaitingFor } from '../model/run-handle.ts'
import { errorClassOf, messageOf } from '../model/spillway-error.ts'
import type { Talk } from './talk.ts'
import { tellAway, tellBack } from './tell-waiting.ts'

export class Outage {
  readonly #rows: string
  readonly #clock: Clock
  readonly #talk: Talk
  #told: WaitingFor | undefined

  /** `rows`: their name. */
  constructor(rows: string, clock: Clock, talk: Talk) {
    this.#rows = rows
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
    if (this.#told !== undefined) return
    this.#told = { resource: 'rows', name: this.#rows, sinceMs: this.#clock.nowMs(), reason }
    tellAway(this.#talk, this.#told)
  }

  #end(): void {
    if (this.#told !== undefined) tellBack(this.#talk, this.#told, this.#clock.nowMs())
    this.#told = undefined
  }
}
