/** The algebra of tenant scopes against plain sets over a small world of names (I-5). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allTenants,
  inScope,
  isEmptyScope,
  removeFromScope,
  sameScope,
  scopeCovers,
  scopesOverlap,
  uniteScopes,
} from '../../../topology/engine/ledger/tenant-scope.ts'
import type { TenantScope } from '../../../topology/model/ledger-document.ts'

const world = ['a', 'b', 'c', 'd', 'one that no scope names']
const names = fc.subarray(['a', 'b', 'c', 'd'])
const scopes: fc.Arbitrary<TenantScope> = fc.oneof(
  fc.constant(allTenants),
  names.map((list): TenantScope => ({ kind: 'only', names: list })),
  names.map((list): TenantScope => ({ kind: 'except', names: list })),
)
const members = (scope: TenantScope): readonly string[] => world.filter((tenant) => inScope(scope, tenant))
const holds = (check: (left: TenantScope, right: TenantScope) => void): void =>
  fc.assert(fc.property(scopes, scopes, check))

describe('scopes of tenants', () => {
  test('unite as sets do', () => {
    holds((left, right) => {
      const both = world.filter((tenant) => inScope(left, tenant) || inScope(right, tenant))
      expect(members(uniteScopes(left, right))).toEqual(both)
    })
  })
  test('overlap when some tenant is in both', () => {
    holds((left, right) => {
      const isShared = members(left).some((tenant) => inScope(right, tenant))
      expect(scopesOverlap(left, right)).toBe(isShared)
    })
  })
  test('cover each other when no tenant is missing', () => {
    holds((left, right) => {
      const isCovered = members(right).every((tenant) => inScope(left, tenant))
      expect(scopeCovers(left, right)).toBe(isCovered)
      expect(sameScope(left, right)).toBe(isCovered && members(left).every((tenant) => inScope(right, tenant)))
    })
  })
  test('lose one tenant and no other', () => {
    fc.assert(
      fc.property(scopes, fc.constantFrom('a', 'b'), (scope, tenant) => {
        expect(members(removeFromScope(scope, tenant))).toEqual(members(scope).filter((one) => one !== tenant))
      }),
    )
  })
  test('are empty only when they name nobody', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        expect(isEmptyScope(scope)).toBe(members(scope).length === 0)
      }),
    )
  })
})
