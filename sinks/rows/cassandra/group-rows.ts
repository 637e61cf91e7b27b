/** Rows of one call by the partition that they live in: what a batch may hold together. */
import type { Cell, Row } from '../../../topology/model/ports/row-store.ts'

/** Places of rows that share the first `length` cells, in the order in which the groups first appear. */
export const groupRows = (rows: readonly Row[], length: number): readonly (readonly number[])[] => {
  const groups: number[][] = []
  const byKey = new Map<string, number[]>()
  let last: number[] | undefined
  let before: Row | undefined
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index]!
    // Callers bring neighbours together, so most rows need no look-up.
    if (last === undefined || before === undefined || !isSame(before, row, length)) {
      const key = keyOf(row, length)
      last = byKey.get(key)
      if (last === undefined) {
        last = []
        byKey.set(key, last)
        groups.push(last)
      }
    }
    last.push(index)
    before = row
  }
  return groups
}

const isSame = (left: Row, right: Row, length: number): boolean => {
  for (let index = 0; index < length; index += 1) if (left[index] !== right[index]) return false
  return true
}

/** A text for the cells: equal for equal keys as a store keeps them. */
export const keyOf = (cells: readonly Cell[], length: number): string => {
  let key = ''
  for (let index = 0; index < length; index += 1) {
    const text = textOf(cells[index] ?? null)
    // With its length, or a text could pass for two.
    key += `${text.length} ${text}`
  }
  return key
}

const textOf = (cell: Cell): string => {
  if (typeof cell === 'string') return cell.toWellFormed()
  if (cell instanceof Uint8Array) return Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('hex')
  return typeof cell === 'number' ? String(cell + 0) : String(cell)
}
