/** The one kind of spout: a log of events. Declares how its records are read; nothing connects. */
import type { JsonObject } from '../model/json.ts'
import type { LogOptions } from '../model/topology.ts'

export interface LogSource<Body = JsonObject> {
  readonly kind: 'log'
  readonly options: LogOptions
  /** Phantom: keeps `Body` in the type. */
  readonly body?: Body
}

/**
 * Describes a log as a source of events.
 *
 * Without options: the run's log; project from header `project`, else the record's key, else `default`; collection from
 * header `collection`, else the topic; event time from header `spillway-time`, else `keen.timestamp`, else append time.
 * A `Source` is a constant (a bare string), `{ header }`, `{ key: true }` or `{ path }`; times are ISO 8601 unless
 * `{ path, unit: 'ms' | 's' }` says otherwise.
 *
 * `Body` types `event.body` for the bolts; it is a promise of the producer and is not checked.
 *
 * Options are checked by `defineTopology`, which reports all problems of a topology together.
 */
export const log = <Body = JsonObject>(options: LogOptions = {}): LogSource<Body> =>
  Object.freeze({ kind: 'log', options })
