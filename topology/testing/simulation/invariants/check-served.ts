/**
 * What readers see of a topology (PROTOCOL section 8): a namespace that was struck out stays so and is never read, and
 * what is read is in service, or deletes would pass it by (I-3).
 */
import type { LedgerDocument, ServedCatalogue } from '../../../model/ledger-document.ts'
import { catalogueKey, namespacedSink } from '../../../model/namespace.ts'
import type { Ledger } from '../../../model/ports/ledger.ts'
import { Violation } from '../violation.ts'
import type { PlacedDocument } from './history-place.ts'

/** One version behind the other. Throws a `Violation`. */
export const checkServedStep = (before: ServedCatalogue | undefined, after: ServedCatalogue): void => {
  for (const name of before?.dropped ?? [])
    if (!after.dropped.includes(name)) throw new Violation('I-3', `${name} was dropped, and may be read again`)
  if (after.atMs < (before?.atMs ?? 0)) throw new Violation('I-4', `what is read went back to ${after.atMs}`)
  for (const [sink, namespace] of Object.entries(after.sinks))
    if (after.dropped.includes(namespace))
      throw new Violation('I-3', `${sink} is read in ${namespace}, which was dropped`)
}

/** Throws a `Violation`. */
export const checkServed = async (
  ledger: Ledger,
  topology: string,
  documents: readonly PlacedDocument[],
): Promise<void> => {
  const served = (await ledger.read(catalogueKey(topology)))?.served
  for (const [sink, namespace] of Object.entries(served?.sinks ?? {}))
    for (const { doc, spout, partition } of documents)
      if (isOut(doc, namespacedSink(sink, namespace)))
        throw new Violation(
          'I-3',
          `${sink} is read in ${namespace}, out of service on partition ${partition} of ${spout}`,
        )
}

const isOut = ({ sinks }: LedgerDocument, sink: string): boolean => sinks[sink]?.retired === true
