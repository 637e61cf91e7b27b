/**
 * The protocol as a predicate on two versions of a ledger document, one behind the other: what may have happened between
 * them. Any number of transitions may, for all that wait for one tick go into one compare-and-set (PROTOCOL section 2).
 *
 * I-2: nothing that was taken is dead-lettered. I-3: the delete list. I-4: everything moves forward only. I-5: the ranges
 * tile each sink for each tenant. I-8: counters add up. Asked of every version, so it does no work for what is the same.
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { checkDeadLetterStep } from './check-dead-letter-step.ts'
import { checkDeleteList } from './check-delete-list.ts'
import { checkLanes, checkNewLane, checkSink, checkTurns } from './check-lanes.ts'
import { checkTiling } from './check-tiling.ts'

/** Throws a `Violation`. `before`: the version that `after` replaced; `undefined` for the first one. */
export const checkLedgerStep = (before: LedgerDocument | undefined, after: LedgerDocument): void => {
  if (before === undefined) {
    for (const [id, lane] of Object.entries(after.lanes)) checkNewLane(undefined, after, Number(id), lane)
    checkTiling(after)
    return
  }
  if (after.ver !== before.ver + 1) throw new Violation('I-4', `version ${after.ver} replaced ${before.ver}`)
  if (after.log !== before.log) throw new Violation('I-1', `the document of log ${before.log} is of ${after.log} now`)
  if (after.nextLane < before.nextLane)
    throw new Violation('I-4', `nextLane went back from ${before.nextLane} to ${after.nextLane}`)
  const isTiledAnew = checkSinks(before, after)
  const areLanesRuled = checkLanes(before, after)
  checkTurns(after)
  checkDeleteList(before, after)
  const isDeadLettered = checkDeadLetterStep(before, after)
  const isLost = (after.lost?.length ?? 0) !== (before.lost?.length ?? 0)
  if (isLost) checkLost(before, after)
  const isRuled = areLanesRuled || isDeadLettered || isLost || after.nextDelete > before.nextDelete
  checkRules(before, after, isRuled)
  checkStart(before, after)
  if (isTiledAnew || areLanesRuled || isLost || after.rules !== before.rules) checkTiling(after)
}

/** Whether ranges may lie otherwise than before. */
const checkSinks = (before: LedgerDocument, after: LedgerDocument): boolean => {
  let hasEnded = false
  for (const id of Object.keys(before.lanes)) hasEnded ||= after.lanes[id] === undefined
  let count = 0
  let isChanged = hasEnded
  for (const [name, sink] of Object.entries(before.sinks)) {
    const same = after.sinks[name]
    if (same === undefined) throw new Violation('I-5', `sink ${name} is gone`)
    checkSink(name, sink, same, hasEnded)
    isChanged ||= same.homes.length !== sink.homes.length
    if (same.isOrdered === true) checkOrdered(after, name)
    count += 1
  }
  return isChanged || Object.keys(after.sinks).length !== count
}

/** What needs its tuples in order is read by one lane; another one, behind it, waits until that has ended. */
const checkOrdered = ({ lanes }: LedgerDocument, sink: string): void => {
  const of = Object.values(lanes).filter((lane) => lane.sink === sink)
  const first = Math.min(...of.map(({ from }) => from))
  const begun = of.filter(({ from, at, declared }) => from === first || at > from || declared !== null)
  if (begun.length > 1) throw new Violation('I-1', `sink ${sink} needs its tuples in order and has ${of.length} lanes`)
}

/** Lost ranges are only added. */
const checkLost = ({ lost: before = [] }: LedgerDocument, { lost: after = [] }: LedgerDocument): void => {
  for (const [index, range] of before.entries()) {
    const same = after[index]
    if (same?.sink !== range.sink || same.from !== range.from || same.to !== range.to)
      throw new Violation('I-5', `the lost range [${range.from}, ${range.to}) of ${range.sink} is gone`)
  }
}

const checkRules = (before: LedgerDocument, after: LedgerDocument, isRuled: boolean): void => {
  if (after.rules < before.rules) throw new Violation('I-4', `rules went back from ${before.rules} to ${after.rules}`)
  if (isRuled && after.rules === before.rules)
    throw new Violation(
      'I-4',
      `ranges, deletes or dead letters changed in version ${after.ver}, and rules stayed at ${after.rules}`,
    )
}

const checkStart = (before: LedgerDocument, { start, lanes, sinks }: LedgerDocument): void => {
  if (start < before.start) throw new Violation('I-4', `start went back from ${before.start} to ${start}`)
  for (const [id, { at, sink }] of Object.entries(lanes))
    if (at < start && sinks[sink]?.lapsed !== true)
      throw new Violation('I-2', `start is ${start}, and lane ${id} of ${sink} stands at ${at}`)
}
