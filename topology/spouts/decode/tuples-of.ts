/**
 * Tuples over what a user's bolt emitted.
 *
 * A bolt that filters, or only looks, gives back events of the batch that it was given: they keep the columns that the
 * decoder lifted, and nothing is read twice.
 */
import type { Tuples } from '../../model/tuples.ts'
import { BatchEvent, type EventOrigin } from './batch-event.ts'
import { ObjectTuples } from './object-tuples.ts'

/** `bolt` is named by the error when an object has no event time or its body cannot be stored. */
export const tuplesOf = (objects: readonly unknown[], bolt = ''): Tuples => {
  const origin = originOf(objects)
  if (origin === undefined) return new ObjectTuples(objects, bolt)
  const rows: number[] = []
  for (const object of objects) if (object instanceof BatchEvent) rows.push(BatchEvent.indexOf(object))
  return origin.select(rows)
}

/** The batch that all objects are events of. */
const originOf = (objects: readonly unknown[]): EventOrigin | undefined => {
  const first = objects[0]
  if (!(first instanceof BatchEvent)) return undefined
  const origin = BatchEvent.originOf(first)
  for (const object of objects)
    if (!(object instanceof BatchEvent) || BatchEvent.originOf(object) !== origin) return undefined
  return origin
}
