/**
 * What a run does now and then for its partitions until it is asked to stop: the log is told what it may drop, the
 * ledger is asked what other processes have written, groups are told how far it is, and lanes are looked after. What fails
 * is left out; the next time does it.
 */
import type { EngineParts } from './engine-parts.ts'
import type { PartitionDesk } from './partition-desk.ts'

// Retention works in hours.
const releaseEveryMs = 10_000
// A replay that is begun beside this run waits for so long when nothing is committed; else the next commit meets it.
const lookEveryMs = 2_000
// What was written since is not read as well: a replay that begins then, and no commit after, waits for so much more.
const maxAgeMs = 1_500
// One tenant at 100 x is noticed before the others wait for long.
const superviseEveryMs = 500
// Lanes stand still until then.
const superviseSoonMs = 200

export interface Tending {
  /** Tells groups how far the partitions are. */
  readonly commit: () => Promise<void>
  /** Says what lanes do next; true: some stand still until it is asked again. Never throws. */
  readonly supervise: () => Promise<boolean>
}

/** Runs until the signal aborts. */
export const tendPartitions = async (
  { clock, knob }: Pick<EngineParts, 'clock' | 'knob'>,
  partitions: () => readonly PartitionDesk[],
  { commit, supervise }: Tending,
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
      for (const one of partitions()) await one.refresh(maxAgeMs).catch(() => undefined)
    }
  }
  const tell = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(knob('group.commitMs'), signal)
      if (!signal.aborted) await commit()
    }
  }
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      const isWaiting = await supervise()
      await clock.sleep(isWaiting ? superviseSoonMs : superviseEveryMs, signal)
    }
  }
  await Promise.all([release(), look(), tell(), watch()])
}
