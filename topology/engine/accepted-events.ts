/**
 * What a duplicate is. An event is *accepted* unless an accepted one with its token lies before it in the log and less
 * than the window away in append time; what is not accepted is a duplicate.
 *
 * So the rule follows from the log alone: not from deletes, dead letters, batches, sinks or owners (I-1). Any two
 * accepted events of a token are a window or more apart, so an interval of that length holds one at most: intervals of
 * append time, numbered, are exact keys for what was accepted, and three of them hold all that one event needs.
 */

/** An event that was accepted. */
export interface AcceptedEvent {
  readonly offset: number
  readonly appendTimeMs: number
}

/** An event with a token. */
export interface TokenUse extends AcceptedEvent {
  /** Place in its batch. */
  readonly index: number
  /** Names project, collection and value. */
  readonly token: string
}

export const intervalOf = (appendTimeMs: number, windowMs: number): number => Math.floor(appendTimeMs / windowMs)

/** Intervals in which an accepted event may lie that makes this one a duplicate. */
export const intervalsAround = (appendTimeMs: number, windowMs: number): readonly number[] => {
  const own = intervalOf(appendTimeMs, windowMs)
  return [own - 1, own, own + 1]
}

export type Verdict = 'duplicate' | 'accepted' | 'unknown'

/**
 * What some accepted events of the token say about an event. `unknown`: nothing; where they are all that lie before it,
 * the event is to be accepted. What was accepted later says nothing about an earlier event.
 */
export const verdictOf = (event: AcceptedEvent, accepted: readonly AcceptedEvent[], windowMs: number): Verdict => {
  let verdict: Verdict = 'unknown'
  for (const one of accepted) {
    if (one.offset === event.offset) return 'accepted'
    const isNear = Math.abs(one.appendTimeMs - event.appendTimeMs) < windowMs
    if (one.offset < event.offset && isNear) verdict = 'duplicate'
  }
  return verdict
}
