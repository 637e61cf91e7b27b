/**
 * Turns events of the domain (`user_forgotten`) into delete requests in the log that they came from.
 *
 * What a request takes out follows from its own place in the log, like that of any other (PROTOCOL section 5). A repeated
 * epoch may append one again: it then stands at two places, takes out what lies before the later one, and every view is
 * still a fold of the log (I-1, I-3). Rows that say what was appended keep that rare. A request that was appended has no
 * undo, so a delete of the event that asked for it takes nothing back.
 */
import { hash } from 'node:crypto'
import { deleteHeader, readDeleteRequest } from '../topology/model/delete-request.ts'
import { errors } from '../topology/model/errors.ts'
import type { Event } from '../topology/model/event.ts'
import { parseEventId } from '../topology/model/event-id.ts'
import type { JsonObject, JsonValue } from '../topology/model/json.ts'
import { collectionNameProblem } from '../topology/model/names.ts'
import { parsePath } from '../topology/model/path.ts'
import { plantedFaults } from '../topology/model/planted-faults.ts'
import type { TableSpec } from '../topology/model/ports/row-store.ts'
import { partition as toPartition } from '../topology/model/position.ts'
import type { NewRecord } from '../topology/model/record.ts'
import { orStandIn } from '../topology/model/refusal.ts'
import { defineSink, type OpenEpoch, type Sink, type SinkContext } from '../topology/model/sink.ts'
import type { Tuples } from '../topology/model/tuples.ts'
import { blockNumber } from './rows/block-catalogue.ts'
import { stampBase } from './rows/event-table.ts'

/** One filter of a delete, as a request in the log has it. */
export interface DeleteMatch {
  readonly property_name: string
  readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'exists' | 'in' | 'contains'
  /** `undefined` is refused: read as absent it would match other events. */
  readonly property_value: JsonValue | undefined
}

export interface PropagateDeletesOptions {
  /** Whether the event asks for a delete. A function of the event. */
  readonly when: (event: Event) => boolean
  /** What is to be deleted in the project of the event: all filters must match. No filter: nothing is. */
  readonly matches: (event: Event) => readonly DeleteMatch[]
  /** Only events of this collection are deleted. Default: of all. */
  readonly collection?: string
}

export const propagatedTable: TableSpec = {
  name: 'spillway_propagated',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'sink', type: 'text' },
    { name: 'spout', type: 'text' },
    { name: 'log_partition', type: 'integer' },
    { name: 'block', type: 'integer' },
  ],
  cluster: [
    { name: 'offset', type: 'integer' },
    { name: 'request', type: 'text' },
    { name: 'target', type: 'integer' },
  ],
  columns: [{ name: 'appended_at', type: 'integer' }],
}

// 512 requests to 200 partitions are 100,000 rows.
const blockBits = 9

/**
 * A sink that appends a delete request, with the id `propagated-<keen.id>`, to every partition of the spout's log for
 * each event that asks for one. A request may scan. Events that come after it live. A run with `untilCaughtUp` leaves the
 * requests that it has written to the next one: they stand behind its end. Throws `badConfiguration` (stop).
 */
export const propagateDeletes = (options: PropagateDeletesOptions): Sink<Event> => {
  orStandIn(
    () => checkOptions(options),
    () => undefined,
  )
  const requestOf = requestMaker(options)
  return defineSink<Event>({
    sinkKind: 'custom',
    name: 'propagateDeletes',
    doc: 'a delete request in the log for each event that asks for one; there is no undo',
    order: 'commutative',
    options: { collection: options.collection ?? null },
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: () => [propagatedTable],
    check: (tuples) => {
      for (let index = 0; index < tuples.length; index++) requestOf(tuples.tuple(index))
    },
    open: async (context) => ({
      openEpoch: () => new RequestEpoch(context, requestOf),
      close: async () => {},
    }),
  })
}

const checkOptions = ({ when, matches, collection }: PropagateDeletesOptions): void => {
  const problems: string[] = []
  if (typeof when !== 'function') problems.push('when is a function of the event')
  if (typeof matches !== 'function') problems.push('matches is a function of the event')
  const problem = collection === undefined ? undefined : collectionNameProblem(String(collection))
  if (problem !== undefined) problems.push(`collection ${JSON.stringify(collection)} ${problem}`)
  if (problems.length > 0) throw errors.badConfiguration({ problem: `propagateDeletes: ${problems.join('; ')}` })
}

type RequestOf = (event: Event) => JsonObject | undefined

