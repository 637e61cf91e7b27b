/** Brings a ledger document in line with the sinks that are declared now: new ones get a lane, missing ones are retired. */
import { errors } from '../../model/errors.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import type { LedgerWriter } from './ledger-writer.ts'

/**
 * `sinksOf` names the declared sinks and the replays of them that a document holds. `logStart`: lowest offset that the
 * log still has; a new sink can begin nowhere before it.
 */
export const enlistSinks = async (
  ledger: LedgerWriter,
  sinksOf: (doc: LedgerDocument) => readonly PlannedSink[],
  logStart: number,
): Promise<void> => {
  for (const { name: sink, kind: sinkKind, order, fingerprint } of sinksOf(ledger.doc)) {
    while (ledger.doc.sinks[sink] === undefined) {
      const from = Math.max(ledger.doc.start, logStart)
      await ledger.propose({ kind: 'addSink', sink, sinkKind, order, from, to: null, fingerprint })
    }
    await retire(ledger, sink, false)
  }
  for (const sink of Object.keys(ledger.doc.sinks)) {
    // Asked of the newest document: somebody may have begun a replay meanwhile.
    if (sinksOf(ledger.doc).every((node) => node.name !== sink)) await retire(ledger, sink, true)
  }
}

/** Throws `sinkLapsed` (stop) where deletes went by that took nothing out of the sink, and nobody could do it any more. */
const retire = async (ledger: LedgerWriter, sink: string, retired: boolean): Promise<void> => {
  for (;;) {
    const state = ledger.doc.sinks[sink]!
    // It may lapse until the very moment in which it comes back.
    if (!retired && state.lapsed === true) throw errors.sinkLapsed({ sink })
    if (state.retired === retired) return
    await ledger.propose({ kind: 'retireSink', sink, retired })
  }
}
