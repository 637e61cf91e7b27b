/**
 * The answer of a query as a table for people; where there is one value and more than one row, with bars beside it.
 */
import type { JsonValue } from '../model/json.ts'
import { resultRows, shortTime } from './result-rows.ts'
import { bar, formatNumber, type TextColumn, textTable } from './text-table.ts'

const barWidth = 32

export const queryTable = (result: JsonValue, groupBy: readonly string[], columns: number): string => {
  const rows = resultRows(result)
  const [first] = rows
  if (first === undefined) return 'no rows\n'
  const names = Object.keys(first.cells)
  const values = names.filter((name) => !groupBy.includes(name))
  const hasTime = first.start !== undefined
  const only = values.length === 1 && rows.length > 1 ? values[0] : undefined
  const most = only === undefined ? 0 : rows.reduce((largest, { cells }) => Math.max(largest, numberOf(cells[only])), 0)
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

const numberOf = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0)

export const cellText = (value: JsonValue): string => {
  if (value === null) return '-'
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return listText(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const listWidth = 40

/** A long list begins and tells how long it is; all of it stands in JSON and CSV. */
const listText = (list: readonly JsonValue[]): string => {
  const all = JSON.stringify(list)
  if (all.length <= listWidth) return all
  const shown: string[] = []
  let width = 0
  for (const element of list) {
    const text = JSON.stringify(element)
    width += text.length + 1
    if (width > listWidth) break
    shown.push(text)
  }
  return `[${[...shown, '…'].join(',')}] ${formatNumber(list.length)} in all`
}
