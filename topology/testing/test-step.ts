/**
 * What happens in a test of a topology, as a list: records are appended, time moves, processes die.
 */

import { parseEventId } from '../model/event-id.ts'
import { parseTime } from '../model/event-time.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import { namespaceProblem } from '../model/namespace.ts'
import { partition } from '../model/position.ts'
import { parseDuration } from '../model/quantity.ts'
import type { NewRecord } from '../model/record.ts'

export interface Put {
  readonly kind: 'put'
  readonly spout: string | undefined
  readonly record: NewRecord
  readonly atMs: number | undefined
}

export type TestStep =
  | Put
  | {
      readonly kind: 'delete'
      readonly spout: string | undefined
      readonly request: JsonObject
      readonly partition: number | undefined
    }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'cut'; readonly sink: string; readonly ranges: number }
  | { readonly kind: 'replay'; readonly request: ReplayRequest }
  | { readonly kind: 'crash' }

export interface PutOptions {
  readonly project?: string
  readonly collection?: string
  readonly key?: string
  readonly partition?: number
  readonly headers?: readonly (readonly [string, string])[]
  /** Append time, ms since 1970. Default: the clock of the test. */
  readonly atMs?: number
  readonly spout?: string
}

/** Appends an event; a text or bytes are appended as they are, JSON or not. */
export const put = (body: JsonObject | string | Uint8Array, options: PutOptions = {}): Put => {
  const { project, collection, key, atMs, spout } = options
  const headers = [...(options.headers ?? [])]
  if (project !== undefined) headers.push(['project', project])
  if (collection !== undefined) headers.push(['collection', collection])
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const value = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const place = options.partition === undefined ? {} : { partition: partition(options.partition) }
  return { kind: 'put', spout, atMs, record: { key: key ?? project ?? null, headers, value, ...place } }
}

let requests = 0

/**
 * Appends a delete request: to every partition, or, by `keen.id`, to the partition that the id names.
 * `request` is what `topology delete` writes; `id` is given where it is missing.
 */
export const remove = (
  request: Readonly<Record<string, JsonValue>>,
  options: { readonly spout?: string } = {},
): TestStep => {
  requests += 1
  const { filters } = request
  const first = Array.isArray(filters) && filters.length === 1 ? filters[0] : undefined
  const id =
    first?.property_name === 'keen.id' && typeof first.property_value === 'string'
      ? parseEventId(first.property_value)
      : undefined
  const whole = { id: `delete-${requests}`, allowScan: true, ...request }
  return { kind: 'delete', spout: options.spout, request: whole, partition: id?.partition }
}

/**
 * Lets time pass; sinks close their epochs by age. Takes milliseconds or a text: `'5 minutes'`. Throws a `TypeError` for
 * anything else, or a test without type checking would wait for ever.
 */
export const advance = (time: number | string): TestStep => {
  const ms = typeof time === 'string' ? parseDuration(time) : time
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return { kind: 'advance', ms }
  const given = typeof time === 'string' ? JSON.stringify(time) : String(time)
  throw new TypeError(`advance takes a duration such as "5 minutes" or a number of milliseconds from 0, not ${given}`)
}
/** Waits until everything appended so far is durable. */
export const settle: TestStep = { kind: 'settle' }
/** Cuts the live lane of a sink into ranges that run in parallel. A branch that needs its tuples in order keeps its one lane. */
export const cut = (sink: string, ranges = 2): TestStep => ({ kind: 'cut', sink, ranges })
export interface ReplayOptions {
  /** Append times `[from, to)`: ISO 8601, or ms since 1970. Without `to` it goes on with what comes. */
  readonly from: string | number
  readonly to?: string | number
  /** The namespace: a to z, 0 to 9 and -. */
  readonly into: string
  /** Only this tenant. Default: all. */
  readonly tenant?: string
  /** Only events of these event times, ms since 1970. Default: all. */
  readonly timeframe?: { readonly startMs: number; readonly endMs: number }
}

/**
 * Begins to recompute what was appended from one time up to another, as `topology replay` does; a later step, or the end
 * of the list, waits for it. The topology must have run before. Throws a `TypeError` for what is no time or namespace.
 */
export const replay = (options: ReplayOptions): TestStep => {
  const { into: namespace, tenant, timeframe } = options
  const problem = namespaceProblem(namespace)
  if (problem !== undefined) throw new TypeError(`replay into ${JSON.stringify(namespace)}: ${problem}`)
  const range = { fromMs: timeOf(options.from), toMs: options.to === undefined ? null : timeOf(options.to) }
  return {
    kind: 'replay',
    request: { namespace, ...range, ...(tenant && { tenant }), ...(timeframe && { timeframe }) },
  }
}

const timeOf = (time: string | number): number => {
  const timeMs = typeof time === 'string' ? parseTime(time) : time
  if (timeMs !== undefined && Number.isFinite(timeMs)) return timeMs
  throw new TypeError(`replay takes times in ISO 8601 or ms since 1970, not ${JSON.stringify(time)}`)
}

/** The process dies at a moment that the seed chooses, and another begins from what is durable. */
export const CRASH: TestStep = { kind: 'crash' }
