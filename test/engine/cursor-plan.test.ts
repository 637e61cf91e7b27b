/** Which cursor a lane joins: of its own tenants, at its place or shortly before. */
import { expect, test } from 'vitest'
import { type CursorPlace, cursorToJoin, joinDistanceRecords } from '../../topology/engine/cursor-plan.ts'
import type { TenantScope } from '../../topology/model/ledger-document.ts'

const all: TenantScope = { kind: 'all' }
const ann: TenantScope = { kind: 'only', names: ['ann'] }
const at = (position: number, more: Partial<CursorPlace> = {}): CursorPlace => ({
  position,
  tenants: all,
  limit: Number.POSITIVE_INFINITY,
  ...more,
})

test.each([
  ['one at the same place', [at(5)], 0],
  ['none where there is none', [], -1],
  ['the nearest before it', [at(1), at(4), at(2)], 1],
  ['none that is behind it', [at(6)], -1],
  ['none that is too far before it', [at(5 - joinDistanceRecords - 1)], -1],
  ['one that is just near enough', [at(5 - joinDistanceRecords)], 0],
  ['none of other tenants', [at(5, { tenants: ann })], -1],
  ['none that ends before its place', [at(3, { limit: 5 })], -1],
  ['one that ends behind its place', [at(3, { limit: 6 })], 0],
] as const)('a lane at 5 joins %s', (_, cursors, index) => {
  expect(cursorToJoin(cursors, 5, all)).toBe(index)
})
