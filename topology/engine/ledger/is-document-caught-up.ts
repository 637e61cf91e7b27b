/** Whether everything of a partition below an offset is durable on the sinks in service, and every delete is done. */
import type { DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import { isDeleteReady, isDoneOn } from './delete-entries.ts'

/** What whoever asks serves: nobody waits for what others serve, nor for what waits for them. */
export interface ServedSinks {
  readonly names: ReadonlySet<string>
  readonly eventStore: string | undefined
}

/** `isResting`: whether a person holds the work on a delete, so that nobody waits for it. Without `served` all sinks are. */
export const isDocumentCaughtUp = (
  doc: LedgerDocument,
  end: number,
  isResting: (entry: DeleteEntry) => boolean,
  served?: ServedSinks,
): boolean => {
  const isServed = (sink: string): boolean => served?.names.has(sink) ?? true
  const lanes = Object.values(doc.lanes).filter(
    (lane) => doc.sinks[lane.sink]?.retired === false && isServed(lane.sink),
  )
  const isRead = lanes.every((lane) => lane.at >= Math.min(end, lane.to ?? end))
  const isOver = (entry: DeleteEntry): boolean =>
    Object.keys(entry.work).every(
      (sink) => !isServed(sink) || isDoneOn(doc, entry, sink) || isHeldByOthers(doc, entry, sink, served),
    )
  return isRead && doc.deletes.every((entry) => isOver(entry) || isResting(entry))
}

/** The event store goes last, and the others go when it has what they had: either may be somebody else's. */
const isHeldByOthers = (
  doc: LedgerDocument,
  entry: DeleteEntry,
  sink: string,
  served: ServedSinks | undefined,
): boolean => {
  if (served === undefined || entry.work[sink]?.state !== 'waiting') return false
  const isOpenElsewhere = Object.keys(entry.work).some((one) => !served.names.has(one) && !isDoneOn(doc, entry, one))
  return isOpenElsewhere && !isDeleteReady(doc, entry, sink, served.eventStore)
}
