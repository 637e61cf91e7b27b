/**
 * A delete as a person or a program asks for it, brought into the one form in which it is compared, stored and written.
 *
 * There is no undo, so nothing is guessed: a member that is not known is refused, for read as absent it would widen the
 * delete, and a timeframe relative to now is resolved before anything is kept.
 */
import { readTimeframe } from '../operators/query/timeframe.ts'
import { readZone } from '../operators/query/zone.ts'
import { type DeleteRequest, requireDeleteRequest } from './model/delete-request.ts'
import { errors } from './model/errors.ts'
import { formatTime } from './model/event-time.ts'
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from './model/json.ts'
import { collectionNameProblem, projectNameProblem } from './model/names.ts'
import { nearestName } from './model/nearest-name.ts'

export interface DeleteFilter {
  readonly property_name: string
  readonly operator: string
  readonly property_value: JsonValue
}

export interface DeleteInput {
  /** Sent again, the same id is the same delete: what is missing is written, nothing twice. Default: a new one. */
  readonly id?: string
  /** Default: `default`. */
  readonly project?: string
  /** Default: all collections of the project. */
  readonly collection?: string
  /** All must match. */
  readonly filters?: readonly DeleteFilter[]
  /** Event time: `START/END`, `previous_7_days`, or both ends in ISO 8601. */
  readonly timeframe?: string | { readonly start: string; readonly end: string }
  /** Of a relative timeframe: IANA name or offset in seconds. Default UTC. */
  readonly timezone?: string | number
  /** Permits a scan of more than `delete.scanRecords` records. */
  readonly allowScan?: boolean
  /** Says that every event of the project is meant, where nothing else is named. */
  readonly all?: boolean
}

/** A delete without its id. */
export interface NamedDelete {
  readonly project: string
  readonly collection: string | undefined
  /** Project, collection, filters and timeframe as a log record has them. */
  readonly content: JsonObject
  /** Canonical text of the content: equal deletes have equal texts. */
  readonly text: string
  /** Says whether a large scan is permitted. */
  readonly request: DeleteRequest
}

const members = ['id', 'project', 'collection', 'filters', 'timeframe', 'timezone', 'allowScan', 'all', 'property']
const filterMembers = ['property_name', 'operator', 'property_value']

// It becomes a key of rows and of log records.
const idLengthMax = 200

/** Reads a request that came as JSON. Throws `unsupportedDeleteFilter` for what is none. */
export const readDeleteInput = (json: unknown): DeleteInput => {
  if (!isJsonObject(json)) throw unsupported('a delete request is a JSON object')
  refuseStrangers(json, members, 'a delete request')
  const { timezone, timeframe, all, allowScan } = json
  if (timeframe !== undefined && typeof timeframe !== 'string' && !isJsonObject(timeframe))
    throw unsupported('timeframe is a text, or an object with start and end')
  if (timezone !== undefined && typeof timezone !== 'string' && typeof timezone !== 'number')
    throw unsupported('timezone is an IANA name or an offset in seconds')
  for (const flag of [all, allowScan])
    if (flag !== undefined && typeof flag !== 'boolean') throw unsupported('all and allowScan are true or false')
  return json as DeleteInput // the other members are checked by `nameDelete`, which programs without types call as well
}

/** Checks a request and resolves it. Throws `unsupportedDeleteFilter`, `deleteNamesNothing`, `badConfiguration`. */
export const nameDelete = (input: DeleteInput, nowMs: number): NamedDelete => {
  const { project = 'default', collection, filters = [], timeframe, allowScan = false } = input
  const property = 'property' in input ? { property: true } : {}
  const frame = timeframe === undefined ? undefined : resolved(timeframe, input.timezone, nowMs)
  const content: JsonObject = {
    project,
    ...(collection === undefined ? {} : { collection }),
    ...(isEmptyList(filters) ? {} : { filters: filters as unknown as JsonValue }), // read as JSON by the line below
    ...(frame === undefined ? {} : { timeframe: frame }),
  }
  const request = requireDeleteRequest({ ...content, ...property, id: input.id ?? '', allowScan })
  for (const filter of filters) checkFilter(filter)
  checkNames(input, project, collection)
  const isWholeProject = collection === undefined && filters.length === 0 && frame === undefined
  if (isWholeProject && input.all !== true) throw errors.deleteNamesNothing({ project })
  if (!isWholeProject && input.all === true)
    throw unsupported('all means every event of a project: it stands without collection, filters and timeframe')
  return { project, collection, content, text: canonicalJson(content), request }
}

const unsupported = (reason: string): Error => errors.unsupportedDeleteFilter({ reason })

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const resolved = (
  timeframe: NonNullable<DeleteInput['timeframe']>,
  timezone: DeleteInput['timezone'],
  nowMs: number,
): JsonObject => {
  const { startMs, endMs } = readTimeframe(timeframe, nowMs, readZone(timezone))
  return { start: formatTime(startMs), end: formatTime(endMs) }
}

const refuseStrangers = (json: object, known: readonly string[], what: string): void => {
  for (const name of Object.keys(json)) {
    if (known.includes(name)) continue
    const near = nearestName(name, known)
    const advice = near === undefined ? '' : `; did you mean "${near}"?`
    throw unsupported(`${what} has no member ${JSON.stringify(name)}${advice}`)
  }
}

/** What the log's reader would take and never match: found here, where a person can still mend it. */
const checkFilter = (filter: DeleteFilter): void => {
  refuseStrangers(filter, filterMembers, 'a filter')
  const { property_name: name, operator, property_value: value } = filter
  if (value === undefined) throw unsupported(`the filter on ${name} has no property_value`)
  if (operator === 'in' && !Array.isArray(value)) throw unsupported(`the filter on ${name}: in takes a list`)
  if (operator === 'exists' && typeof value !== 'boolean')
    throw unsupported(`the filter on ${name}: exists takes true or false`)
}

const checkNames = ({ id }: DeleteInput, project: string, collection: string | undefined): void => {
  const projectProblem = projectNameProblem(project)
  if (projectProblem !== undefined) throw unsupported(`project ${JSON.stringify(project)} ${projectProblem}`)
  const problem = collection === undefined ? undefined : collectionNameProblem(collection)
  if (problem !== undefined) throw unsupported(`collection ${JSON.stringify(collection)} ${problem}`)
  if (id !== undefined && !isUsableId(id))
    throw unsupported(`id ${JSON.stringify(id)} is none: 1 to ${idLengthMax} characters, no control characters`)
}

const isUsableId = (id: string): boolean => /^\P{Cc}+$/u.test(id) && id.length <= idLengthMax
