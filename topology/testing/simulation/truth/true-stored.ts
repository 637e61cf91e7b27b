/** What an event store and an archive hold of an event, as texts that can be compared. */
import { formatTime } from '../../../model/event-time.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts'
import type { EventColumns } from '../../../model/tuples.ts'

export interface TrueStored {
  readonly id: string
  readonly spout: string
  readonly project: string
  readonly collection: string
  readonly timeMs: number
  readonly appendTimeMs: number
  /** JSON of the body, as an event store keeps it. */
  readonly body: string
  /** As an event store keeps it: none where it is no well-formed text. */
  readonly clientId: string | undefined
}

const text = new TextDecoder()

export const storedIn = (spout: string, events: EventColumns, index: number): TrueStored => {
  const { buffer, start, end } = events.bytes(index)
  const clientId = events.clientIds()[index]
  return {
    id: events.id(index),
    spout,
    project: events.projects()[index]!,
    collection: events.collections()[index]!,
    timeMs: events.timesMs()[index]!,
    appendTimeMs: events.appendTimesMs[index]!,
    body: text.decode(buffer.subarray(start, end)),
    clientId: clientId?.isWellFormed() === true ? clientId : undefined,
  }
}

/** A row of an event store. */
export const rowText = (one: TrueStored): string =>
  `${one.spout} ${one.id} of ${one.project} ${one.collection} at ${one.timeMs} appended ${one.appendTimeMs} client ${one.clientId}: ${one.body}`

/**
 * A line of an object: the body, with what the archive adds to its `keen`. `isAvro`: where a property that is null and one
 * that is absent are one.
 */
export const lineText = ({ id, timeMs, appendTimeMs, body }: TrueStored, isAvro: boolean): string => {
  const event: JsonObject = JSON.parse(body)
  const { keen } = event as Readonly<Record<string, JsonValue | undefined>> // members may be absent
  const own = { id, created_at: formatTime(appendTimeMs) }
  const members = keen !== undefined && isJsonObject(keen) ? keen : {}
  return canonicalText({ ...event, keen: { timestamp: formatTime(timeMs), ...members, ...own } }, isAvro)
}

/** Equal for equal JSON, whatever the order of members. A lone surrogate is what every store makes of it. */
export const canonicalText = (value: JsonValue, isNullAbsent: boolean): string => {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const textOf = (one: JsonValue): string => canonicalText(one, isNullAbsent)
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(textOf).join()}]` // of JSON
  const object = value as JsonObject // no list by the line above
  const names = Object.keys(object).filter((name) => !isNullAbsent || object[name] !== null)
  return `{${names
    .sort()
    .map((name) => `${textOf(name)}:${textOf(object[name]!)}`)
    .join()}}`
}
