/**
 * Dead letters are only added, and only where no epoch that holds the record has been declared (PROTOCOL section 8): else
 * the record is applied and dead-lettered (I-2).
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { spansOf, takenBy, tenantsOf } from './ranges.ts'

type Offsets = LedgerDocument['deadLetters'][string]

const none: Offsets = []

/** Throws a `Violation`. Says whether there are new ones. */
export const checkDeadLetterStep = (before: LedgerDocument, after: LedgerDocument): boolean => {
  let isChanged = false
  for (const sink of Object.keys(before.deadLetters))
    if (after.deadLetters[sink] === undefined) throw new Violation('I-2', `the dead letters of ${sink} are gone`)
  for (const [sink, offsets] of Object.entries(after.deadLetters)) {
    const earlier = before.deadLetters[sink] ?? none
    if (offsets === earlier || isSame(offsets, earlier)) continue
    isChanged = true
    checkChange(after, sink, earlier, offsets)
  }
  return isChanged
}

const isSame = (left: Offsets, right: Offsets): boolean =>
  left.length === right.length &&
  left.every(([from, to], index) => from === right[index]![0] && to === right[index]![1])

const checkChange = (doc: LedgerDocument, sink: string, before: Offsets, after: Offsets): void => {
  let last = -1
  for (const [from, to] of after) {
    if (from <= last || to <= from) throw new Violation('I-2', `dead letters of ${sink} do not ascend at ${from}`)
    last = to
  }
  for (const [from, to] of before)
    if (!after.some((one) => one[0] <= from && one[1] >= to))
      throw new Violation('I-2', `${sink} has forgotten the dead letters from ${from} to ${to}`)
  for (const [from, to] of after)
    for (let offset = from; offset < to; offset++)
      if (!before.some((one) => offset >= one[0] && offset < one[1])) checkUntaken(doc, sink, offset)
}

/** Whose the record is does not stand in the document: some tenant's must still be open. */
const checkUntaken = (doc: LedgerDocument, sink: string, offset: number): void => {
  const taken = takenBy(doc, sink, false)
  const isOpen = (tenant: string): boolean =>
    !spansOf(taken, tenant).some(({ from, to }) => offset >= from && offset < to)
  if (![...tenantsOf(taken)].some(isOpen))
    throw new Violation('I-2', `${offset} is dead-lettered for ${sink}, which had taken it`)
}
