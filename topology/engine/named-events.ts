/** Which events delete requests name by `keen.id`: an id holds partition and offset, so they are found without a search. */
import type { DeleteRequest } from '../model/delete-request.ts'
import { readDeleteRequest } from '../model/delete-request.ts'
import { parseEventId } from '../model/event-id.ts'
import type { DeleteRecord } from '../model/ledger-document.ts'

/** Ids that a request names, when it names its events by id. */
export const idsOf = (request: DeleteRequest): readonly string[] | undefined => {
  const filter = request.filters.find(
    (one) => one.path.join('.') === 'keen.id' && (one.operator === 'eq' || one.operator === 'in'),
  )
  if (filter === undefined) return undefined
  return (Array.isArray(filter.value) ? filter.value : [filter.value]).filter((id) => typeof id === 'string')
}

/** Offsets of a partition that records by id name, ascending, each once. */
export const namedOffsets = (records: readonly DeleteRecord[], partition: number): readonly number[] => {
  const offsets = new Set<number>()
  for (const record of records) {
    const request = readDeleteRequest(record.request)
    for (const id of (typeof request === 'string' ? undefined : idsOf(request)) ?? []) {
      const place = parseEventId(id)
      if (place?.partition === partition) offsets.add(place.offset)
    }
  }
  return [...offsets].sort((left, right) => left - right)
}
