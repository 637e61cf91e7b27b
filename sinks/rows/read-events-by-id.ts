/**
 * Looks events up by their ids: an id leads to partition, hour and block of its row, so each costs one read by key and
 * nothing is scanned.
 */
import { parseEventId } from '../../topology/model/event-id.ts'
import type { RowKey, RowStore } from '../../topology/model/ports/row-store.ts'
import { findCollections } from './event-buckets.ts'
import { blockOf, eventCell, eventTable, hourOf, hourText } from './event-table.ts'

export interface StoredEventsQuery {
  readonly rows: RowStore
  /** The sink that keeps event rows. */
  readonly sink: string
  readonly spouts: readonly string[]
  readonly project: string
  /** `undefined`: any of the project. */
  readonly collection: string | undefined
  readonly ids: readonly string[]
}

// Rows of a thousand keys are a page like those of a scan.
const keysPerRead = 1_000

/** How many of the ids name a living event. Ids that are none of ours name nothing. */
export const countStoredEvents = async (query: StoredEventsQuery): Promise<number> => {
  const { rows, sink } = query
  const table = eventTable(sink)
  const keys = await keysOf(query)
  let count = 0
  for (let at = 0; at < keys.length; at += keysPerRead) {
    const found = await rows.read(table, keys.slice(at, at + keysPerRead))
    count += found.filter((row) => row !== undefined && row[eventCell.dead] === null).length
  }
  return count
}

const keysOf = async (query: StoredEventsQuery): Promise<readonly RowKey[]> => {
  const places = [...new Set(query.ids)].flatMap((id) => {
    const place = parseEventId(id)
    return place === undefined ? [] : [{ ...place, id: id.toLowerCase() }]
  })
  const { rows, sink, project, spouts } = query
  const collections =
    query.collection === undefined ? await findCollections({ rows, sink, project }) : [query.collection]
  return places.flatMap(({ id, timeMs, partition, offset }) =>
    collections.flatMap((collection) =>
      spouts.map((spout) => [project, collection, hourText(hourOf(timeMs)), partition, blockOf(offset), id, spout]),
    ),
  )
}
