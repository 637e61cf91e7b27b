/**
 * A bolt that lets the first of several events with one token pass. Plain data: which events it holds back is decided by
 * the engine, before any bolt runs, because the decision must be the same for every reader of the log (I-1, I-3).
 */
import type { JsonObject } from './json.ts'
import type { Path } from './path.ts'

export interface DedupeOperator {
  readonly kind: 'dedupe'
  readonly name: 'dedupe'
  /** One sentence for `describe`. */
  readonly doc: string
  readonly order: 'partitionOrdered'
  /** The property whose value is the token. */
  readonly path: Path
  /** How far apart in append time two events are no duplicates any more. */
  readonly windowMs: number
  /** Everything that decides, as plain data: part of the fingerprint of each sink below. */
  readonly options: JsonObject
}
