/**
 * The answer of a query as a table for people; where there is one value and more than one row, with bars beside it.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { bar, formatNumber, type TextColumn, textTable } from './text-table.ts'

const barWidth = 32

export const queryTable = (result: JsonValue, groupBy: readonly string[], columns: number): string => {
  const rows = rowsOf(result)
  const [first] = rows
  if (first === undefined) return 'no rows\n'
  const names = Object.keys(first.cells)
  const values = names.filter((name) => !groupBy.includes(name))
  const hasTime = first.start !== undefined
  const only = values.length === 1 && rows.length > 1 ? values[0] : undefined
  const most = only === undefined ? 0 : Math.max(0, ...rows.map(({ cells }) => numberOf(cells[only])))
  const hasBars = only !== undefined && most > 0
  const heads: TextColumn[] = [
    ...(hasTime ? [{ title: 'FROM' }] : []),
    ...names.map((name): TextColumn => ({ title: name, align: values.includes(name) ? 'right' : 'left' })),
    ...(hasBars ? [{ title: '' }] : []),
  ]
  const width = Math.max(8, Math.min(barWidth, columns - 30 - 16 * names.length))
  return textTable(
    heads,
    rows.map(({ start, cells }) => [
      ...(hasTime ? [shortTime(start ?? '')] : []),
      ...names.map((name) => cellText(cells[name] ?? null)),
      ...(hasBars ? [bar(numberOf(cells[only]) / most, width)] : []),
    ]),
  )
}

interface ResultRow {
  readonly start: string | undefined
  readonly cells: JsonObject
}

const rowsOf = (result: JsonValue): readonly ResultRow[] => {
  if (isJsonObject(result)) return [{ start: undefined, cells: result }]
  if (!isList(result)) return []
  return result.flatMap((one): readonly ResultRow[] => {
    if (!isJsonObject(one)) return []
    const { timeframe, value } = one as Record<string, JsonValue | undefined> // members may be absent
    // An answer by interval holds exactly these two; a rollup cannot be kept by both names at once with these types.
    const start = timeframe !== undefined && isJsonObject(timeframe) ? timeframe['start'] : undefined
    if (value === undefined || typeof start !== 'string') return [{ start: undefined, cells: one }]
    return rowsOf(value).map(({ cells }) => ({ start, cells }))
  })
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

const numberOf = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0)

const cellText = (value: JsonValue): string => {
  if (value === null) return '-'
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `2026-03-14T09:00:00.000Z` becomes `2026-03-14 09:00`, and midnight the day alone. */
const shortTime = (iso: string): string =>
  iso
    .replace('T', ' ')
    .replace(/\.000Z$/, '')
    .replace(/:00$/, '')
    .replace(/ 00:00$/, '')
