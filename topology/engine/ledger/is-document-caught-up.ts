/** Whether everything of a partition below an offset is durable on the sinks in service, and every delete is done. */
import type { DeleteEntry, LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
import { isDeleteReady, isDoneOn } from './delete-entries.ts'

/** What whoever asks serves: nobody waits for what others serve, nor for what waits for them. */
export interface ServedSinks {
  readonly names: ReadonlySet<string>
  readonly eventStore: string | undefined
  /** Nor for what a person holds: all of a sink, or what a lane of some tenants would read. */
  readonly isHeld?: ((sink: string, tenants?: TenantScope) => boolean) | undefined
}

/** `isResting`: whether a person holds the work on a delete, so that nobody waits for it. Without `served` all sinks are. */
export const isDocumentCaughtUp = (
  doc: LedgerDocument,
  end: number,
  isResting: (entry: DeleteEntry) => boolean,
  served?: ServedSinks,
): boolean => {
  const isHeld = served?.isHeld ?? ((): boolean => false)
  const isServed = (sink: string): boolean => (served?.names.has(sink) ?? true) && !isHeld(sink)
  const lanes = Object.values(doc.lanes).filter(
    (lane) => doc.sinks[lane.sink]?.retired === false && isServed(lane.sink) && !isHeld(lane.sink, lane.tenants),
  )
  const isRead = lanes.every((lane) => lane.at >= Math.min(end, lane.to ?? end))
  const isOver = (entry: DeleteEntry): boolean =>
    Object.keys(entry.work).every(
      (sink) => !isServed(sink) || isDoneOn(doc, entry, sink) || isHeldByOthers(doc, entry, sink, served, isServed),
    )
  return isRead && doc.deletes.every((entry) => isOver(entry) || isResting(entry))
}

/** The event store goes last, and the others go when it has what they had: either may be somebody else's. */
const isHeldByOthers = (
  doc: LedgerDocument,
  entry: DeleteEntry,
  sink: string,
  served: ServedSinks | undefined,
  isServed: (sink: string) => boolean,
): boolean => {
  if (served === undefined || entry.work[sink]?.state !== 'waiting') return false
  const isOpenElsewhere = Object.keys(entry.work).some((one) => !isServed(one) && !isDoneOn(doc, entry, one))
  return isOpenElsewhere && !isDeleteReady(doc, entry, sink, served.eventStore)
}
