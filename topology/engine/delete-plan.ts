/**
 * What a delete costs, judged before it is written to the log: its class, an estimate, and the permission to read a
 * range for it (DOMAIN section 6).
 *
 * Reading a range of the log for a delete takes a `ScanBudget`, and only `planDelete` makes one: whichever way a request
 * comes in, it cannot scan without having been judged. Pure; the caller gathers the facts.
 */

import { type DeleteRequest, isByIdDelete } from '../model/delete-request.ts'
import { errors } from '../model/errors.ts'
import { parseEventId } from '../model/event-id.ts'
import { sortedHasWithin } from '../model/sorted-numbers.ts'
import type { SpillwayError } from '../model/spillway-error.ts'
import { idsOf } from './named-events.ts'

export type DeleteClass = 'by-id' | 'time-range' | 'scan'

/** Private members make the type one that nobody else can build. */
class Grant {
  readonly records: number
  #spent = 0

  /** `records`: as many were estimated when it was given. */
  constructor(records: number) {
    this.records = records
  }

  /** Records that were read on it. */
  get spent(): number {
    return this.#spent
  }

  spend(records: number): void {
    this.#spent += records
  }
}

/** The permission to read a range of the log for a delete. */
export type ScanBudget = Grant

export interface DeleteEstimate {
  /** Records of the log that are read. */
  readonly reads: number
  /** Objects that may hold one of the events, and are read and rewritten if they do. */
  readonly objects: number
  /** Their size. Absent: not known, or none. */
  readonly objectBytes?: number
}

/** What is known of an object without reading it. Offsets are inclusive. */
export interface ObjectFact {
  readonly partition: number
  readonly project: string
  readonly collection: string
  readonly firstOffset: number
  readonly lastOffset: number
  readonly byteLength?: number
}

export interface DeleteFacts {
  /** Bounds `[start, end)` of each partition of the log, by number. */
  readonly log: readonly { readonly start: number; readonly end: number }[]
  readonly objects: Iterable<ObjectFact>
  /** Records that may be read without a permission: `delete.scanRecords`. */
  readonly scanRecords: number
}

interface Judged {
  readonly estimate: DeleteEstimate
  /** The kind of lane that does the work. */
  readonly lane: 'delete'
}

/** A delete by id needs no budget, and a refused one gets none. */
export type DeletePlan =
  | (Judged & { readonly class: 'by-id' })
  | (Judged & { readonly class: 'time-range' | 'scan'; readonly budget: ScanBudget })
  | (Judged & { readonly class: 'scan'; readonly refusal: SpillwayError })

export const deleteClass = (request: DeleteRequest): DeleteClass => {
  if (isByIdDelete(request)) return 'by-id'
  return request.timeframe === undefined ? 'scan' : 'time-range'
}

/** Judges a request. A scan above `scanRecords` needs `allowScan`; without it the plan carries the refusal. */
export const planDelete = (request: DeleteRequest, facts: DeleteFacts): DeletePlan => {
  const kind = deleteClass(request)
  if (kind === 'by-id') return { class: kind, estimate: estimateById(request, facts), lane: 'delete' }
  const reads = facts.log.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0)
  const estimate = { reads, ...weighObjects(facts.objects, (object) => isNamed(request, object)) }
  const isGranted = kind === 'time-range' || request.allowScan || reads <= facts.scanRecords
  if (isGranted) return { class: kind, estimate, lane: 'delete', budget: new Grant(reads) }
  const refusal = errors.deleteTooExpensive({ class: kind, ...estimate, most: facts.scanRecords })
  return { class: kind, estimate, lane: 'delete', refusal }
}

const estimateById = (request: DeleteRequest, facts: DeleteFacts): DeleteEstimate => {
  const byPartition = new Map<number, Set<number>>()
  let reads = 0
  for (const id of idsOf(request) ?? []) {
    const place = parseEventId(id)
    const bounds = place === undefined ? undefined : facts.log[place.partition]
    if (place === undefined || bounds === undefined) continue
    if (place.offset < bounds.start || place.offset >= bounds.end) continue
    const offsets = byPartition.get(place.partition) ?? new Set()
    byPartition.set(place.partition, offsets)
    if (offsets.has(place.offset)) continue
    offsets.add(place.offset)
    reads += 1
  }
  const sorted = new Map(
    Array.from(byPartition, ([partition, offsets]) => [partition, Float64Array.from(offsets).sort()]),
  )
  const holds = (object: ObjectFact): boolean =>
    isNamed(request, object) &&
    sortedHasWithin(sorted.get(object.partition) ?? [], object.firstOffset, object.lastOffset)
  return { reads, ...weighObjects(facts.objects, holds) }
}

const isNamed = (request: DeleteRequest, object: ObjectFact): boolean =>
  object.project === request.project && (request.collection === undefined || object.collection === request.collection)

const weighObjects = (
  objects: Iterable<ObjectFact>,
  isAffected: (object: ObjectFact) => boolean,
): Omit<DeleteEstimate, 'reads'> => {
  let [count, objectBytes] = [0, 0]
  for (const object of objects) {
    if (!isAffected(object)) continue
    count += 1
    objectBytes += object.byteLength ?? 0
  }
  return { objects: count, ...(objectBytes === 0 ? {} : { objectBytes }) }
}
