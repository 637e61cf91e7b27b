/**
 * An event is a decoded record of a collection, as user bolts see it.
 *
 * `body` is built on first use and kept for the batch only; everything else comes from the values that were lifted while
 * the bytes were validated. Events are read-only: a changed event is a new one, `event.withBody({ ... })`.
 */
import type { JsonObject } from './json.ts'
import type { Offset, Partition } from './position.ts'

export interface Event<Body = JsonObject> {
  /** `keen.id`: UUID version 8 from event time, partition and offset. */
  readonly id: string
  /** The project, which is the tenant. */
  readonly project: string
  readonly collection: string
  /** Event time (`keen.timestamp`), ms since 1970. */
  readonly timestamp: number
  /** Append time (`keen.created_at`), ms since 1970. */
  readonly createdAt: number
  readonly partition: Partition
  readonly offset: Offset
  /** The JSON object of the record. Building it is the most expensive thing that a bolt can do. */
  readonly body: Body
  /** The same event (id, times, project, collection) with another body. */
  withBody<Next>(body: Next): Event<Next>
}

/** The types that the schema knows (DOMAIN section 4). */
export const typeNames = ['string', 'num', 'bool', 'datetime', 'list', 'null'] as const
export type TypeName = (typeof typeNames)[number]
