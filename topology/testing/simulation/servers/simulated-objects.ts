/**
 * S3 as a history sees it: creates and replaces under conditions, of which some fail before they begin, beside another
 * one of the same object (409), or after they have taken effect (500, or a lost reply); some take effect long after
 * their caller has given up; slow ones send their bodies piece by piece. A list is as current as a read.
 *
 * Objects are whole or absent at every moment, and never removed (PROTOCOL section 7).
 */
import { createMemoryObjects } from '../../../../sinks/objects/memory/memory-objects.ts'
import type { ObjectStore } from '../../../model/ports/object-store.ts'
import { TroubledObjects } from '../../faults/faulty-object-store.ts'
import type { Pause } from '../../faults/troubles.ts'
import type { Dice } from '../stage/dice.ts'
import { diceTroubles } from './dice-troubles.ts'

export interface SimulatedObjectsOptions {
  readonly dice: Dice
  /** What a slow call waits for, several times. */
  readonly pause: Pause
}

export interface SimulatedObjects extends ObjectStore {
  /** Calls that are still on their way. */
  readonly pendingCount: number
  /** Lets late calls take effect (default: all). */
  deliver(count?: number): Promise<void>
}

const kinds = { before: 'objectBefore', after: 'objectAfter', late: 'objectLate', slow: 'objectSlow' } as const

export const createSimulatedObjects = ({ dice, pause }: SimulatedObjectsOptions): SimulatedObjects => {
  const objects: TroubledObjects = new TroubledObjects(
    createMemoryObjects(),
    diceTroubles(dice, kinds, () => objects.now),
    pause,
  )
  return objects
}
