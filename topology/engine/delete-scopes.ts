/**
 * Where the events lie that delete records can match: what an event store need be asked for, and no more. A record that
 * names its events by id names their times as well.
 */
import { type DeleteScope, readDeleteRequest } from '../model/delete-request.ts'
import { parseEventId } from '../model/event-id.ts'
import type { DeleteRecord } from '../model/ledger-document.ts'
import { idsOf } from './named-events.ts'

/** One scope for each project and collection that is named, in one partition. */
export const deleteScopes = (records: readonly DeleteRecord[], partition: number): readonly DeleteScope[] => {
  const found = new Map<string, DeleteScope>()
  for (const { request } of records) {
    const read = readDeleteRequest(request)
    if (typeof read === 'string') continue
    const { project, collection } = read
    const ids = idsOf(read)
    const timeframe = ids === undefined ? read.timeframe : timesOf(ids, partition)
    // No id is of this partition.
    if (ids !== undefined && timeframe === undefined) continue
    const key = JSON.stringify([project, collection])
    const before = found.get(key)
    found.set(key, { project, collection, timeframe: before === undefined ? timeframe : joined(before, timeframe) })
  }
  return [...found.values()]
}

const joined = ({ timeframe: left }: DeleteScope, right: DeleteScope['timeframe']): DeleteScope['timeframe'] =>
  left === undefined || right === undefined
    ? undefined
    : { startMs: Math.min(left.startMs, right.startMs), endMs: Math.max(left.endMs, right.endMs) }

const timesOf = (ids: readonly string[], partition: number): DeleteScope['timeframe'] => {
  let [startMs, endMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const id of ids) {
    const place = parseEventId(id)
    if (place?.partition !== partition) continue
    startMs = Math.min(startMs, place.timeMs)
    endMs = Math.max(endMs, place.timeMs + 1)
  }
  return endMs < startMs ? undefined : { startMs, endMs }
}
