/** Dice for tests of the simulated servers: by chances, by hand, or silent. */

import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import type { Dice } from '../../../topology/testing/simulation/stage/dice.ts'
import type { FaultKind } from '../../../topology/testing/simulation/stage/fault-kinds.ts'

export interface GivenDice extends Dice {
  /** Chance of each kind. May be changed at any time. */
  readonly chances: Partial<Record<FaultKind, number>>
  /** What has befallen, with its detail. */
  readonly befell: string[]
  /** It happens at the next occasion, whatever its chance. */
  next(kind: FaultKind): void
  /** From here on this decides instead. */
  rig(happens: ((kind: FaultKind) => boolean) | undefined): void
}

export const givenDice = (chances: Partial<Record<FaultKind, number>> = {}, seed = 1): GivenDice => {
  const random = seededRandom(seed)
  const befell: string[] = []
  const coming = new Set<FaultKind>()
  let rigged: ((kind: FaultKind) => boolean) | undefined
  const decide = (kind: FaultKind): boolean => {
    if (rigged !== undefined) return rigged(kind)
    const chance = chances[kind] ?? 0
    return coming.delete(kind) || (chance > 0 && random.next() < chance)
  }
  return {
    chances,
    befell,
    next: (kind) => coming.add(kind),
    rig: (happens) => {
      rigged = happens
    },
    happens: (kind, detail) => {
      const happens = decide(kind)
      if (happens) befell.push(`${kind} ${detail?.() ?? ''}`)
      return happens
    },
    below: (bound) => Math.floor(random.next() * bound),
  }
}
