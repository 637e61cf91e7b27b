/**
 * Plays a planted fault: seeds from 1 on, over the scenarios of its family, until a check says that something is wrong.
 * The number of the seed that finds it is how many histories it takes. The same history without the fault is in order,
 * or it would show nothing.
 */

import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { type HistoryOptions, playHistory } from '../../topology/testing/simulation/history.ts'
import type { Violation } from '../../topology/testing/simulation/violation.ts'
import { checksWithNotes } from './check-notes.ts'
import { mutedIn, type PlantedFamily, plantedFamilies } from './planted-families.ts'

export interface FoundPlanted {
  readonly seed: number
  readonly violation: Violation
}

/** `undefined`: none of so many seeds finds it. The fault is planted meanwhile, and nothing else may be played. */
export const findPlanted = async (
  fault: string,
  family: PlantedFamily,
  seedsMax: number,
): Promise<FoundPlanted | undefined> => {
  const options = { draw: plantedFamilies[family], checks: checksWithNotes, muted: mutedIn(family) }
  for (let seed = 1; seed <= seedsMax; seed++) {
    const violation = await playWith(fault, { ...options, seed })
    if (violation === undefined) continue
    const without = (await playHistory({ ...options, seed })).violation
    if (without !== undefined) throw new Error(`seed ${seed} fails without ${fault} too`, { cause: without })
    return { seed, violation }
  }
  return undefined
}

const playWith = async (fault: string, options: HistoryOptions): Promise<Violation | undefined> => {
  plantedFaults.add(fault)
  try {
    return (await playHistory(options)).violation
  } catch (error) {
    throw new Error(`seed ${options.seed} cannot be played with ${fault}`, { cause: error })
  } finally {
    plantedFaults.delete(fault)
  }
}
