/** Picks rows out of columns, and makes columns of shapes. */
import type { Shapes } from '../../model/tuples.ts'

export const gather = <Value>(column: ArrayLike<Value>, rows: ArrayLike<number>): Value[] => {
  const picked: Value[] = []
  for (let i = 0; i < rows.length; i += 1) picked.push(column[rows[i]!]!)
  return picked
}

export const gatherShapes = (shapes: Shapes, rows: ArrayLike<number>): Shapes => {
  const codes: number[] = []
  const starts = [0]
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i]!
    const end = shapes.starts[row + 1]!
    for (let at = shapes.starts[row]!; at < end; at += 1) codes.push(shapes.codes[at]!)
    starts.push(codes.length)
  }
  return { codes, starts, names: shapes.names }
}

/** Shapes of tuples one by one: `note` is called with the codes of tuple i. */
export const collectShapes = (
  length: number,
  names: Shapes['names'],
  show: (index: number, note: (code: number) => void) => void,
): Shapes => {
  const codes: number[] = []
  const starts = [0]
  /** Per code: the tuple that showed it last. */
  const shownBy: number[] = []
  let index = 0
  const note = (code: number): void => {
    if (shownBy[code] === index) return
    while (shownBy.length <= code) shownBy.push(-1)
    shownBy[code] = index
    codes.push(code)
  }
  for (; index < length; index += 1) {
    show(index, note)
    starts.push(codes.length)
  }
  return { codes, starts, names }
}

/** Whether the rows are all of `length`, in order. */
export const isEverything = (indices: ArrayLike<number>, length: number): boolean => {
  if (indices.length !== length) return false
  for (let i = 0; i < length; i += 1) if (indices[i] !== i) return false
  return true
}
