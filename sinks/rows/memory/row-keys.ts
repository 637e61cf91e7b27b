/** Keys of rows in memory: as text, to find a row, and in order within a range, to scan. */
import type { Cell, RowKey } from '../../../topology/model/ports/row-store.ts'
import type { CheckedRange } from '../cells/check-table.ts'
import { compareCells, compareKeys } from '../cells/compare-cells.ts'

const textOf = (cell: Cell): string => {
  if (typeof cell === 'string') return `${cell.length}:${cell}`
  return cell instanceof Uint8Array ? `x${Buffer.from(cell).toString('hex')}` : `${String(cell)};`
}

/** One text per key: equal for equal keys of one table only. The cells must be in their stored form. */
export const keyText = (key: RowKey): string => key.map(textOf).join('')

export const isWithin = (key: RowKey, range: CheckedRange): boolean => {
  const led = range.leading.length
  for (let index = 0; index < led; index += 1)
    if (compareCells(key[index] ?? null, range.leading[index] ?? null) !== 0) return false
  const bounded = key[led] ?? null
  if (range.from !== undefined && compareCells(bounded, range.from) < 0) return false
  return range.to === undefined || compareCells(bounded, range.to) < 0
}

/** The keys of a range in the order of a scan. */
export const keysWithin = (keys: Iterable<RowKey>, range: CheckedRange): RowKey[] =>
  [...keys].filter((key) => isWithin(key, range)).sort(compareKeys)
