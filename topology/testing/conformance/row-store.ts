/**
 * What every store of rows must do, clause by clause: run it on an adapter of your own.
 *
 * Each clause makes a store, uses it through the port alone and closes it. A clause fails by throwing an assertion
 * error. No test framework is needed: `for (const clause of rowStoreClauses) test(clause.name, () => clause.run(make))`.
 */
import type { RowStore } from '../../model/ports/row-store.ts'
import { refusalClauses } from './row-store/refusals.ts'
import { scanClauses } from './row-store/scans.ts'
import { stampClauses } from './row-store/stamps.ts'
import { tableClauses } from './row-store/tables.ts'

/** Makes an empty store; each clause asks for one and closes it. */
export type MakeRowStore = () => Promise<RowStore>

export interface RowStoreClause {
  /** A sentence about the behaviour. */
  readonly name: string
  /** Rejects with an assertion error where the store breaks the clause. */
  run(make: MakeRowStore): Promise<void>
}

const closing = (check: (store: RowStore) => Promise<void>): RowStoreClause['run'] => {
  return async (make) => {
    const store = await make()
    try {
      await check(store)
    } finally {
      await store.close()
    }
  }
}

const checks = [...tableClauses, ...stampClauses, ...scanClauses, ...refusalClauses]

export const rowStoreClauses: readonly RowStoreClause[] = checks.map(([name, check]) => ({ name, run: closing(check) }))
