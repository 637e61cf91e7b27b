/** The schema of a list of objects, counted the slow obvious way. */
import { noteShapes } from '../operators/plain-tuples.ts'

/** `path type` -> number of objects that show it. */
export const schemaCounts = (objects: readonly object[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const object of objects) {
    const pairs = new Set<string>()
    noteShapes(object, '', pairs)
    for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return counts
}
