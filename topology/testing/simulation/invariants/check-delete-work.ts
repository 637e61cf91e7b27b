/**
 * What the work of one delete on one sink may do from one version to the next (PROTOCOL section 5): it begins when what
 * it covers is committed, goes through its ranges in declared epochs, and is done when none is left. I-3, I-4.
 */
import type { DeleteEntry, DeleteWork, Home, LedgerDocument, Segment } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { eventStoreIn, firstMissing, takenBy } from './ranges.ts'

const order = { waiting: 0, running: 1, done: 2 } as const

/** Throws a `Violation`. `covered`: on this sink, in the version before. */
export const checkDeleteWork = (
  doc: LedgerDocument,
  entry: DeleteEntry,
  sink: string,
  before: DeleteWork,
  after: DeleteWork,
  covered: readonly Segment[] | undefined,
): void => {
  const place = `the work of delete ${entry.n} on ${sink}`
  if (order[after.state] < order[before.state])
    throw new Violation('I-4', `${place} was ${before.state}, now it is ${after.state}`)
  if (after.retracted < before.retracted || (after.expired ?? 0) < (before.expired ?? 0))
    throw new Violation('I-4', `${place} went back: ${JSON.stringify(before)}, ${JSON.stringify(after)}`)
  if (before.state === 'waiting' && after.state !== 'waiting')
    checkBegun(doc, entry, sink, place, entry.cover[sink] ?? covered ?? [])
  const isSwept = doc.sinks[sink]?.slots.length === 0
  if (before.state === 'running') checkProgress(place, before, after, isSwept)
  if (after.state !== 'running' && (after.todo.length > 0 || after.declared !== null))
    throw new Violation('I-3', `${place} is ${after.state}, and ${after.todo.length} ranges are left`)
  if (after.declared !== null) checkDeclared(doc, entry, sink, place, after)
}

/** What it covers is committed, in the event store too; that one goes last. */
const checkBegun = (
  doc: LedgerDocument,
  { cover, work }: DeleteEntry,
  sink: string,
  place: string,
  covered: readonly Segment[],
): void => {
  const missing = firstMissing(covered, takenBy(doc, sink, true))
  if (missing !== undefined) throw new Violation('I-3', `${place} has begun, and ${missing.offset} is not committed`)
  const store = eventStoreIn(doc)
  if (store === undefined) return
  const behind = firstMissing(cover[store] ?? [], takenBy(doc, store, true))
  if (behind !== undefined)
    throw new Violation('I-3', `${place} has begun, and ${store} has not committed ${behind.offset}`)
  if (sink !== store) return
  for (const [other, { state }] of Object.entries(work))
    if (other !== store && state !== 'done' && doc.sinks[other]?.retired !== true)
      throw new Violation('I-3', `${place} has begun, and ${other} has still to read it: its work is ${state}`)
}

/**
 * The sum of any number of declarations and commits. Event rows and objects are swept: what is taken out of them can be
 * taken out twice, so a sweep is told when it is over.
 */
const checkProgress = (place: string, before: DeleteWork, after: DeleteWork, isSwept: boolean): void => {
  const passed = before.todo.length - after.todo.length
  const isSuffix = passed >= 0 && after.todo.every((home, index) => isSame(home, before.todo[passed + index]!))
  if (!isSuffix) throw new Violation('I-3', `${place} has other ranges left than before`)
  const { at, declared } = after
  if (passed === 0) {
    const isMoved = at !== before.at
    if (at < before.at) throw new Violation('I-4', `${place} went back from ${before.at} to ${at}`)
    if (isMoved && at !== before.declared && !isSwept)
      throw new Violation(
        'I-4',
        `${place} went from ${before.at} to ${at}, and ${before.declared ?? 'nothing'} was declared`,
      )
    if (!isMoved && before.declared !== null && declared !== before.declared)
      throw new Violation('I-4', `${place} had declared ${before.declared}, now ${declared ?? 'nothing'}`)
  } else if (!isSwept && (before.declared === null || passed > 1 || before.declared < before.todo[0]!.to)) {
    const home = before.todo[0]!
    throw new Violation(
      'I-3',
      `${place} left the range [${home.from}, ${home.to}) and had declared ${before.declared ?? 'nothing'}`,
    )
  }
}

const isSame = (left: Home, right: Home): boolean =>
  left.from === right.from && left.to === right.to && left.slot === right.slot && left.lane === right.lane

const checkDeclared = (
  { sinks }: LedgerDocument,
  { n }: DeleteEntry,
  sink: string,
  place: string,
  { declared, at, todo, seq }: DeleteWork,
): void => {
  const home = todo[0]
  if (home === undefined || declared === null || declared <= at || declared > home.to || at < home.from)
    throw new Violation(
      'I-4',
      `${place} has declared ${declared} from ${at} on, in ${home === undefined ? 'no range' : `[${home.from}, ${home.to})`}`,
    )
  const slot = sinks[sink]?.slots[home.slot]
  if (slot !== undefined && (slot.turn !== `D${n}:${sink}` || slot.seq !== seq))
    throw new Violation(
      'I-4',
      `${place} has declared as ${seq} in slot ${home.slot}, and ${slot.turn ?? 'nobody'} has its turn at ${slot.seq}`,
    )
}
