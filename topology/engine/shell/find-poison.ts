/**
 * Finds the records on which a bolt fails by halving what it was given, before anything of it is declared.
 *
 * A batch of n records with p bad ones costs about p x log2(n) more runs. A bolt that fails on the batch but on no
 * single record is not a function of the record: that is a bug of the topology (class `stop`).
 */
import { errors } from '../../model/errors.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import type { BatchResult, BoltFailure } from '../run-bolts.ts'

export interface Poison {
  /** Index in the batch. */
  readonly index: number
  readonly error: unknown
}

export const findPoison = async (
  indices: readonly number[],
  failure: BoltFailure,
  run: (indices: readonly number[]) => Promise<BatchResult>,
): Promise<readonly Poison[]> => {
  const found: Poison[] = []
  const search = async (part: readonly number[], seen: BoltFailure): Promise<void> => {
    if (part.length === 1) {
      found.push({ index: part[0]!, error: seen.error })
      return
    }
    const middle = part.length >>> 1
    for (const half of [part.slice(0, middle), part.slice(middle)]) {
      const result = await run(half)
      // Of any bolt: what stands above the failing one hides it while something that it asks is away.
      const hiding = result.failures.find(({ error }) => errorClassOf(error, 'reject') === 'retry')
      if (hiding !== undefined) throw hiding.error
      const again = result.failures.find((one) => one.bolt === seen.bolt)
      if (again === undefined) continue
      if (errorClassOf(again.error, 'reject') !== 'reject') throw again.error
      await search(half, again)
    }
  }
  if (indices.length > 0) await search(indices, failure)
  if (found.length === 0)
    throw errors.boltUnsteady({ bolt: failure.bolt, reason: messageOf(failure.error) }, failure.error)
  return found
}