/** The request of an event as the log carries it, `undefined` when it asks for none. Throws `deleteNotTold` (reject). */
const requestMaker =
  ({ when, matches, collection }: PropagateDeletesOptions): RequestOf =>
  (event) => {
    const filters = when(event) ? matches(event) : []
    if (!Array.isArray(filters)) throw errors.deleteNotTold({ reason: 'matches gives a list of filters' })
    if (filters.length === 0) return undefined
    const open = filters.find((one: Partial<DeleteMatch>) => one.property_value === undefined)
    if (open !== undefined)
      throw errors.deleteNotTold({ reason: `the filter on ${open.property_name} has no property_value` })
    const scope = collection === undefined ? {} : { collection }
    const request = { id: `propagated-${event.id}`, project: event.project, ...scope, filters, allowScan: true }
    const refusal = readDeleteRequest(request)
    if (typeof refusal === 'string') throw errors.deleteNotTold({ reason: refusal })
    return request
  }

interface HeldRequest {
  readonly offset: number
  readonly appendTimeMs: number
  readonly request: JsonObject
  /** The request as the log will have it. */
  readonly text: string
}

class RequestEpoch implements OpenEpoch<Event> {
  readonly #context: SinkContext
  readonly #requestOf: RequestOf
  readonly #held = new Map<string, HeldRequest>()
  #bytes = 0

  constructor(context: SinkContext, requestOf: RequestOf) {
    this.#context = context
    this.#requestOf = requestOf
  }

  add(tuples: Tuples<Event>, weight: 1 | -1): void {
    for (let index = 0; index < tuples.length; index++) {
      const event = tuples.tuple(index)
      const request = this.#requestOf(event)
      if (request === undefined) continue
      const text = JSON.stringify(request)
      const key = `${event.offset} ${text}`
      const isHeld = this.#held.has(key)
      if (weight === 1 && !isHeld)
        this.#held.set(key, { offset: event.offset, appendTimeMs: event.createdAt, request, text })
      if (weight === -1) this.#held.delete(key)
      this.#bytes += isHeld === (weight === -1) ? weight * key.length * 2 : 0
    }
  }

  heldBytes(): number {
    return this.#bytes
  }

  spilledBytes(): number {
    return 0
  }

  async write(): Promise<'written'> {
    for (const held of this.#held.values()) await this.#append(held)
    return 'written'
  }

  discard(): void {
    this.#held.clear()
    this.#bytes = 0
  }

  /** To the partitions that do not have it yet, as far as the rows know. */
  async #append({ offset, appendTimeMs, request, text }: HeldRequest): Promise<void> {
    const { topology, sink, spout, partition, rows, log, clock } = this.#context
    const digest = hash('sha256', text, 'base64url')
    const isNamedAnew = plantedFaults.has('propagated-under-new-id')
    const id = isNamedAnew ? `${String(request['id'])}-${clock.nowMs()}` : request['id']!
    const records = recordsOf({ ...request, id }, log.partitions)
    const place = [topology, sink, spout, partition, blockNumber(offset, blockBits)]
    const keys = records.map((record) => [...place, offset, digest, record.partition!])
    const known = await rows.read(propagatedTable, keys)
    const missing = records.map((_, index) => index).filter((index) => known[index] === undefined)
    if (missing.length === 0) return
    await log.append(missing.map((index) => records[index]!))
    const nowMs = clock.nowMs()
    await rows.write(
      propagatedTable,
      missing.map((index) => [...keys[index]!, nowMs]),
      stampBase(appendTimeMs) + 1,
    )
  }
}

const headers = [[deleteHeader, 'delete']] as const

/** The records of a request: one for each partition, or, by id, for each that an id names, with its ids. */
const recordsOf = (request: JsonObject, partitions: number): readonly NewRecord[] =>
  Array.from({ length: partitions }, (_, index) => index).flatMap((index) => {
    const part = partOf(request, index)
    if (part === undefined) return []
    const value = new TextEncoder().encode(JSON.stringify(part))
    return [{ key: null, headers, value, partition: toPartition(index) }]
  })

const partOf = (request: JsonObject, partition: number): JsonObject | undefined => {
  const written = request['filters'] as readonly JsonObject[] // as `requestMaker` has it
  const filters: JsonObject[] = []
  for (const filter of written) {
    const { property_name, operator, property_value } = filter
    const isById = isIdPath(property_name) && (operator === 'eq' || operator === 'in')
    const ids = [property_value].flat().filter((id) => parseEventId(String(id))?.partition === partition)
    if (isById && ids.length === 0) return undefined
    filters.push(isById ? { ...filter, operator: 'in', property_value: ids as JsonValue } : filter) // of JSON
  }
  return { ...request, filters }
}

const isIdPath = (name: JsonValue | undefined): boolean => parsePath(String(name))?.join('.') === 'keen.id'
