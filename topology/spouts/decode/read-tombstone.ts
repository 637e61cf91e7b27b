/**
 * A null value as a delete of its key: what `tombstones: "delete"` asks for.
 *
 * The key names events by `keen.client_id`, the client's own id in their header or body. The request is a function of the
 * record alone (I-1); the log has it in one partition, which is where records of that key are.
 */
import { clientIdPath } from '../../model/delete-request.ts'
import { errors } from '../../model/errors.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Partition } from '../../model/position.ts'
import type { LogRecord } from '../../model/record.ts'
import type { SpillwayError } from '../../model/spillway-error.ts'
import type { RecordNames } from './name-record.ts'

export const isTombstone = (record: LogRecord): boolean => record.start < 0

/** The delete request of a null value, or the error of class `reject` that it is refused with. */
export const readTombstone = (
  record: LogRecord,
  names: RecordNames,
  partition: Partition,
): JsonObject | SpillwayError => {
  if (names.problem !== undefined) return names.problem
  const refused = (reason: string): SpillwayError => errors.invalidEvent({ reason })
  if (record.key === null) return refused('a null value without a key deletes nothing')
  if (names.project === undefined) return refused('a null value has no body that could name its project')
  return {
    id: `tombstone-${partition}-${record.offset}`,
    project: names.project,
    ...(names.collection === undefined ? {} : { collection: names.collection }),
    filters: [{ property_name: clientIdPath, operator: 'eq', property_value: record.key }],
    allowScan: true,
  }
}
