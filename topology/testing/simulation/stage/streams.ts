/**
 * The random numbers of one history: a stream per purpose, and one per step.
 *
 * What a step draws follows from the seed and the step's number alone. So a step, a record or a kind of fault that is
 * left out changes no draw of another, and a history that fails can be made smaller without becoming another history.
 */
import type { Random } from '../../../model/ports/random.ts'
import { seededRandom } from '../../seeded-random.ts'

// Odd constants far apart: neighbouring seeds and steps begin at places that have nothing to do with each other.
const seedFactor = 0x9e3779b1
const stepFactor = 0x85ebca6b

const placeOf = (purpose: string): number => {
  let place = 0x811c9dc5
  for (let index = 0; index < purpose.length; index++) place = Math.imul(place ^ purpose.charCodeAt(index), 0x01000193)
  return place >>> 0
}

export class Streams {
  readonly seed: number
  #ofStep: Random
  /** Of the step that is played now. */
  readonly now: Random = { next: () => this.#ofStep.next() }

  constructor(seed: number) {
    this.seed = seed
    this.#ofStep = this.of('before the first step')
  }

  /** A stream of its own: same seed and purpose, same numbers. */
  of(purpose: string): Random {
    return seededRandom((Math.imul(this.seed, seedFactor) ^ placeOf(purpose)) >>> 0)
  }

  /** From here on `now` is the stream of this step. */
  begin(step: number): void {
    this.#ofStep = seededRandom((Math.imul(this.seed, seedFactor) ^ Math.imul(step + 1, stepFactor)) >>> 0)
  }
}
