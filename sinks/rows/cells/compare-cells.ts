/**
 * The one order of cells: of keys in a scan, and of values when two writes carry the same stamp.
 *
 * It is the order of SQLite (null, then the values of the column's type; text and bytes by their bytes in UTF-8), so
 * that every store of rows resolves the same tie in the same way (I-1). Texts are compared by code points, which is the
 * order of their UTF-8 bytes; code units alone would put U+FFFD above an emoji.
 */
import type { Cell } from '../../../topology/model/ports/row-store.ts'

const rankOf = (cell: Cell): number => {
  if (cell === null) return 0
  if (typeof cell === 'boolean' || typeof cell === 'number') return 1
  return typeof cell === 'string' ? 2 : 3
}

// Surrogates stand for code points above all others, yet their units lie below U+E000..U+FFFF: lift them.
const liftedUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

const compareTexts = (left: string, right: string): number => {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const difference = left.charCodeAt(index) - right.charCodeAt(index)
    if (difference !== 0) return liftedUnit(left.charCodeAt(index)) - liftedUnit(right.charCodeAt(index))
  }
  return left.length - right.length
}

/** Below, at or above zero as `left` comes before, with or after `right`. False is 0 and true is 1. */
export const compareCells = (left: Cell, right: Cell): number => {
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  const rank = rankOf(left) - rankOf(right)
  return rank !== 0 ? rank : Number(left) - Number(right) || 0
}

/** Compares lists of cells from the left; a list comes after its own beginning. */
export const compareKeys = (left: readonly Cell[], right: readonly Cell[]): number => {
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const order = compareCells(left[index] ?? null, right[index] ?? null)
    if (order !== 0) return order
  }
  return left.length - right.length
}
