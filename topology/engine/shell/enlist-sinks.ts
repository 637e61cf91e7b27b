/** Brings a ledger document in line with the sinks that are declared now: new ones get a lane, missing ones are retired. */
import type { PlannedSink } from '../../model/spout-plan.ts'
import type { LedgerWriter } from './ledger-writer.ts'

/** `logStart`: lowest offset that the log still has; a new sink can begin nowhere before it. */
export const enlistSinks = async (
  ledger: LedgerWriter,
  sinks: readonly PlannedSink[],
  logStart: number,
): Promise<void> => {
  for (const { name: sink, kind: sinkKind, fingerprint } of sinks) {
    while (ledger.doc.sinks[sink] === undefined) {
      const from = Math.max(ledger.doc.start, logStart)
      await ledger.propose({ kind: 'addSink', sink, sinkKind, from, to: null, fingerprint })
    }
    await retire(ledger, sink, false)
  }
  for (const sink of Object.keys(ledger.doc.sinks))
    if (sinks.every((node) => node.name !== sink)) await retire(ledger, sink, true)
}

const retire = async (ledger: LedgerWriter, sink: string, retired: boolean): Promise<void> => {
  while (ledger.doc.sinks[sink]!.retired !== retired) await ledger.propose({ kind: 'retireSink', sink, retired })
}
