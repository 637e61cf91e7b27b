/**
 * Draws deletes of every class, as requests that people make: by id, by property, by time, of a collection, of everything;
 * before their events and after them, once and again, whole and torn. Their records go where `placeDelete` puts them.
 *
 * Which event a request is after follows from the number of its draw alone; one that was left out leaves a request for an
 * id that does not exist.
 */

import { deleteHeader, requireDeleteRequest } from '../../../model/delete-request.ts'
import { eventId } from '../../../model/event-id.ts'
import { formatTime } from '../../../model/event-time.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { offsetMax } from '../../../model/limits.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import { offset, partition as toPartition } from '../../../model/position.ts'
import { placeDelete } from '../../../place-delete.ts'
import type { Draw } from './draw.ts'
import {
  type AppendedRecord,
  allPartitions,
  type DrawContext,
  type DrawnDelete,
  type DrawnEvent,
  type DrawnRecord,
} from './draw-context.ts'
import type { DrawEvents } from './draw-events.ts'
import { drawFilter, drawTimeFilter, filterClasses } from './draw-filters.ts'

/** Classes by how often they are drawn; the rare ones leave little behind. */
const weights = {
  id: 6,
  ids: 4,
  'id and filter': 2,
  'id of nothing': 1,
  'id of another time': 1,
  'id that comes later': 2,
  'client id': 2,
  eq: 4,
  ne: 1,
  in: 2,
  lt: 1,
  lte: 1,
  gt: 1,
  gte: 2,
  exists: 2,
  contains: 2,
  'several filters': 2,
  timestamp: 1,
  timeframe: 3,
  collection: 2,
  project: 1,
  torn: 4,
  completed: 4,
  again: 3,
  'another id': 2,
  'without permission': 1,
  refused: 1,
} as const

export type DeleteClass = keyof typeof weights
export const deleteClasses: readonly DeleteClass[] = Object.keys(weights) as DeleteClass[] // its own keys
const drawnClasses = deleteClasses.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind))

// Where there is nothing to repeat yet, or to complete, another is made.
const repeating: ReadonlySet<DeleteClass> = new Set(['torn', 'completed', 'again', 'another id'])
const repeated: readonly DeleteClass[] = ['ids', 'eq', 'collection', 'timeframe']

// No log of a history comes so far.
const offsetOfNothing = 1_000_000

interface Request {
  readonly project: string
  readonly collection?: string
  readonly filters?: readonly JsonObject[]
  readonly timeframe?: JsonObject
}

/** An event that was drawn, and where it went. */
interface Target extends DrawnEvent {
  readonly id: string
}

export class DrawDeletes {
  readonly #spout: string
  readonly #events: DrawEvents

  constructor(spout: string, events: DrawEvents) {
    this.#spout = spout
    this.#events = events
  }

