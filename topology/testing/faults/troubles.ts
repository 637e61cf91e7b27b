/**
 * What decides whether a trouble befalls a call: chances and a stream of random numbers in tests, the dice of a history in
 * the simulated world. The faulty stores ask it and know neither.
 */
import type { Random } from '../../model/ports/random.ts'

export interface Troubles<Kind extends string> {
  /** Whether it befalls this call, now. */
  befalls(kind: Kind): boolean
  /** A whole number in `[0, bound)`. */
  below(bound: number): number
}

/** By chances in [0, 1], which may be changed at any time. */
export const chanceTroubles = <Kind extends string>(
  random: Random,
  chances: Readonly<Record<Kind, number>>,
): Troubles<Kind> => ({
  befalls: (kind) => random.next() < chances[kind],
  below: (bound) => Math.floor(random.next() * bound),
})

/** What a slow call waits for; nothing to wait for: it goes on at once. */
export type Pause = () => Promise<void> | undefined
