/** Charges what a lost worker had in user code, durably, before another one may read it. */
import { plantedFaults } from '../../../model/planted-faults.ts'
import type { RemoteLanes } from './remote-lanes.ts'
import type { WorkerLink } from './worker-link.ts'

/** `desks`: all partitions of the process, the newest last. */
export const chargeLoss = async (link: WorkerLink, desks: readonly RemoteLanes[], cause: string): Promise<void> => {
  // The planted supervisor takes every loss for bad luck.
  if (plantedFaults.has('loss-not-charged')) return
  const charges = link.marks.flatMap(({ spout, partition, ...range }) => {
    const lanes = desks.findLast((one) => one.spout === spout && one.place.partition === partition)
    return lanes?.place.ledger.propose({ kind: 'suspect', ...range, cause }) ?? []
  })
  await Promise.allSettled(charges)
}
