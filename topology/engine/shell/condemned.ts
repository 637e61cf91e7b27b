/** Records that have cost so many processes that they are not run again. */
import type { LedgerDocument, Suspect } from '../../model/ledger-document.ts'
import { isDeadLettered } from '../ledger/document.ts'
import type { PartitionLedger } from './partition-ledger.ts'

/** The suspicion of one of the sinks that stands against the only record of a batch, if it was charged often enough. */
export const condemnedBy = (
  { lanes }: LedgerDocument,
  sinks: readonly string[],
  offsets: readonly { readonly offset: number }[],
  attempts: number,
): Suspect | undefined => {
  // What is suspected is read alone.
  const [only] = offsets
  if (only === undefined || offsets.length > 1) return undefined
  for (const { sink, suspect } of Object.values(lanes)) {
    if (suspect === undefined || suspect.attempts < attempts || !sinks.includes(sink)) continue
    if (suspect.from === only.offset && suspect.to === only.offset + 1) return suspect
  }
  return undefined
}

/** Makes the ledger say, before anything else is done, that these sinks skip the record. Its letter is durable by then. */
export const skipRecord = async (
  ledger: PartitionLedger,
  sinks: readonly string[],
  offset: number,
  tenant: string,
): Promise<void> => {
  for (const sink of sinks) {
    while (!isDeadLettered(ledger.doc, sink, offset)) {
      const decision = { kind: 'deadLetter', sinks: [sink], offsets: [offset], tenants: [tenant] } as const
      // Another owner has gone past it: the lane is about to be told.
      if ((await ledger.propose(decision)).kind === 'refused') break
    }
  }
}
