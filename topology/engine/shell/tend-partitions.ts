/**
 * What a run does now and then for its partitions until it is asked to stop: the log is told what it may drop, and the
 * ledger is asked what other processes have written. What fails is left out; the next time does it.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { PartitionRunner } from './partition-runner.ts'

// Retention works in hours.
const releaseEveryMs = 10_000
// A replay that is begun beside this run waits for so long when nothing is committed; else the next commit meets it.
const lookEveryMs = 2_000

/** Runs until the signal aborts. */
export const tendPartitions = async (
  clock: Clock,
  partitions: readonly PartitionRunner[],
  signal: AbortSignal,
): Promise<void> => {
  const release = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(releaseEveryMs, signal)
      // Also at the end: a run may be shorter than the pause.
      for (const one of partitions) await one.release().catch(() => undefined)
    }
  }
  const look = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(lookEveryMs, signal)
      if (signal.aborted) return
      for (const one of partitions) await one.refresh().catch(() => undefined)
    }
  }
  await Promise.all([release(), look()])
}
