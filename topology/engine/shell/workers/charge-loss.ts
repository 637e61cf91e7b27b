/**
 * Charges what a lost worker had in user code, durably, before another one may read it. Where bolts ran again meanwhile,
 * they may be the cause as well: lanes become careful, and read alone, so that the next loss says more.
 */
import { plantedFaults } from '../../../model/planted-faults.ts'
import type { RemoteLanes } from './remote-lanes.ts'
import type { WorkerLink } from './worker-link.ts'

/** `desks`: all partitions of the process, the newest last. */
export const chargeLoss = async (link: WorkerLink, desks: readonly RemoteLanes[], cause: string): Promise<void> => {
  // The planted supervisor takes every loss for bad luck.
  if (plantedFaults.has('loss-not-charged')) return
  const doubt = link.marks.some(({ isAgain }) => isAgain) ? ({ isDoubtful: true } as const) : {}
  const charges = link.marks.flatMap(({ spout, partition, isAgain, ...range }) => {
    if (isAgain) return []
    const lanes = desks.findLast((one) => one.spout === spout && one.place.partition === partition)
    return lanes?.place.ledger.propose({ kind: 'suspect', ...range, ...doubt, cause }) ?? []
  })
  await Promise.allSettled(charges)
}
