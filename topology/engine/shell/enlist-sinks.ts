/** Brings a ledger document in line with the sinks that are declared now: new ones get a lane, missing ones are retired. */
import { errors } from '../../model/errors.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { isAbandoned, withReplays } from '../replay-plan.ts'
import type { PartitionLedger } from './partition-ledger.ts'

/** `declared`: the plan of the topology alone. `logStart`: lowest offset that the log still has; a new sink can begin nowhere before it. */
export const enlistSinks = async (ledger: PartitionLedger, declared: SpoutPlan, logStart: number): Promise<void> => {
  for (const node of withReplays(declared, ledger.doc).sinks) {
    const { name: sink, kind: sinkKind, order, fingerprint, replay } = node
    while (ledger.doc.sinks[sink] === undefined) {
      const from = Math.max(ledger.doc.start, logStart)
      const origin = replay === undefined ? {} : { replay }
      await ledger.propose({ kind: 'addSink', sink, sinkKind, order, from, to: null, fingerprint, ...origin })
    }
    await retire(ledger, sink, false)
  }
  for (const sink of Object.keys(ledger.doc.sinks)) {
    // Asked of the newest document: somebody may have begun a replay meanwhile.
    if (isAbandoned(declared, ledger.doc, sink)) await retire(ledger, sink, true)
  }
}

/** Throws `sinkLapsed` (stop) where deletes went by that took nothing out of the sink, and nobody could do it any more. */
const retire = async (ledger: PartitionLedger, sink: string, retired: boolean): Promise<void> => {
  for (;;) {
    const state = ledger.doc.sinks[sink]!
    // Dropped since it was looked for: nobody misses it.
    if (!retired && state.lapsed === true && state.replay !== undefined) return
    // It may lapse until the very moment in which it comes back.
    if (!retired && state.lapsed === true) throw errors.sinkLapsed({ sink })
    if (state.retired === retired) return
    await ledger.propose({ kind: 'retireSink', sink, retired })
  }
}
