/**
 * The group of a simulated log: owners are given its partition and lose it as the seed says, to one, to several or to
 * nobody at once. Who stands still hears nothing, and goes on with what it had when it wakes.
 */
import type { EventLog, GroupListener } from '../../topology/model/ports/event-log.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { partition } from '../../topology/model/position.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import type { Owner } from './owner.ts'

export class Shares {
  readonly #random: Random
  readonly #chance: number
  readonly #listeners = new Map<string, GroupListener>()
  readonly #note: (text: () => string) => void

  constructor(seed: number, note: (text: () => string) => void) {
    this.#random = seededRandom(seed * 4_057 + 11)
    this.#chance = this.#random.next() * 0.1
    this.#note = note
  }

  /** `hasToEnd`: it gets the partition and keeps it. */
  joinAs(owner: string, hasToEnd: boolean): NonNullable<EventLog['join']> {
    return async (_group, listener) => {
      this.#listeners.set(owner, listener)
      listener.assigned(hasToEnd || this.#random.next() < 0.7 ? [partition(0)] : [])
      return { commit: async () => {}, leave: async () => void this.#listeners.delete(owner) }
    }
  }

  pass(owners: readonly Owner[], step: number): void {
    if (this.#random.next() >= this.#chance) return
    const owner = owners[Math.floor(this.#random.next() * owners.length)]
    const isGiven = this.#random.next() < 0.6
    if (owner === undefined || owner.hasToEnd || !owner.mayMove(step)) return
    this.#note(() => `${owner.name} ${isGiven ? 'is given' : 'loses'} the partition`)
    this.#listeners.get(owner.name)?.assigned(isGiven ? [partition(0)] : [])
  }
}
