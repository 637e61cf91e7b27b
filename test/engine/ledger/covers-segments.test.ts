/** Whether ranges with tenants cover others, against asking for every offset and tenant (I-3, I-5). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coversSegments, isIn, overlaps } from '../../../topology/engine/ledger/document.ts'
import type { Segment, TenantScope } from '../../../topology/model/ledger-document.ts'

const scopes: fc.Arbitrary<TenantScope> = fc.constantFrom<TenantScope>(
  { kind: 'all' },
  { kind: 'only', names: ['a'] },
  { kind: 'only', names: ['a', 'b'] },
  { kind: 'except', names: ['a'] },
  { kind: 'except', names: ['b'] },
)
const segments = fc.array(
  fc
    .tuple(fc.nat(9), fc.integer({ min: 1, max: 5 }), scopes)
    .map(([from, length, tenants]): Segment => ({ from, to: from + length, tenants })),
  { maxLength: 5 },
)
const places = Array.from({ length: 16 }, (_, offset) => ['a', 'b', 'c'].map((tenant) => ({ offset, tenant }))).flat()

test('ranges cover others when every offset of every tenant is in some of them', () => {
  fc.assert(
    fc.property(segments, segments, (have, wanted) => {
      const isCovered = places.every(
        ({ offset, tenant }) => !isIn(wanted, offset, tenant) || isIn(have, offset, tenant),
      )
      expect(coversSegments(have, wanted)).toBe(isCovered)
    }),
    { numRuns: 500 },
  )
})

test('two ranges overlap when some place is in both', () => {
  fc.assert(
    fc.property(segments, segments, ([left], [right]) => {
      if (left === undefined || right === undefined) return
      const isShared = places.some(
        ({ offset, tenant }) => isIn([left], offset, tenant) && isIn([right], offset, tenant),
      )
      expect(overlaps(left, right)).toBe(isShared)
    }),
  )
})
