/**
 * Which listed deletes match an event (PROTOCOL section 5), compiled once per version of the list.
 *
 * By-id records cost one map look-up per event; the others are asked only for events of their project and collection.
 * Everything here is a pure function of the document and the event, which is what keeps I-3 whoever asks.
 */

import type { EventBatch } from '../model/decoder.ts'
import { type DeleteRequest, readDeleteRequest } from '../model/delete-request.ts'
import { parseTime } from '../model/event-time.ts'
import { type Filter, filterMatches } from '../model/filter.ts'
import type { DeleteEntry, LedgerDocument } from '../model/ledger-document.ts'
import { valueAt } from '../model/path.ts'
import { isDeadLettered, isIn } from './ledger/document.ts'

interface Rule {
  readonly entry: number
  readonly offset: number
  readonly request: DeleteRequest
}

export interface DeleteMatcher {
  readonly isEmpty: boolean
  /** Entries with a record behind the event that matches it, ascending. */
  entriesOf(events: EventBatch, index: number): readonly number[]
}

const noEntries: readonly number[] = []

/** Ids that a request names, when it names its events by id. */
export const idsOf = (request: DeleteRequest): readonly string[] | undefined => {
  const filter = request.filters.find(
    (one) => one.path.join('.') === 'keen.id' && (one.operator === 'eq' || one.operator === 'in'),
  )
  if (filter === undefined) return undefined
  return (Array.isArray(filter.value) ? filter.value : [filter.value]).filter((id) => typeof id === 'string')
}

export const compileDeletes = (deletes: readonly DeleteEntry[]): DeleteMatcher => {
  const byId = new Map<string, Rule[]>()
  const byProject = new Map<string, Rule[]>()
  deletes.forEach((entry, index) => {
    for (const record of entry.records) {
      const request = readDeleteRequest(record.request)
      if (typeof request === 'string') continue
      const rule: Rule = { entry: index, offset: record.offset, request }
      const ids = idsOf(request)
      if (ids === undefined) pushTo(byProject, request.project, rule)
      else for (const id of ids) pushTo(byId, id, rule)
    }
  })
  const isEmpty = byId.size === 0 && byProject.size === 0
  const entriesOf = (events: EventBatch, index: number): readonly number[] => {
    const named = byId.size === 0 ? undefined : byId.get(events.id(index))
    const filtered = byProject.get(events.projects()[index]!)
    if (named === undefined && filtered === undefined) return noEntries
    const found = new Set<number>()
    for (const rule of named ?? []) if (matches(rule, events, index)) found.add(rule.entry)
    for (const rule of filtered ?? []) if (matches(rule, events, index)) found.add(rule.entry)
    return [...found].sort((left, right) => left - right)
  }
  return { isEmpty, entriesOf }
}

const pushTo = (map: Map<string, Rule[]>, key: string, rule: Rule): void => {
  const rules = map.get(key)
  if (rules === undefined) map.set(key, [rule])
  else rules.push(rule)
}

const matches = (rule: Rule, events: EventBatch, index: number): boolean => {
  const { request } = rule
  if (events.offsets[index]! >= rule.offset || events.projects()[index] !== request.project) return false
  if (request.collection !== undefined && events.collections()[index] !== request.collection) return false
  const timeMs = events.timesMs()[index]!
  if (request.timeframe !== undefined && (timeMs < request.timeframe.startMs || timeMs >= request.timeframe.endMs))
    return false
  return request.filters.every((filter) => passes(filter, events, index))
}

const passes = (filter: Filter, events: EventBatch, index: number): boolean => {
  switch (filter.path.join('.')) {
    case 'keen.id':
      return filterMatches(filter, events.id(index))
    case 'keen.timestamp':
      return filterMatches(timeFilter(filter), events.timesMs()[index])
    case 'keen.created_at':
      return filterMatches(timeFilter(filter), events.appendTimesMs[index])
    default:
      return filterMatches(filter, valueAt(events.event(index).body, filter.path))
  }
}

/** `datetime` compares as time: texts of the filter become ms. */
const timeFilter = (filter: Filter): Filter => {
  const toMs = (value: Filter['value']): Filter['value'] =>
    typeof value === 'string' ? (parseTime(value) ?? value) : value
  return { ...filter, value: Array.isArray(filter.value) ? filter.value.map(toMs) : toMs(filter.value) }
}

/** Whether a lane of the sink leaves the event out: some delete matches that had not found it taken. */
export const isDropped = (
  doc: LedgerDocument,
  matcher: DeleteMatcher,
  sink: string,
  events: EventBatch,
  index: number,
): boolean => {
  if (matcher.isEmpty) return false
  const entries = matcher.entriesOf(events, index)
  if (entries.length === 0) return false
  const offset = events.offsets[index]!
  const tenant = events.projects()[index]!
  return entries.some((entry) => !isIn(doc.deletes[entry]!.cover[sink] ?? [], offset, tenant))
}

/** Whether the work of an entry on a sink takes the event out: first in list order, taken by the sink, not dead-lettered. */
export const belongsTo = (
  doc: LedgerDocument,
  matcher: DeleteMatcher,
  entry: number,
  sink: string,
  events: EventBatch,
  index: number,
): boolean => {
  if (matcher.entriesOf(events, index)[0] !== entry) return false
  const offset = events.offsets[index]!
  return (
    isIn(doc.deletes[entry]!.cover[sink] ?? [], offset, events.projects()[index]!) && !isDeadLettered(doc, sink, offset)
  )
}
