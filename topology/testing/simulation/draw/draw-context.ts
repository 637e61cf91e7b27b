/**
 * What the world and the one who draws its records tell each other.
 *
 * Each record has a stream of its own and is drawn also when the history leaves it out: it is then only not appended. So
 * leaving out one changes no other; a delete that names it by id names an event that does not exist.
 */
import type { JsonObject } from '../../../model/json.ts'
import { partition } from '../../../model/position.ts'
import type { NewRecord } from '../../../model/record.ts'

/** What an event record holds, as its spout reads it. */
export interface DrawnEvent {
  readonly kind: 'event'
  readonly project: string
  readonly collection: string
  /** Event time. `undefined`: the time of the append. */
  readonly timeMs: number | undefined
  readonly clientId: string | undefined
  readonly body: JsonObject
}

/** A delete request as a person would have made it: with all ids, before it was cut into records. */
export interface DrawnDelete {
  readonly kind: 'delete'
  readonly class: string
  readonly request: JsonObject
  /** Partitions that it belongs to and that it has not been written to. */
  readonly missing: readonly number[]
}

/** Bytes that no spout takes; `class` says why. */
export interface DrawnPoison {
  readonly kind: 'poison'
  readonly class: string
}

/** A record that names its partition and says what it is. */
export interface DrawnRecord extends NewRecord {
  readonly partition: NonNullable<NewRecord['partition']>
  readonly drawn: DrawnEvent | DrawnDelete | DrawnPoison
}

export interface AppendedRecord {
  readonly record: DrawnRecord
  readonly spout: string
  /** `undefined`: the history leaves it out. */
  readonly offset: number | undefined
  readonly appendTimeMs: number
}

export interface DrawContext {
  readonly nowMs: number
  readonly startMs: number
  readonly partitions: number
  /** Where the next record of a partition of this spout goes. */
  nextOffset(partition: number): number
  /** What was drawn before, by the index of the draw, of all spouts: one or more records each, those left out too. */
  readonly appended: readonly (readonly AppendedRecord[])[]
}

/** What a record is, for the story of a history. */
export const textOfDrawn = ({ drawn, partition: place }: DrawnRecord): string => {
  const to = `partition ${place}`
  if (drawn.kind === 'event') {
    const { project, collection, body } = drawn
    return `event of ${project}/${collection} to ${to}: ${JSON.stringify(body)}`
  }
  if (drawn.kind === 'poison') return `poison (${drawn.class}) to ${to}`
  const { id, ...request } = drawn.request
  return `delete request ${JSON.stringify(id ?? null)} (${drawn.class}) to ${to}: ${JSON.stringify(request)}`
}

/** Numbers of all partitions. */
export const allPartitions = (partitions: number): readonly DrawnRecord['partition'][] =>
  Array.from({ length: partitions }, (_, index) => partition(index))