  delete(draw: Draw, context: DrawContext): readonly DrawnRecord[] {
    const kind = draw.of(drawnClasses)
    const isOver = draw.happens(0.4)
    const before = deletesIn(context, this.#spout)
    const open = before.filter(({ missing }) => missing.length > 0)
    const all = allPartitions(context.partitions)
    const id = `delete ${context.appended.length}`
    // What is torn is completed sooner or later, mostly.
    if (open.length > 0 && (isOver || kind === 'completed')) {
      const { request, missing } = draw.of(open)
      return recordsOf('completed', request, context, missing.map(toPartition))
    }
    if (before.length > 0 && (kind === 'again' || kind === 'another id')) {
      const { request } = draw.of(before)
      return recordsOf(kind, kind === 'again' ? request : { ...request, id }, context, all)
    }
    const isTorn = context.partitions > 1 && (kind === 'torn' || kind === 'completed')
    const asked = repeating.has(kind) ? draw.of(repeated) : kind
    const request = { id, ...this.#request(draw, asked, this.#target(draw, context), context) }
    const reached = isTorn ? draw.some(all, 1, context.partitions - 1) : all
    return recordsOf(isTorn ? 'torn' : asked, request, context, reached)
  }

  /** An event of the same spout that was drawn before; `undefined` where there is none. */
  #target(draw: Draw, { appended }: DrawContext): Target | undefined {
    const from = draw.below(Math.max(1, appended.length))
    for (let step = 0; step < appended.length; step++) {
      const [found] = appended[(from + step) % appended.length]!
      if (found?.spout === this.#spout && found.record.drawn.kind === 'event')
        return { ...found.record.drawn, id: idOf(found, found.record.drawn) }
    }
    return undefined
  }

  #request(draw: Draw, kind: DeleteClass, target: Target | undefined, context: DrawContext): Request {
    const { names, bodies, times } = this.#events
    const project = target !== undefined && !draw.happens(0.05) ? target.project : names.project(draw)
    const inCollection = target !== undefined && draw.happens(0.4) ? { collection: target.collection } : {}
    const scope = { project, ...inCollection }
    const filter = (one: (typeof filterClasses)[number]): JsonObject => ({
      ...drawFilter(draw, one, bodies, target?.body),
    })
    switch (kind) {
      case 'id':
      case 'ids':
      case 'id and filter':
      case 'id of nothing':
      case 'id of another time':
      case 'id that comes later':
        return { ...scope, filters: this.#byId(draw, kind, target, context) }
      case 'client id':
        return { ...scope, filters: [filterOf('keen.client_id', 'eq', target?.clientId ?? 'c0')] }
      case 'several filters':
        return { ...scope, filters: [filter(draw.of(filterClasses)), filter(draw.of(filterClasses))] }
      case 'timestamp':
        return { ...scope, filters: [{ ...drawTimeFilter(draw, target?.timeMs ?? times.timeMs(draw)) }] }
      case 'timeframe':
        return this.#byTime(draw, scope, target)
      case 'collection':
        return { project, collection: target?.collection ?? names.collection(draw) }
      case 'project':
        return { project }
      case 'without permission':
        return { ...scope, filters: [filter('eq')] }
      case 'refused':
        return { ...scope, filters: [filterOf('kind', draw.of(['within', 'not_contains', 'like']), 'a')] }
      case 'torn':
      case 'completed':
      case 'again':
      case 'another id':
        return { ...scope, filters: [filter('eq')] }
      default:
        return { ...scope, filters: [filter(kind)] }
    }
  }

  #byId(draw: Draw, kind: DeleteClass, target: Target | undefined, context: DrawContext): readonly JsonObject[] {
    const place = toPartition(draw.below(context.partitions))
    const nothing = eventId(this.#events.times.timeMs(draw), place, offset(offsetOfNothing + context.appended.length))
    const id = target?.id ?? nothing
    if (kind === 'id of nothing') return [filterOf('keen.id', 'eq', nothing)]
    if (kind === 'id of another time')
      return [filterOf('keen.id', 'eq', `${(Number.parseInt(id[0]!, 16) ^ 1).toString(16)}${id.slice(1)}`)]
    if (kind === 'id that comes later') {
      const timeMs = this.#events.times.timeMs(draw)
      return [filterOf('keen.id', 'eq', eventId(timeMs, place, offset(context.nextOffset(place) + draw.below(4))))]
    }
    if (kind === 'ids') {
      const others = Array.from({ length: draw.between(1, 3) }, () => this.#target(draw, context)?.id ?? nothing)
      return [filterOf('keen.id', 'in', [id, ...others])]
    }
    const also =
      kind === 'id' ? [] : [{ ...drawFilter(draw, draw.of(filterClasses), this.#events.bodies, target?.body) }]
    return [filterOf('keen.id', 'eq', id), ...also]
  }

  #byTime(draw: Draw, scope: Request, target: Target | undefined): Request {
    const startMs = (target?.timeMs ?? this.#events.times.timeMs(draw)) - draw.of([0, 0, 1, 30_000])
    const endMs = startMs + draw.of([1, 60_000, 3_600_000, 86_400_000 * 30])
    const frame = { timeframe: { start: formatTime(startMs), end: formatTime(endMs) } }
    if (!draw.happens(0.4)) return { ...scope, ...frame }
    return {
      ...scope,
      ...frame,
      filters: [{ ...drawFilter(draw, draw.of(filterClasses), this.#events.bodies, target?.body) }],
    }
  }
}

const filterOf = (name: string, operator: string, value: JsonValue): JsonObject => ({
  property_name: name,
  operator,
  property_value: value,
})

const idOf = ({ record, offset: at, appendTimeMs }: AppendedRecord, { timeMs = appendTimeMs }: DrawnEvent): string =>
  eventId(timeMs, record.partition, offset(at ?? offsetOfNothing))

// What nobody can send again, or would be refused again.
const onlyOnce = new Set(['tombstone', 'without permission', 'refused'])

/** What people have asked for before, of this spout. */
const deletesIn = ({ appended }: DrawContext, spout: string): readonly DrawnDelete[] =>
  appended.flatMap(([first]) =>
    first?.spout === spout && first.record.drawn.kind === 'delete' && !onlyOnce.has(first.record.drawn.class)
      ? [first.record.drawn]
      : [],
  )

const headers = [[deleteHeader, 'delete']] as const

/** The records of a request that go to `reached`. */
const recordsOf = (
  kind: DeleteClass,
  request: JsonObject,
  { partitions }: DrawContext,
  reached: readonly DrawnRecord['partition'][],
): readonly DrawnRecord[] => {
  const isAsked = kind !== 'without permission' && kind !== 'refused'
  const placed = isAsked
    ? placedOf(request, partitions)
    : allPartitions(partitions).map((place) => [place, request] as const)
  const inReach = placed.filter(([place]) => reached.includes(place))
  // Nobody would know of a request that reaches nothing.
  const written = inReach.length > 0 ? inReach : placed.slice(0, 1)
  const left = placed.map(([place]) => place).filter((place) => !written.some(([one]) => one === place))
  // What completes a request, or repeats it, leaves nothing open.
  const missing = kind === 'torn' ? left : []
  const drawn: DrawnDelete = { kind: 'delete', class: kind, request, missing }
  return written.map(([partition, content]) => {
    const value = new TextEncoder().encode(JSON.stringify(content))
    return { key: null, headers, value, partition, drawn }
  })
}

/** A request as it is cut for the partitions that it goes to. */
const placedOf = (
  { id, ...content }: JsonObject,
  partitions: number,
): readonly (readonly [DrawnRecord['partition'], JsonObject])[] => {
  const log = { partitions } as EventLog // no record is read or appended
  const bounds = Array.from({ length: partitions }, () => ({ start: offset(0), end: offset(offsetMax) }))
  const read = requireDeleteRequest({ ...content, id: id!, allowScan: true })
  const named = { project: read.project, collection: read.collection, content, text: '', request: read }
  return placeDelete(named, [{ log, bounds }]).flatMap((part) =>
    [...part.records()].map((one) => [part.partition, { id: id!, ...one }] as const),
  )
}
