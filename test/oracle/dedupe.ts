/**
 * Which events a dedupe bolt lets pass, the slow and obvious way: one event of the log after the other, each compared
 * with all that have passed (DOMAIN section 1). Deletes play no part in it.
 */
import type { TrueEvent } from './read-whole-log.ts'

/** `by`: names of properties, joined by dots. Append times within `windowMs` are too near. */
export const dedupe = (events: readonly TrueEvent[], by: string, windowMs: number): readonly TrueEvent[] => {
  const passed: TrueEvent[] = []
  for (const event of [...events].sort((left, right) => left.offset - right.offset)) {
    const value = tokenOf(event, by)
    const isDuplicate = passed.some(
      (one) =>
        value !== '' &&
        tokenOf(one, by) === value &&
        one.partition === event.partition &&
        one.project === event.project &&
        one.collection === event.collection &&
        Math.abs(one.appendTimeMs - event.appendTimeMs) < windowMs,
    )
    if (!isDuplicate) passed.push(event)
  }
  return passed
}

/** The token as JSON; an empty text where there is none. */
const tokenOf = ({ body }: TrueEvent, by: string): string => {
  const value = by
    .split('.')
    .reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), body)
  return value === undefined || value === null || value === '' ? '' : JSON.stringify(value)
}
