/**
 * The offset that a group is told (PROTOCOL section 10): below it everything is durable on the sinks in service, and it
 * only moves forward. Nothing is recovered from it, but tools show it, and a log may drop what lies below.
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'

/** Throws a `Violation`. `before`: told earlier; `doc`: as it is when `told` has arrived. */
export const checkGroupOffset = (before: number | undefined, told: number, doc: LedgerDocument): void => {
  if (before !== undefined && told < before)
    throw new Violation('I-4', `the group offset went back from ${before} to ${told}`)
  for (const [id, { sink, at }] of Object.entries(doc.lanes)) {
    const state = doc.sinks[sink]!
    // Replays, sinks that fill up from behind and those that nobody serves do not count.
    if (state.retired || state.replay !== undefined || isFilling(doc, sink, state.backfillTo)) continue
    if (at < told) throw new Violation('I-2', `the group was told ${told}, and lane ${id} of ${sink} stands at ${at}`)
  }
}

const isFilling = ({ lanes }: LedgerDocument, sink: string, backfillTo: number | undefined): boolean =>
  backfillTo !== undefined && Object.values(lanes).some((lane) => lane.sink === sink && lane.at < backfillTo)
