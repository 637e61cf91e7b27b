/** Whether everything of a partition below an offset is durable on the sinks in service, and every delete is done. */
import type { DeleteEntry, LaneState, LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
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
  const isServed = isServedBy(served)
  const isOver = (entry: DeleteEntry): boolean =>
    Object.keys(entry.work).every(
      (sink) => !isServed(sink) || isDoneOn(doc, entry, sink) || isHeldByOthers(doc, entry, sink, served, isServed),
    )
  return lanesOwed(doc, end, served).length === 0 && doc.deletes.every((entry) => isOver(entry) || isResting(entry))
}

/** Whether what comes is read on every sink in service: its open lanes have made everything below an offset durable. */
export const areOpenLanesRead = (doc: LedgerDocument, end: number, served?: ServedSinks): boolean =>
  lanesOwed(doc, end, served).every(({ to }) => to !== null)

/** Lanes that somebody waits for, and that have not made durable what they have below an offset. */
const lanesOwed = (doc: LedgerDocument, end: number, served: ServedSinks | undefined): readonly LaneState[] => {
  const isServed = isServedBy(served)
  return Object.values(doc.lanes).filter(
    ({ sink, tenants, at, to }) =>
      doc.sinks[sink]?.retired === false &&
      isServed(sink) &&
      served?.isHeld?.(sink, tenants) !== true &&
      at < Math.min(end, to ?? end),
  )
}

const isServedBy =
  (served: ServedSinks | undefined) =>
  (sink: string): boolean =>
    (served?.names.has(sink) ?? true) && served?.isHeld?.(sink) !== true

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
