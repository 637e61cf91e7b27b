/** The value of the latest event: the earliest one of mirrored time (I-1, I-3). */
import type { Aggregate } from '../topology/model/aggregate.ts'
import { earliestOf } from './first.ts'
import type { Earliest } from './numbers/earliest.ts'

/**
 * Value at `path` of the last event by event time that has one, `null` being a value; ties by `keen.id`. `null` when
 * there is none. Tuples of a bolt that are no events have no id: ties among them go to the smallest value.
 *
 * Throws `badConfiguration` when `path` is not a path.
 */
export const last = (path: string): Aggregate<Earliest> => earliestOf('last', 'Value of the last event.', path, -1)
