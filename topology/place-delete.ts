/**
 * Where the records of a delete go (DOMAIN section 6): one by `keen.id` only to the partition that each id names, with the
 * ids of that partition; every other one to every partition, so that its place among the events of each is exact.
 */
import type { NamedDelete } from './delete-input.ts'
import { deleteClass } from './engine/delete-plan.ts'
import { idsOf } from './engine/named-events.ts'
import { errors } from './model/errors.ts'
import { eventId, parseEventId } from './model/event-id.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './model/json.ts'
import { parsePath } from './model/path.ts'
import type { EventLog, LogBounds } from './model/ports/event-log.ts'
import { type Partition, partition as toPartition } from './model/position.ts'

/** A log with the bounds of its partitions, by number. */
export interface BoundedLog {
  readonly log: EventLog
  readonly bounds: readonly LogBounds[]
}

/** Records of one delete for one partition, without the members that name the request. */
export interface DeletePart {
  readonly log: EventLog
  readonly partition: Partition
  readonly count: number
  records(): Iterable<JsonObject>
}

// 20 KB of ids a record: far below the size of a record, and enough that a job of millions has thousands of records.
export const idsPerRecord = 500

export const boundLogs = (logs: readonly EventLog[]): Promise<readonly BoundedLog[]> =>
  Promise.all(logs.map(async (log) => ({ log, bounds: await boundsOf(log) })))

const boundsOf = (log: EventLog): Promise<readonly LogBounds[]> =>
  Promise.all(Array.from({ length: log.partitions }, (_, index) => log.bounds(toPartition(index))))

/** Throws `deleteIdUnknown` for an id that no event of the logs can have. */
export const placeDelete = (named: NamedDelete, logs: readonly BoundedLog[]): readonly DeletePart[] => {
  if (deleteClass(named.request) !== 'by-id') {
    const record = { ...named.content, allowScan: true }
    return logs.flatMap(({ log }) =>
      Array.from({ length: log.partitions }, (_, index) => partOf(log, toPartition(index), [record])),
    )
  }
  const ids = new Map<number, Set<string>>()
  for (const id of namedIds(named)) {
    const place = placeOf(id, logs)
    const known = ids.get(place.partition) ?? new Set()
    ids.set(place.partition, known.add(eventId(place.timeMs, place.partition, place.offset)))
  }
  const others = otherFilters(named)
  return logs.flatMap(({ log }) =>
    [...ids]
      .filter(([partition]) => partition < log.partitions)
      .map(([partition, own]) => idPart(log, toPartition(partition), own.size, own, { ...named.content, others })),
  )
}

/** A part that names events by id, at most `idsPerRecord` a record. `others`: filters beside the ids. */
export const idPart = (
  log: EventLog,
  partition: Partition,
  count: number,
  ids: Iterable<string>,
  { others = [], ...content }: JsonObject & { readonly others?: readonly JsonValue[] },
): DeletePart => ({
  log,
  partition,
  count: Math.ceil(count / idsPerRecord),
  *records() {
    for (const some of chunksOf(ids)) {
      const isOne = some.length === 1
      const filter = {
        property_name: 'keen.id',
        operator: isOne ? 'eq' : 'in',
        property_value: isOne ? some[0]! : some,
      }
      yield { ...content, filters: [filter, ...others] }
    }
  },
})

function* chunksOf(ids: Iterable<string>): Iterable<readonly string[]> {
  let some: string[] = []
  for (const id of ids) {
    some.push(id)
    if (some.length < idsPerRecord) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

const partOf = (log: EventLog, partition: Partition, records: readonly JsonObject[]): DeletePart => ({
  log,
  partition,
  count: records.length,
  records: () => records,
})

/** Ids of the request; a value that is no text is refused, as it could match nothing. */
const namedIds = ({ request }: NamedDelete): readonly string[] => {
  for (const { path, operator, value } of request.filters) {
    if (!isIdFilter(path.join('.'), operator)) continue
    for (const one of Array.isArray(value) ? (value as readonly JsonValue[]) : [value]) // isArray widens it
      if (typeof one !== 'string') throw unknown(JSON.stringify(one), 'is no id: an id is a text')
  }
  const ids = idsOf(request) ?? []
  if (ids.length === 0) throw unknown('keen.id in []', 'names no event')
  return ids
}

const isIdFilter = (name: string, operator: string): boolean =>
  name === 'keen.id' && (operator === 'eq' || operator === 'in')

/** Filters but the first by id, which the ids of the records replace. */
const otherFilters = ({ content }: NamedDelete): readonly JsonValue[] => {
  const filters = content['filters'] as readonly JsonValue[] // a request by id has them
  const first = filters.findIndex(
    (one) => isJsonObject(one) && isIdFilter(nameOf(one['property_name']), String(one['operator'])),
  )
  return filters.filter((_, index) => index !== first)
}

const nameOf = (written: JsonValue | undefined): string => parsePath(String(written))?.join('.') ?? ''

const placeOf = (id: string, logs: readonly BoundedLog[]): NonNullable<ReturnType<typeof parseEventId>> => {
  const place = parseEventId(id)
  if (place === undefined) throw unknown(JSON.stringify(id), 'is no id of an event')
  const found = logs.flatMap(({ bounds }) => bounds[place.partition] ?? [])
  if (found.length === 0) throw unknown(id, `names partition ${place.partition}, which the log does not have`)
  const end = Math.max(...found.map((one) => one.end))
  if (place.offset < end) return place
  throw unknown(id, `names offset ${place.offset} of partition ${place.partition}, which ends at ${end}`)
}

const unknown = (id: string, reason: string): Error => errors.deleteIdUnknown({ id, reason })
