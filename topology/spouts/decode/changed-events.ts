/**
 * Columns of events that come from several batches or have other bodies: one by one, bytes written on first use.
 */
import { errors } from '../../model/errors.ts'
import type { Event } from '../../model/event.ts'
import { type Offset, type Partition, partition } from '../../model/position.ts'
import type { EventColumns } from '../../model/tuples.ts'
import { BatchEvent, ChangedEvent } from './batch-event.ts'
import { type ChangedBytes, encodeBody } from './changed-bytes.ts'

/** An event of a decoded batch, with its own body or another. */
export type AnyEvent = BatchEvent | ChangedEvent<unknown>

export const isEvent = (value: unknown): value is AnyEvent =>
  value instanceof BatchEvent || value instanceof ChangedEvent

export class ChangedEvents implements EventColumns {
  readonly length: number
  readonly partition: Partition
  readonly offsets: readonly Offset[]
  readonly appendTimesMs: readonly number[]
  readonly #events: readonly AnyEvent[]
  readonly #bolt: string
  readonly #bytes: ChangedBytes[] = []
  #hasTimestamp: readonly boolean[] | undefined

  /** Throws `boltFailed` when the events are of several partitions: a batch has one. */
  constructor(events: readonly AnyEvent[], bolt: string) {
    this.length = events.length
    this.partition = events[0]?.partition ?? partition(0)
    if (events.some((event) => event.partition !== this.partition))
      throw errors.boltFailed({ bolt, reason: 'emitted events of several partitions' })
    this.offsets = events.map((event) => event.offset)
    this.appendTimesMs = events.map((event) => event.createdAt)
    this.#events = events
    this.#bolt = bolt
  }

  get hasTimestamp(): readonly boolean[] {
    this.#hasTimestamp ??= this.#events.map((_, index) => this.bytes(index).hasTimestamp)
    return this.#hasTimestamp
  }

  timesMs(): readonly number[] {
    return this.#events.map((event) => event.timestamp)
  }

  projects(): readonly string[] {
    return this.#events.map((event) => event.project)
  }

  collections(): readonly string[] {
    return this.#events.map((event) => event.collection)
  }

  clientIds(): readonly (string | undefined)[] {
    return this.#events.map((event) => {
      const own = event instanceof ChangedEvent ? ChangedEvent.eventOf(event) : event
      return BatchEvent.originOf(own).clientIds()[BatchEvent.indexOf(own)]
    })
  }

  bytes(index: number): ChangedBytes {
    for (let i = this.#bytes.length; i <= index; i += 1) this.#bytes.push(bytesOf(this.#events[i]!, this.#bolt))
    return this.#bytes[index]!
  }

  keenAt(index: number): number {
    return this.bytes(index).keenAt
  }

  id(index: number): string {
    return this.#events[index]!.id
  }

  event(index: number): Event {
    return this.#events[index]! as Event // a sink that stores events needs no more of a body than its bytes
  }
}

const bytesOf = (event: AnyEvent, bolt: string): ChangedBytes => {
  if (event instanceof ChangedEvent) return encodeBody(event.body, bolt)
  const origin = BatchEvent.originOf(event)
  const index = BatchEvent.indexOf(event)
  return {
    ...origin.bytes(index),
    keenAt: origin.keenAt(index),
    hasTimestamp: Boolean(origin.hasTimestamp[index]),
  }
}
