/**
 * Set algebra over tenants: `all`, `only` some, `except` some. Lanes of one sink tile offsets x tenants (I-5), so the
 * engine must say exactly whether scopes overlap, cover each other, or add up.
 */
import type { TenantScope } from '../../model/ledger-document.ts'

export const allTenants: TenantScope = { kind: 'all' }

export const onlyTenant = (tenant: string): TenantScope => ({ kind: 'only', names: [tenant] })

export const inScope = (scope: TenantScope, tenant: string): boolean => {
  switch (scope.kind) {
    case 'all':
      return true
    case 'only':
      return scope.names.includes(tenant)
    case 'except':
      return !scope.names.includes(tenant)
    default:
      return scope satisfies never
  }
}

/** The scope as a sorted set of names, either the members or the ones left out. */
const asSet = (scope: TenantScope): { readonly isExcept: boolean; readonly names: readonly string[] } =>
  scope.kind === 'all' ? { isExcept: true, names: [] } : { isExcept: scope.kind === 'except', names: scope.names }

const asScope = (isExcept: boolean, names: Iterable<string>): TenantScope => {
  const sorted = [...new Set(names)].sort()
  if (!isExcept) return { kind: 'only', names: sorted }
  return sorted.length === 0 ? allTenants : { kind: 'except', names: sorted }
}

export const uniteScopes = (left: TenantScope, right: TenantScope): TenantScope => {
  const a = asSet(left)
  const b = asSet(right)
  if (!a.isExcept && !b.isExcept) return asScope(false, [...a.names, ...b.names])
  if (a.isExcept && b.isExcept)
    return asScope(
      true,
      a.names.filter((name) => b.names.includes(name)),
    )
  const [outer, inner] = a.isExcept ? [a, b] : [b, a]
  return asScope(
    true,
    outer.names.filter((name) => !inner.names.includes(name)),
  )
}

/** What is in `scope` and not in `other`. */
export const subtractScope = (scope: TenantScope, other: TenantScope): TenantScope => {
  const a = asSet(scope)
  const b = asSet(other)
  const inOther = (name: string): boolean => inScope(other, name)
  if (!a.isExcept)
    return asScope(
      false,
      a.names.filter((name) => !inOther(name)),
    )
  if (!b.isExcept) return asScope(true, [...a.names, ...b.names])
  return asScope(
    false,
    b.names.filter((name) => inScope(scope, name)),
  )
}

export const removeFromScope = (scope: TenantScope, tenant: string): TenantScope => {
  const set = asSet(scope)
  return set.isExcept
    ? asScope(true, [...set.names, tenant])
    : asScope(
        false,
        set.names.filter((name) => name !== tenant),
      )
}

export const isEmptyScope = (scope: TenantScope): boolean => scope.kind === 'only' && scope.names.length === 0

/** Whether every tenant of `inner` is in `outer`. */
export const scopeCovers = (outer: TenantScope, inner: TenantScope): boolean => {
  const a = asSet(outer)
  const b = asSet(inner)
  if (!b.isExcept) return b.names.every((name) => inScope(outer, name))
  return a.isExcept && a.names.every((name) => b.names.includes(name))
}

export const scopesOverlap = (left: TenantScope, right: TenantScope): boolean => {
  const a = asSet(left)
  const b = asSet(right)
  if (a.isExcept && b.isExcept) return true
  if (!a.isExcept) return a.names.some((name) => inScope(right, name))
  return b.names.some((name) => inScope(left, name))
}

export const sameScope = (left: TenantScope, right: TenantScope): boolean =>
  scopeCovers(left, right) && scopeCovers(right, left)
