/** Which entries match an event, said without any look-up: every record is asked about every event. */
import type { ListedDelete } from '../../topology/engine/delete-rules.ts'
import type { EventBatch } from '../../topology/model/decoder.ts'
import { readDeleteRequest } from '../../topology/model/delete-request.ts'
import { filterMatches } from '../../topology/model/filter.ts'
import type { DeleteRecord } from '../../topology/model/ledger-document.ts'
import { valueAt } from '../../topology/model/path.ts'

const isMatched = ({ offset, request: json }: DeleteRecord, events: EventBatch, index: number): boolean => {
  const request = readDeleteRequest(json)
  if (typeof request === 'string' || events.offsets[index]! >= offset) return false
  if (events.projects()[index] !== request.project) return false
  if (request.collection !== undefined && events.collections()[index] !== request.collection) return false
  return request.filters.every((filter) => {
    const isId = filter.path.join('.') === 'keen.id'
    return filterMatches(filter, isId ? events.id(index) : valueAt(events.event(index).body, filter.path))
  })
}

/** Entry and record of everything that matches, in list order. */
export const slowMatches = (
  deletes: readonly ListedDelete[],
  events: EventBatch,
  index: number,
): readonly (readonly [n: number, record: number])[] =>
  deletes.flatMap(({ n, records }) =>
    records.flatMap((one, record) => (isMatched(one, events, index) ? [[n, record] as const] : [])),
  )
