/** Views that hold the events themselves, beside their truth: the rows of an event store, and the lines of an archive. */
import { decodeObject } from '../../../../sinks/objects/object-formats.ts'
import { committedObjects, readObjects } from '../../../../sinks/objects/read-objects.ts'
import { eventCell, eventTable } from '../../../../sinks/rows/event-table.ts'
import { readEventRows } from '../../../../sinks/rows/read-event-rows.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { namespaceOf } from '../../../model/namespace.ts'
import type { ObjectStore } from '../../../model/ports/object-store.ts'
import type { RowStore } from '../../../model/ports/row-store.ts'
import { canonicalText, lineText, rowText, type TrueStored } from '../truth/true-stored.ts'
import { Violation } from '../violation.ts'
import type { HistoryPlace } from './history-place.ts'

/** Throws a `Violation`. */
export const checkEventRows = async (rows: RowStore, sink: string, wanted: readonly TrueStored[]): Promise<void> => {
  // A bolt may give an event twice: one of the two stays.
  const left = new Map<string, Set<string>>()
  for (const one of wanted) {
    const place = `${one.spout} ${one.id}`
    left.set(place, (left.get(place) ?? new Set()).add(rowText(one)))
  }
  for await (const row of readEventRows({ rows, sink })) {
    const text = rowText({ ...row, timeMs: row.timestampMs, appendTimeMs: row.createdAtMs })
    const place = `${row.spout} ${row.id}`
    if (!left.has(place)) throw new Violation('I-3', `${sink} shows an event that the log does not have: ${text}`)
    if (!left.get(place)!.has(text))
      throw new Violation('I-1', `${sink} shows ${text}, the log says ${[...left.get(place)!].join()}`)
    left.delete(place)
  }
  for (const [text] of left.values()) throw new Violation('I-1', `${sink} does not show ${text}`)
}

/** What no view shows: a row that a delete has marked holds nothing of its event any more. Throws a `Violation`. */
export const checkMarkedRows = async (rows: RowStore, sink: string): Promise<void> => {
  for await (const page of rows.scan(eventTable(sink)))
    for (const row of page) {
      const left = [row[eventCell.body], row[eventCell.clientId] ?? ''].join('')
      if (row[eventCell.dead] === null || left === '') continue
      const event = `${String(row[eventCell.id])} of ${String(row[eventCell.spout])}`
      throw new Violation('I-3', `the row of ${event} in ${sink} is marked as deleted and holds ${left}`)
    }
}

export interface StoredObjectLines {
  readonly key: string
  readonly spout: string
  readonly lines: readonly JsonObject[]
}

/** Every object of the bucket, by its sink. */
export const readBucket = async (
  objects: ObjectStore,
  topology: string,
): Promise<ReadonlyMap<string, readonly StoredObjectLines[]>> => {
  const bySink = new Map<string, StoredObjectLines[]>()
  for await (const { key } of objects.list('')) {
    const stored = await objects.read(key)
    if (stored === undefined || stored.metadata['topology'] !== topology) continue
    const sink = String(stored.metadata['sink'])
    const object = {
      key,
      spout: String(stored.metadata['spout']),
      lines: linesOf(await decodeObject(key, stored.bytes)),
    }
    const known = bySink.get(sink)
    if (known === undefined) bySink.set(sink, [object])
    else known.push(object)
  }
  return bySink
}

const linesOf = (bytes: Uint8Array): readonly JsonObject[] =>
  new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): JsonObject => JSON.parse(line))

/** By listing the bucket, and by the manifest. Throws a `Violation`. */
export const checkArchive = async (
  { topology, resources }: HistoryPlace,
  sink: string,
  found: readonly StoredObjectLines[],
  wanted: readonly TrueStored[],
): Promise<void> => {
  const isAvro = found[0]?.key.endsWith('.avro') === true
  const left = new Map<string, number>()
  const ids = new Set<string>()
  for (const one of wanted) {
    // A bolt may give an event twice, or two streams that are merged: the first is its line.
    const id = `${one.spout} ${one.id}`
    if (ids.has(id)) continue
    ids.add(id)
    const text = lineText(one, isAvro)
    left.set(text, (left.get(text) ?? 0) + 1)
  }
  for (const { key, lines } of found)
    for (const line of lines) {
      const text = canonicalText(line, isAvro)
      const count = left.get(text)
      if (count === undefined) throw new Violation('I-3', `${key} of ${sink} holds what the log does not say: ${text}`)
      if (count === 0) throw new Violation('I-7', `${key} of ${sink} holds a line that another object has too: ${text}`)
      left.set(text, count - 1)
    }
  for (const [text, count] of left) if (count > 0) throw new Violation('I-1', `no object of ${sink} holds ${text}`)
  await checkManifest(topology.name, resources, sink, found)
}

const checkManifest = async (
  topology: string,
  { rows, ledger }: HistoryPlace['resources'],
  sink: string,
  found: readonly StoredObjectLines[],
): Promise<void> => {
  const left = new Map(found.map(({ key, lines }) => [key, lines.length]))
  const isCommitted = await committedObjects(ledger, topology)
  const namespace = namespaceOf(sink)
  const query = { rows, topology, sink: baseOf(sink), ...(namespace === undefined ? {} : { namespace }), isCommitted }
  for await (const { key, count } of readObjects(query)) {
    const lines = left.get(key)
    if (lines === undefined)
      throw new Violation('I-7', `the manifest of ${sink} names ${key} once more, or it is not there`)
    if (lines !== count) throw new Violation('I-7', `${key} of ${sink} has ${lines} events, the manifest says ${count}`)
    left.delete(key)
  }
  for (const [key, lines] of left)
    if (lines > 0) throw new Violation('I-7', `${key} of ${sink} holds ${lines} events, and no manifest names it`)
}

const baseOf = (sink: string): string => {
  const at = sink.lastIndexOf('@')
  return at < 0 ? sink : sink.slice(0, at)
}

/** `keen.id` of a line. */
export const idOfLine = ({ keen }: Readonly<Record<string, JsonValue | undefined>>): string =>
  typeof keen === 'object' && keen !== null && 'id' in keen ? String(keen['id']) : ''
