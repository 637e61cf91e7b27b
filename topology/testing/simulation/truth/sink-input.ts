/** What one partition of the log has for one sink. */
import type { PlannedSink } from '../../../model/spout-plan.ts'
import type { TrueEvent, TruePartition } from './read-true-log.ts'

export interface SinkInput {
  readonly node: PlannedSink
  readonly of: TruePartition
  /** Places of events that a dedupe bolt above it holds back. */
  readonly held: ReadonlySet<number>
  /** Objects that the sink is given, by the place of the event; `undefined`: the events themselves. */
  readonly emitted: readonly (readonly unknown[])[] | undefined
  /** Places of events on which a bolt above it throws. */
  readonly poison: ReadonlyMap<number, string> | undefined
}

/** Whether the sink takes an event, wherever its range and whatever people leave out. */
export const isTakenFrom = ({ held, poison }: SinkInput, event: TrueEvent): boolean =>
  !event.isDead && !held.has(event.index) && poison?.has(event.index) !== true
