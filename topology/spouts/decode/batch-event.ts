/**
 * Events as user bolts see them: a place in a decoded batch, and whatever of it has been built.
 *
 * All methods live on the prototypes and the batch keeps the columns, so an event that a bolt touches costs one small
 * object besides its body.
 */

import type { EventBatch } from '../../model/decoder.ts'
import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Offset, Partition } from '../../model/position.ts'

/** What an event needs of its batch. */
export interface EventOrigin extends EventBatch {
  /** Builds the body of event `index`. */
  body(index: number): JsonObject
}

export class BatchEvent implements Event {
  readonly #origin: EventOrigin
  readonly #index: number
  #body: JsonObject | undefined
  #id: string | undefined

  constructor(origin: EventOrigin, index: number) {
    this.#origin = origin
    this.#index = index
  }

  static originOf(event: BatchEvent): EventOrigin {
    return event.#origin
  }

  static indexOf(event: BatchEvent): number {
    return event.#index
  }

  get id(): string {
    this.#id ??= this.#origin.id(this.#index)
    return this.#id
  }

  get project(): string {
    return this.#origin.projects()[this.#index]!
  }

  get collection(): string {
    return this.#origin.collections()[this.#index]!
  }

  get timestamp(): number {
    return this.#origin.timesMs()[this.#index]!
  }

  get createdAt(): number {
    return this.#origin.appendTimesMs[this.#index]!
  }

  get partition(): Partition {
    return this.#origin.partition
  }

  get offset(): Offset {
    return this.#origin.offsets[this.#index]!
  }

  get body(): JsonObject {
    this.#body ??= this.#origin.body(this.#index)
    return this.#body
  }

  withBody<Next>(body: Next): Event<Next> {
    return new ChangedEvent(this, body)
  }

  /** For people who print events. */
  toJSON(): object {
    return plainEvent(this)
  }
}

/** An event with another body. Everything else is what it was. */
export class ChangedEvent<Body> implements Event<Body> {
  readonly #event: BatchEvent
  readonly body: Body

  constructor(event: BatchEvent, body: Body) {
    this.#event = event
    this.body = body
  }

  static eventOf(changed: ChangedEvent<unknown>): BatchEvent {
    return changed.#event
  }

  get id(): string {
    return this.#event.id
  }

  get project(): string {
    return this.#event.project
  }

  get collection(): string {
    return this.#event.collection
  }

  get timestamp(): number {
    return this.#event.timestamp
  }

  get createdAt(): number {
    return this.#event.createdAt
  }

  get partition(): Partition {
    return this.#event.partition
  }

  get offset(): Offset {
    return this.#event.offset
  }

  withBody<Next>(body: Next): Event<Next> {
    return new ChangedEvent(this.#event, body)
  }

  toJSON(): object {
    return plainEvent(this)
  }
}

const plainEvent = (event: Event<unknown>): object => ({
  id: event.id,
  project: event.project,
  collection: event.collection,
  timestamp: event.timestamp,
  createdAt: event.createdAt,
  partition: event.partition,
  offset: event.offset,
  body: event.body,
})
