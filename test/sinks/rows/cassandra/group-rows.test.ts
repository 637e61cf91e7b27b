/** Rows of one partition go together, wherever they stand in a call. */
import { expect, test } from 'vitest'
import { groupRows, keyOf } from '../../../../sinks/rows/cassandra/group-rows.ts'
import type { Row } from '../../../../topology/model/ports/row-store.ts'

test('neighbours and strangers of one partition are one group, in their order', () => {
  const rows: Row[] = [
    ['a', 1, 'x'],
    ['a', 1, 'y'],
    ['b', 1, 'x'],
    ['a', 1, 'z'],
    ['b', 2, 'x'],
  ]
  expect(groupRows(rows, 2)).toEqual([[0, 1, 3], [2], [4]])
})

test('keys are equal as the store keeps them', () => {
  expect(keyOf(['\ud800', -0], 2)).toBe(keyOf(['\ufffd', 0], 2))
  expect(keyOf([new Uint8Array([1])], 1)).toBe(keyOf([Buffer.from([1])], 1))
})

test('no text can pass for the border between two cells', () => {
  expect(keyOf(['a\u0001', 'b'], 2)).not.toBe(keyOf(['a', '\u0001b'], 2))
})
