/** A ledger whose calls are measured: how long a compare-and-set takes, and which one is open now. */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../model/ports/ledger.ts'
import { metered } from './metered.ts'
import type { Meters } from './meters.ts'

export const meteredLedger = (ledger: Ledger, meters: Meters): Ledger => {
  const measured = <T>(key: LedgerKey, verb: string, call: () => Promise<T>): Promise<T> => {
    const { partition, spout } = key
    const what = (): string => `${verb} of ${spout}/${partition}`
    return metered(meters, { stage: 'ledger', name: 'ledger', workClass: 'live', what, partition }, call)
  }
  return {
    ...(ledger.tickMs === undefined ? {} : { tickMs: ledger.tickMs }),
    read: (key) => measured(key, 'reading', () => ledger.read(key)),
    compareAndSet: (key, expectedVer, next: LedgerDocument) =>
      measured(key, 'compare-and-set', () => ledger.compareAndSet(key, expectedVer, next)),
    keys: (topology) => ledger.keys(topology),
    close: () => ledger.close(),
  }
}
