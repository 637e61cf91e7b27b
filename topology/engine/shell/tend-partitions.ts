/**
 * What a run does now and then for its partitions until it is asked to stop: the log is told what it may drop, the
 * ledger is asked what other processes have written, and groups are told how far it is. What fails is left out; the next time does it.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { PartitionRunner } from './partition-runner.ts'

// Retention works in hours.
const releaseEveryMs = 10_000
// A replay that is begun beside this run waits for so long when nothing is committed; else the next commit meets it.
const lookEveryMs = 2_000

// As often as lag tools look.
const commitEveryMs = 1_000

/** Runs until the signal aborts. `commit` tells groups how far the partitions are. */
export const tendPartitions = async (
  clock: Clock,
  partitions: () => readonly PartitionRunner[],
  commit: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const release = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(releaseEveryMs, signal)
      // Also at the end: a run may be shorter than the pause.
      for (const one of partitions()) await one.release().catch(() => undefined)
    }
  }
  const look = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(lookEveryMs, signal)
      if (signal.aborted) return
      for (const one of partitions()) await one.refresh().catch(() => undefined)
    }
  }
  const tell = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(commitEveryMs, signal)
      if (!signal.aborted) await commit()
    }
  }
  await Promise.all([release(), look(), tell()])
}
