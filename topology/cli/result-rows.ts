/** The result of a query as rows: what stands in each interval, in each group. */
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

export interface ResultRow {
  /** Start of its interval, ISO 8601. */
  readonly start: string | undefined
  readonly cells: JsonObject
}

export const resultRows = (result: JsonValue): readonly ResultRow[] => {
  if (isJsonObject(result)) return [{ start: undefined, cells: result }]
  if (!isList(result)) return []
  return result.flatMap((one): readonly ResultRow[] => {
    if (!isJsonObject(one)) return []
    const interval = intervalOf(one)
    return interval === undefined
      ? [{ start: undefined, cells: one }]
      : resultRows(interval.value).map(({ cells }) => ({ start: interval.start, cells }))
  })
}

/** Starts of all intervals, also of those that hold nothing; `undefined` when the result has none. */
export const resultStarts = (result: JsonValue): readonly string[] | undefined => {
  if (!isList(result)) return undefined
  const starts = result.flatMap((one) => (isJsonObject(one) ? (intervalOf(one)?.start ?? []) : []))
  return starts.length === result.length && starts.length > 0 ? starts : undefined
}

/** An answer by interval holds exactly these two; a rollup cannot be kept by both names at once with these types. */
const intervalOf = (one: JsonObject): { readonly start: string; readonly value: JsonValue } | undefined => {
  const { timeframe, value } = one as Record<string, JsonValue | undefined> // members may be absent
  const start = timeframe !== undefined && isJsonObject(timeframe) ? timeframe['start'] : undefined
  return value === undefined || typeof start !== 'string' ? undefined : { start, value }
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

/** `2026-03-14T09:00:00.000Z` becomes `2026-03-14 09:00`, and midnight the day alone. */
export const shortTime = (iso: string): string =>
  iso
    .replace('T', ' ')
    .replace(/\.000Z$/, '')
    .replace(/:00$/, '')
    .replace(/ 00:00$/, '')
