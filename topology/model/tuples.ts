/**
 * A batch of tuples as operators and sinks read it: by column, without an object per tuple.
 *
 * Where a batch comes straight from the log, the columns are the values that the decoder lifted; behind a user's bolt
 * they are read from the objects that the bolt emitted. The reader cannot tell the difference. A batch is valid until
 * the call that received it returns: whoever keeps something copies it.
 */
import type { Event, TypeName } from './event.ts'
import type { Path } from './path.ts'
import type { Offset, Partition } from './position.ts'

/** One value per tuple, `undefined` where the property is absent. Lists and objects are the parsed values. */
export type Column = ArrayLike<unknown>

export interface Tuples<T = unknown> {
  readonly length: number
  /** The tuple itself; builds the event object if there is none yet. */
  tuple(index: number): T
  /** Event time per tuple, ms since 1970. Plain objects carry it as `timestamp` (ms, ISO 8601 or Date). */
  timesMs(): ArrayLike<number>
  projects(): ArrayLike<string>
  collections(): ArrayLike<string>
  /** Resolve a column once per batch, never per tuple. */
  column(path: Path): Column
  /** Paths and types that each tuple shows (DOMAIN section 4). */
  shapes(): Shapes
  /** The events behind the tuples; `undefined` as soon as one tuple is not an event. */
  events(): EventColumns | undefined
}

/**
 * The (path, type) pairs of each tuple as small codes: tuple i shows `codes[starts[i]] .. codes[starts[i + 1] - 1]`,
 * each pair once. A code keeps its meaning as long as the `names` object is the same one (`===`).
 */
export interface Shapes {
  readonly codes: ArrayLike<number>
  readonly starts: ArrayLike<number>
  readonly names: ShapeNames
}

export interface ShapeNames {
  /** Written path (`item.id`, `p[].child`) and type of a code. */
  name(code: number): { readonly path: string; readonly type: TypeName }
}

/** Positions and bytes of a batch of events, for sinks that store the events themselves. */
export interface EventColumns {
  readonly length: number
  readonly partition: Partition
  readonly offsets: ArrayLike<Offset>
  readonly appendTimesMs: ArrayLike<number>
  timesMs(): ArrayLike<number>
  projects(): ArrayLike<string>
  collections(): ArrayLike<string>
  /** `keen.client_id`: the header `spillway-id`, else the value at the spout's `clientId`; numbers by their digits. */
  clientIds(): ArrayLike<string | undefined>
  /** Whether the body carries `keen.timestamp` itself (else a sink that writes the event adds it). */
  readonly hasTimestamp: ArrayLike<boolean | number>
  /** UTF-8 JSON of the body of event i: bytes `[start, end)` of the buffer, white space around trimmed. */
  bytes(index: number): { readonly buffer: Uint8Array; readonly start: number; readonly end: number }
  /** Place of the `keen` member: index in `bytes(index).buffer` just behind its `{`, or -1 when the body has none. */
  keenAt(index: number): number
  /** `keen.id`. */
  id(index: number): string
  event(index: number): Event
}
