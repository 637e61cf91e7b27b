/**
 * Which events a dedupe bolt holds back: one event of the partition after the other, each compared with all that have
 * passed (DOMAIN section 1). Deletes and dead letters play no part in it.
 */
import type { EventBatch } from '../../../model/decoder.ts'
import { canonicalJson, type JsonValue } from '../../../model/json.ts'
import type { PlannedDedupe } from '../../../model/spout-plan.ts'

interface Passed {
  readonly token: string
  readonly project: string
  readonly collection: string
  readonly timeMs: number
}

/** Indices of the duplicates. */
export const heldBack = (events: EventBatch, { path, windowMs }: PlannedDedupe): ReadonlySet<number> => {
  const held = new Set<number>()
  const passed: Passed[] = []
  const values = events.column(path)
  for (let index = 0; index < events.length; index++) {
    const value = values[index] as JsonValue | undefined // a property of a JSON body
    if (value === undefined || value === null || value === '') continue
    const one = {
      token: canonicalJson(value),
      project: events.projects()[index]!,
      collection: events.collections()[index]!,
      timeMs: events.appendTimesMs[index]!,
    }
    if (passed.some((other) => isRepeated(other, one, windowMs))) held.add(index)
    else passed.push(one)
  }
  return held
}

const isRepeated = (first: Passed, one: Passed, windowMs: number): boolean =>
  first.token === one.token &&
  first.project === one.project &&
  first.collection === one.collection &&
  Math.abs(first.timeMs - one.timeMs) < windowMs
