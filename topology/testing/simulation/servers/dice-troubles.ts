/**
 * Lets the dice of a history decide over a faulty store: which kind of fault each of its troubles is. A trouble that is
 * no fault of a history never befalls.
 */
import type { Troubles } from '../../faults/troubles.ts'
import type { Dice } from '../stage/dice.ts'
import type { FaultKind } from '../stage/fault-kinds.ts'

/** `describe` says which call it is that the fault befalls; asked only when one does. */
export const diceTroubles = <Kind extends string>(
  dice: Dice,
  kinds: Readonly<Partial<Record<Kind, FaultKind>>>,
  describe: () => string,
): Troubles<Kind> => ({
  befalls: (trouble) => {
    const kind = kinds[trouble]
    return kind !== undefined && dice.happens(kind, describe)
  },
  below: (bound) => dice.below(bound),
})
