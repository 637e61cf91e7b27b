/** The tenants of a lane, for people. */
import type { TenantScope } from '../model/ledger-document.ts'

export const tenantsText = (tenants: TenantScope): string =>
  tenants.kind === 'all' ? 'all' : `${tenants.kind} ${tenants.names.join(', ')}`
