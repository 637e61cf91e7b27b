/**
 * All but the first of equal events as one delete job: found in the event store, named by id, at most 500 ids a record, so
 * that thousands of single deletes are one request, one line of progress and one read each (B13).
 */
import type { StoredRequest } from '../sinks/rows/delete-requests.ts'
import { type DeleteDesk, refuseOther } from './delete-desk.ts'
import type { DeleteInput } from './delete-input.ts'
import type { DeleteReceipt, JudgedDelete } from './delete-writing.ts'
import { type Duplicates, type DuplicatesQuery, findDuplicates } from './find-duplicates.ts'
import { formatTime } from './model/event-time.ts'
import { canonicalJson } from './model/json.ts'
import { formatPath, type Path, parsePath } from './model/path.ts'
import { type DeletePart, idPart } from './place-delete.ts'

export interface DuplicatesJob extends DuplicatesQuery {
  readonly id: string | undefined
}

/** The job as it is stored, and what its id stands for already. Throws `deleteIdTaken`. */
export const recallDuplicates = async (
  desk: DeleteDesk,
  job: DuplicatesJob,
): Promise<{ readonly text: string; readonly before: StoredRequest | undefined }> => {
  const text = duplicatesText(job)
  const before = job.id === undefined ? undefined : await desk.find(job.id)
  refuseOther(before, text)
  return { text, before }
}

const duplicatesText = ({ project, collection, paths, timeframe }: DuplicatesQuery): string => {
  const frame =
    timeframe === undefined
      ? {}
      : { timeframe: { start: formatTime(timeframe.startMs), end: formatTime(timeframe.endMs) } }
  return canonicalJson({ project, collection, duplicates_of: paths.map(formatPath), ...frame })
}

/** The job that a row was made of; `undefined` when it is a request of another kind. */
export const storedDuplicates = (
  before: StoredRequest,
): { readonly request: DeleteInput; readonly paths: readonly Path[] } | undefined => {
  const { duplicates_of: texts, ...content } = JSON.parse(before.request) as DeleteInput & { duplicates_of?: string[] } // as `duplicatesText` writes it
  if (texts === undefined) return undefined
  return { request: { ...content, id: before.id }, paths: texts.flatMap((text) => [parsePath(text) ?? []]) }
}

/** Whether every record of a job is in the log: then it is not searched again. */
export const isWritten = (before: StoredRequest): boolean =>
  before.written.reduce((sum, { records }) => sum + records, 0) >= before.recordsTotal

/** The receipt of a job that is in the log already. */
export const receiptOf = (before: StoredRequest): DeleteReceipt => ({
  ...{ id: before.id, class: before.class, records: before.recordsTotal, written: 0 },
  partitions: before.written.length,
  isRepeated: true,
})

/** Searches, and gives the job with what was found. */
export const judgeDuplicates = async (
  desk: DeleteDesk,
  job: DuplicatesJob,
): Promise<{ readonly found: Duplicates; readonly judged: JudgedDelete }> => {
  const { text, before } = await recallDuplicates(desk, job)
  const found = await findDuplicates(job)
  const { project, collection } = job
  const named = { id: job.id ?? desk.newId(), project, collection, text, before }
  const parts = partsOf(desk, found, { project, collection })
  return { found, judged: { ...named, class: 'by-id', parts, isSearched: true } }
}

const partsOf = (
  desk: DeleteDesk,
  { places }: Duplicates,
  content: { readonly project: string; readonly collection: string },
): readonly DeletePart[] =>
  desk.logs.flatMap(({ log }) =>
    places.partitions
      .filter((partition) => partition < log.partitions)
      .map((partition) => idPart(log, partition, places.countOf(partition), places.idsOf(partition), content)),
  )
