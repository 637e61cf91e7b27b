/** Puts the events of data sets into a log, whichever that is. What an earlier start has appended is not appended again. */
import type { EventLog } from 'spillway'
import { type DataSet, recordOf } from './data-sets.ts'

// About 1 MB of flights: one append makes so many records durable at once.
const recordsAtOnce = 5_000

export interface AppendedSet {
  readonly name: string
  readonly events: number
  /** Of these, how many the log had already. */
  readonly before: number
}

/** Appends one set after the other, and tells each when it is durable. */
export async function* appendEvents(
  log: EventLog,
  sets: Iterable<DataSet>,
): AsyncGenerator<AppendedSet, void, undefined> {
  const present = await countLog(log)
  for (const { project, name, events } of sets) {
    const fresh = events.filter(({ collection }) => {
      const left = present.get(collection) ?? 0
      if (left > 0) present.set(collection, left - 1)
      return left === 0
    })
    for (let from = 0; from < fresh.length; from += recordsAtOnce) {
      await log.append(fresh.slice(from, from + recordsAtOnce).map((event) => recordOf(project, event)))
    }
    yield { name, events: events.length, before: events.length - fresh.length }
  }
}

/** Events of each collection that the log holds: an earlier start may have been killed while it appended. */
const countLog = async (log: EventLog): Promise<Map<string, number>> => {
  const found = new Map<string, number>()
  for (let index = 0; index < log.partitions; index++) {
    const place = index as Parameters<typeof log.bounds>[0] // an index below `partitions` is a partition
    const { start, end } = await log.bounds(place)
    for (let at = start; at < end; ) {
      const batch = await log.fetch(place, at, { maxBytes: 1_048_576, waitMs: 0 })
      for (const record of batch.records) {
        const name = record.headers.find(([header]) => header === 'collection')?.[1] ?? ''
        found.set(name, (found.get(name) ?? 0) + 1)
      }
      at = batch.to
    }
  }
  return found
}
