/** Sinks that have stopped with an error of class `stop`, each with the first of its errors. */
import { messageOf } from '../../model/spillway-error.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PartitionDesk } from './partition-desk.ts'

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)))

export class FailedSinks {
  readonly #report: EngineParts['report']
  readonly #reasons = new Map<string, string>()

  constructor(report: EngineParts['report']) {
    this.#report = report
  }

  has(sink: string): boolean {
    return this.#reasons.has(sink)
  }

  reasonOf(sink: string): string | undefined {
    return this.#reasons.get(sink)
  }

  /** Tells of each sink once. */
  note(sink: string, failure: Error): void {
    if (this.#reasons.has(sink)) return
    this.#reasons.set(sink, failure.message)
    const text = `sink ${sink} stopped: ${failure.message}`
    this.#report({ kind: 'laneStopped', level: 'error', text, fields: { sink, reason: failure.message } })
  }
}

/** Whether every lane that can still move has nothing more to do: an error elsewhere need not be waited for. */
export const areOthersCaughtUp = (desks: readonly PartitionDesk[], endOf: (desk: PartitionDesk) => number): boolean =>
  desks.every((one) =>
    [...one.lanes.values()].every(
      (lane) => !lane.isActive || lane.isPaused || (lane.isSettled && lane.position >= endOf(one)),
    ),
  )
