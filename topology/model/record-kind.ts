/**
 * What a record is, from its headers and whether it has a value: known before a byte is read. Whoever handles records has
 * a route for each kind (`Record<RecordKind, Route>`), so a kind without one does not compile.
 */
import { headerOf, type LogRecord } from './record.ts'

/** `tombstone`: a null value. */
export type RecordKind = 'event' | 'delete' | 'tombstone'

export const kindHeader = 'spillway-kind'

const named: ReadonlyMap<string | undefined, RecordKind> = new Map([
  ['event', 'event'],
  ['delete', 'delete'],
])

/** The kind that the header names, without one `event`; `undefined` for a kind that nobody knows. */
export const namedKind = (headers: LogRecord['headers']): RecordKind | undefined =>
  named.get(headerOf(headers, kindHeader) ?? 'event')
