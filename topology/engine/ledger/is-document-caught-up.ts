/** Whether everything of a partition below an offset is durable on the sinks in service, and every delete is done. */
import type { DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import { isDeleteDone } from './delete-entries.ts'

/** `isResting`: whether a person holds the work on a delete, so that nobody waits for it. */
export const isDocumentCaughtUp = (
  doc: LedgerDocument,
  end: number,
  isResting: (entry: DeleteEntry) => boolean,
): boolean => {
  const lanes = Object.values(doc.lanes).filter((lane) => doc.sinks[lane.sink]?.retired === false)
  const isRead = lanes.every((lane) => lane.at >= Math.min(end, lane.to ?? end))
  return isRead && doc.deletes.every((entry) => isDeleteDone(doc, entry) || isResting(entry))
}
