/**
 * Decides of one item whether it is an event, and lifts the values that become its key and headers.
 *
 * It refuses what every spout would dead-letter: a line that a person can still mend is better told now than found in
 * the quarantine.
 */
import { formatTime, parseTime, timeOfNumber } from '../../model/event-time.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { nestingLevelsMax } from '../../model/limits.ts'
import { formatPath, type Path, valueAt } from '../../model/path.ts'
import type { Headers, NewRecord } from '../../model/record.ts'
import { messageOf } from '../../model/spillway-error.ts'
import type { InputItem } from './input-item.ts'

export interface IngestRule {
  readonly project: string
  readonly collection: string | undefined
  readonly time: Path | undefined
  readonly timeUnit: 'ms' | 's' | undefined
  readonly id: Path | undefined
  readonly key: Path | undefined
  readonly keepsBad: boolean
}

/** What becomes of an item: appended (a bad one too with `--keep-bad`), or refused. */
export interface Judgement {
  readonly record?: NewRecord
  readonly problem?: string
}

/** Judges items by one rule; records without headers of their own share one list of headers. */
export const createJudge = (rule: IngestRule): ((item: InputItem) => Judgement) => {
  const shared: Headers = [
    ['project', rule.project],
    ...(rule.collection === undefined ? [] : [['collection', rule.collection] as const]),
  ]
  const readsBody = rule.time !== undefined || rule.id !== undefined || rule.key !== undefined
  return (item) => {
    const body = item.problem ?? readBody(item.bytes)
    const plain = { key: rule.project, headers: shared, value: item.bytes }
    const refuse = (problem: string): Judgement =>
      rule.keepsBad && item.isUnfit !== true ? { record: plain, problem } : { problem }
    if (typeof body === 'string') return refuse(body)
    if (!readsBody) return { record: plain }
    const time = timeHeader(rule, body)
    if (typeof time === 'object') return refuse(time.problem)
    const id = rule.id === undefined ? undefined : textOf(valueAt(body, rule.id))
    const key = rule.key === undefined ? rule.project : (textOf(valueAt(body, rule.key)) ?? null)
    const headers: (readonly [string, string])[] = [...shared]
    if (time !== undefined) headers.push(['spillway-time', time])
    if (id !== undefined) headers.push(['spillway-id', id])
    return { record: { key, headers: headers.length === shared.length ? shared : headers, value: item.bytes } }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The body as an object; a text says why the bytes are no event. */
const readBody = (bytes: Uint8Array): JsonObject | string => {
  let json: JsonValue
  try {
    json = JSON.parse(decoder.decode(bytes))
  } catch (error) {
    return error instanceof SyntaxError ? `is no JSON: ${messageOf(error)}` : 'is not UTF-8'
  }
  if (!isJsonObject(json)) return 'is no JSON object'
  const { keen } = json as Record<string, JsonValue | undefined> // members may be absent
  if (keen !== undefined && !isJsonObject(keen)) return 'has a property keen that is not an object'
  if (keen !== undefined) {
    const taken = ['id', 'created_at'].find((name) => Object.hasOwn(keen, name))
    if (taken !== undefined) return `sets keen.${taken}, which Spillway sets itself`
  }
  return isTooDeep(bytes) ? `nests deeper than ${nestingLevelsMax} levels` : json
}

/** Only long runs of brackets can nest too deep; others are not walked. */
const isTooDeep = (bytes: Uint8Array): boolean => {
  if (bytes.length < 2 * nestingLevelsMax) return false
  let depth = 0
  let isInString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!
    if (isInString) {
      if (byte === 92) index++
      else if (byte === 34) isInString = false
    } else if (byte === 34) isInString = true
    else if (byte === 91 || byte === 123) {
      if (++depth > nestingLevelsMax) return true
    } else if (byte === 93 || byte === 125) depth--
  }
  return false
}

/** The text of header `spillway-time`; absent or null leaves the event to its other times. */
const timeHeader = (rule: IngestRule, body: JsonObject): string | { readonly problem: string } | undefined => {
  if (rule.time === undefined) return undefined
  const value = valueAt(body, rule.time)
  if (value === undefined || value === null) return undefined
  const name = formatPath(rule.time)
  if (typeof value === 'number' && rule.timeUnit === undefined)
    return { problem: `${name} is a number: say \`--time-unit ms\` or \`--time-unit s\`` }
  const timeMs =
    typeof value === 'number' && rule.timeUnit !== undefined
      ? timeOfNumber(value, rule.timeUnit)
      : typeof value === 'string'
        ? parseTime(value)
        : undefined
  if (timeMs === undefined) return { problem: `${name} is no time: ${JSON.stringify(value)?.slice(0, 60)}` }
  return formatTime(timeMs)
}

/** Text of a value for a key or header: strings as they are, absent and null none. Line breaks cannot stand in headers. */
const textOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
