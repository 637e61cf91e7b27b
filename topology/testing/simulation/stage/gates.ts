/**
 * Where every call that leaves a process waits, before it takes effect and before its answer comes back, until the
 * schedule opens its gate. What lies between two gates runs at once, so one seed is one history.
 */
import type { Random } from '../../../model/ports/random.ts'
import type { Party } from './party.ts'

export class Gates {
  readonly #parties: Party[] = []

  admit(party: Party): void {
    this.#parties.push(party)
  }

  /** Its calls never go on. */
  forget(party: Party): void {
    const index = this.#parties.indexOf(party)
    if (index >= 0) this.#parties.splice(index, 1)
    party.waiting.length = 0
  }

  /** Whether a call waits that may go on. */
  get isAnyOpen(): boolean {
    return this.#parties.some((party) => party.mayMove && party.waiting.length > 0)
  }

  /** Opens one gate of those that may move; false when none waits. */
  openOne(random: Random): boolean {
    let weight = 0
    for (const party of this.#parties) if (party.mayMove) weight += party.waiting.length * party.speed
    if (weight === 0) return false
    let place = random.next() * weight
    for (const party of this.#parties) {
      const { waiting } = party
      if (!party.mayMove || waiting.length === 0) continue
      const own = waiting.length * party.speed
      if (place < own) return open(waiting, Math.floor(place / party.speed))
      place -= own
    }
    // A rounding error at the very end of the range.
    const last = this.#parties.findLast((party) => party.mayMove && party.waiting.length > 0)!
    return open(last.waiting, last.waiting.length - 1)
  }
}

/** The last one takes the place of the one that goes. */
const open = (waiting: (() => void)[], wanted: number): true => {
  const index = Math.min(wanted, waiting.length - 1)
  const chosen = waiting[index]!
  const last = waiting.pop()!
  if (index < waiting.length) waiting[index] = last
  chosen()
  return true
}
