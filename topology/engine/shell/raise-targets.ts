/**
 * A run that ends by itself and shares its partitions has taken some from runs that do not end: fresh events of these must
 * not wait until it is done. Where its open lanes have made durable what it is to catch up with, they go on with what has
 * come since; a longer epoch would only delay its end.
 */
import type { PartitionDesk } from './partition-desk.ts'

export const raiseTargets = async (
  desks: readonly PartitionDesk[],
  endOf: (desk: PartitionDesk) => number,
): Promise<void> => {
  for (const one of desks) {
    if (!one.areOpenLanesRead(endOf(one))) continue
    const { end } = await one.log.bounds(one.partition).catch(() => ({ end: 0 }))
    one.raiseTarget(end)
  }
}
