/**
 * What a lane suspects of having ended a process (PROTOCOL section 2): it lies within what the lane has still to commit,
 * is charged once more or forgotten when it was passed, and is taken along by lanes that take its range over (I-2).
 */
import type { LaneState, LedgerDocument, Suspect } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'

/** Throws a `Violation`. */
export const checkSuspect = (id: string, before: LaneState, after: LaneState): void => {
  const [was, is] = [before.suspect, after.suspect]
  if (is !== undefined && is.to <= after.at)
    throw broken(id, after, `suspects ${textOf(is)}, and stands at ${after.at}`)
  if (is !== undefined && is !== was) checkCharged(id, was, after, is)
  if (was === undefined || is !== undefined || after.at >= was.to) return
  throw broken(id, after, `has forgotten that it suspects ${textOf(was)}, and stands at ${after.at}`)
}

const checkCharged = (id: string, was: Suspect | undefined, lane: LaneState, is: Suspect): void => {
  if (is.from >= is.to || is.attempts < 1) throw broken(id, lane, `suspects nothing: ${textOf(is)}`)
  if (is.to <= lane.at || (lane.to !== null && is.to > lane.to))
    throw broken(id, lane, `suspects ${textOf(is)}, which it has not to read`)
  if (was === undefined) return
  const isNarrower = is.from >= was.from && is.to <= was.to
  const isElsewhere = is.from >= was.to || is.to <= was.from
  if (is.attempts > was.attempts && !isNarrower)
    throw broken(id, lane, `charges ${textOf(is)} with the losses of ${textOf(was)}`)
  // Another range begins anew; what lies within the old one keeps what it was charged with.
  if (is.attempts <= was.attempts && !isElsewhere && textOf(is) !== textOf(was))
    throw broken(id, lane, `suspects ${textOf(is)} now, and ${textOf(was)} before`)
}

/** A lane that a cut has made inherits suspicions of its sink, and no others. */
export const checkSuspectOfNew = (before: LedgerDocument | undefined, id: number, lane: LaneState): void => {
  const { suspect } = lane
  if (suspect === undefined) return
  checkCharged(String(id), undefined, lane, suspect)
  const heirs = Object.values(before?.lanes ?? {}).filter((one) => one.sink === lane.sink)
  if (!heirs.some((one) => one.suspect !== undefined && isWithin(suspect, one.suspect)))
    throw broken(String(id), lane, `is new and suspects ${textOf(suspect)}, which no lane of its sink did`)
}

const isWithin = (inner: Suspect, outer: Suspect): boolean =>
  inner.from >= outer.from && inner.to <= outer.to && inner.attempts <= outer.attempts

const textOf = ({ from, to, attempts }: Suspect): string => `[${from}, ${to}) of ${attempts} losses`

const broken = (id: string, { sink }: LaneState, what: string): Violation =>
  new Violation('I-2', `lane ${id} of ${sink} ${what}`)
