/**
 * Reads an archive back and compares it with its manifest: every object is there, whole, ours, each event is in one object
 * only (I-1), and the store holds no object of the topology beside them. Reports every problem instead of stopping at the
 * first.
 */

import { createHash } from 'node:crypto'
import { parseEventId } from '../../topology/model/event-id.ts'
import { parseTime } from '../../topology/model/event-time.ts'
import { encodeKeyPart } from '../../topology/model/names.ts'
import { namespaceOf } from '../../topology/model/namespace.ts'
import type { ObjectStore, StoredObject } from '../../topology/model/ports/object-store.ts'
import { messageOf } from '../../topology/model/spillway-error.ts'
import { decodeObject } from './object-formats.ts'
import { lineMembers, objectLines } from './object-lines.ts'
import type { ManifestObject } from './object-manifest.ts'
import { hourText } from './output-table.ts'
import { type ObjectsQuery, readObjects } from './read-objects.ts'
import { resultsInOrder } from './results-in-order.ts'
import { SeenOffsets } from './seen-offsets.ts'
import { ObjectNames, unlistedObjects } from './unlisted-objects.ts'

export interface ObjectProblem {
  readonly key: string
  /** One sentence. */
  readonly problem: string
}

export interface ObjectsVerdict {
  readonly objects: number
  readonly events: number
  /** Stored bytes. */
  readonly byteLength: number
  /** The first ones; `problemCount` counts all. */
  readonly problems: readonly ObjectProblem[]
  readonly problemCount: number
}

export interface ObjectsVerification extends ObjectsQuery {
  readonly objects: ObjectStore
  /** Called for each object that was read, and with its problems. */
  readonly onObject?: (object: ManifestObject, problems: readonly string[]) => void
}

// A broken store has as many problems as lines; people read the first.
const problemsMax = 1_000
// Problems of one object; the rest is counted in a line of its own.
const problemsPerObject = 20

// A server answers several reads in the time of one; they are in memory as they are stored.
const readsAtOnce = 4

type StoredBytes = StoredObject & { readonly bytes: Uint8Array }

interface ReadObject {
  readonly object: ManifestObject
  readonly stored: StoredBytes | undefined | 'uncommitted'
}

/**
 * Reads every object of the query, then lists the store for objects of the topology that the manifest does not name
 * (not for one sink alone: a name does not tell its sink). Throws only what the stores throw of class `retry` or `stop`.
 */
export const verifyObjects = async (query: ObjectsVerification): Promise<ObjectsVerdict> => {
  const seen = new SeenOffsets()
  const namespaces = new Set(namespacesOf(query))
  const problems: ObjectProblem[] = []
  const names = new ObjectNames()
  let [objects, events, byteLength, problemCount] = [0, 0, 0, 0]
  const all = readObjects({ ...query, isCommitted: () => true })
  const read = async (object: ManifestObject): Promise<ReadObject> => ({
    object,
    stored: query.isCommitted?.(object) === false ? 'uncommitted' : await query.objects.read(object.key),
  })
  for await (const { object, stored } of resultsInOrder(all, () => readsAtOnce, read)) {
    names.add(object.key)
    namespaces.add(namespaceOf(object.sink))
    if (stored === 'uncommitted') continue
    const found = new ProblemList()
    events += await verifyObject(stored, object, seen, found)
    objects++
    byteLength += object.byteLength
    problemCount += found.count
    for (const problem of found.texts()) if (problems.length < problemsMax) problems.push({ key: object.key, problem })
    query.onObject?.(object, found.texts())
  }
  if (query.sink === undefined) {
    for (const namespace of namespaces) {
      const unlisted = await findUnlisted(query, namespace, names)
      problemCount += unlisted.count
      for (const key of unlisted.keys.slice(0, problemsMax - problems.length))
        problems.push({ key, problem: notListed })
    }
  }
  return { objects, events, byteLength, problems, problemCount }
}

const notListed =
  'is not in the manifest: left by a run that was killed (the next run completes it) or not written by Spillway'

/** Where objects that are read may stand, also where none is there yet. */
const namespacesOf = ({ namespace, read = {} }: ObjectsQuery): readonly (string | undefined)[] => {
  const promoted = [...new Set(Object.values(read))]
  return namespace !== undefined || promoted.length === 0 ? [namespace] : promoted
}

/** A run may have written objects and their rows since the manifest was read: what is found is looked up once more. */
const findUnlisted = async (
  query: ObjectsVerification,
  namespace: string | undefined,
  names: ObjectNames,
): Promise<{ readonly keys: readonly string[]; readonly count: number }> => {
  const { rows, topology, project } = query
  const place = { topology, ...(namespace === undefined ? {} : { namespace }) }
  const prefix = project === undefined ? '' : `${encodeKeyPart(project)}/`
  const found = new Set<string>()
  let uncounted = 0
  for await (const key of unlistedObjects(query.objects, place, prefix, names)) {
    if (found.size < problemsMax) found.add(key)
    else uncounted++
  }
  if (found.size > 0) for await (const { key } of readObjects({ rows, ...place })) found.delete(key)
  return { keys: [...found], count: found.size + uncounted }
}

class ProblemList {
  count = 0
  private readonly first: string[] = []

  add(problem: string): void {
    this.count++
    if (this.first.length < problemsPerObject) this.first.push(problem)
  }

  texts(): readonly string[] {
    const rest = this.count - this.first.length
    return rest === 0 ? this.first : [...this.first, `${rest} more problems`]
  }
}

/** Number of lines that name an event. */
const verifyObject = async (
  found: StoredBytes | undefined,
  object: ManifestObject,
  seen: SeenOffsets,
  problems: ProblemList,
): Promise<number> => {
  if (found === undefined) {
    problems.add('is not there')
    return 0
  }
  const sha256 = createHash('sha256').update(found.bytes).digest('hex')
  if (sha256 !== object.sha256) problems.add(`has sha256 ${sha256}, the manifest says ${object.sha256}`)
  if (found.bytes.length !== object.byteLength) {
    problems.add(`has ${found.bytes.length} bytes, the manifest says ${object.byteLength}`)
  }
  for (const [name, value] of Object.entries(expectedMetadata(object))) {
    const given = found.metadata[name]
    if (given !== value) problems.add(`says ${name} ${given ?? 'nothing'}, the manifest says ${value}`)
  }
  let plain: Uint8Array
  try {
    plain = await decodeObject(object.key, found.bytes)
  } catch (error) {
    problems.add(`cannot be decompressed: ${messageOf(error)}`)
    return 0
  }
  return verifyLines(object, plain, seen, problems)
}

const expectedMetadata = (object: ManifestObject): Readonly<Record<string, string>> => ({
  topology: object.topology,
  spout: object.spout,
  sink: object.sink,
  from: String(object.from),
  to: String(object.to),
  count: String(object.count),
  sha256: object.sha256,
  rewrite: String(object.rewrite),
})

const verifyLines = (object: ManifestObject, plain: Uint8Array, seen: SeenOffsets, problems: ProblemList): number => {
  seen.enter(object)
  let [lines, events] = [0, 0]
  for (const line of objectLines(plain)) {
    lines++
    const problem = lineProblem(object, line.bytes, seen)
    if (problem === undefined) events++
    else problems.add(`line ${lines} ${problem}`)
  }
  if (lines !== object.count) problems.add(`has ${lines} lines, the manifest says ${object.count}`)
  return events
}

const lineProblem = (object: ManifestObject, bytes: Uint8Array, seen: SeenOffsets): string | undefined => {
  const members = lineMembers(bytes)
  if (members === undefined) return 'is no JSON object with keen'
  const place = typeof members.id === 'string' ? parseEventId(members.id) : undefined
  if (place === undefined) return 'has no keen.id of ours'
  if (place.partition !== object.partition) return `is of partition ${place.partition}`
  if (place.offset < object.from || place.offset >= object.to) return `holds offset ${place.offset}, out of its range`
  const createdMs = typeof members.createdAt === 'string' ? parseTime(members.createdAt) : undefined
  if (createdMs === undefined || hourText(Math.floor(createdMs / 3_600_000)) !== object.hour) {
    return `was appended ${String(members.createdAt)}, not in ${object.hour}`
  }
  return seen.add(place.offset) ? undefined : `holds offset ${place.offset}, which an object held before`
}
