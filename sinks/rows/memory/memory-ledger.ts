/**
 * A ledger in memory, with the same answers as a lasting one: for tests and topologies that need not outlive a process.
 *
 * Documents are kept as text, so nobody can change one but by `compareAndSet` (I-4).
 */
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../../topology/model/ports/ledger.ts'
import { checkNextVer } from '../cells/check-next-ver.ts'

interface Stored {
  readonly key: LedgerKey
  readonly ver: number
  readonly text: string
}

const textOf = (key: LedgerKey): string => JSON.stringify([key.topology, key.spout, key.partition])

const compareKeys = (left: LedgerKey, right: LedgerKey): number => {
  if (left.spout !== right.spout) return left.spout < right.spout ? -1 : 1
  return left.partition - right.partition
}

export const createMemoryLedger = (): Ledger => {
  const documents = new Map<string, Stored>()
  return {
    read: async (key) => {
      const stored = documents.get(textOf(key))
      return stored === undefined ? undefined : (JSON.parse(stored.text) as LedgerDocument) // written below from one
    },
    compareAndSet: async ({ topology, spout, partition }, expectedVer, next) => {
      checkNextVer(expectedVer, next.ver)
      const key = { topology, spout, partition }
      if (documents.get(textOf(key))?.ver !== expectedVer) return 'refused'
      documents.set(textOf(key), { key, ver: next.ver, text: JSON.stringify(next) })
      return 'applied'
    },
    keys: async (topology) =>
      [...documents.values()]
        .map((stored) => stored.key)
        .filter((key) => key.topology === topology)
        .sort(compareKeys),
    close: async () => {},
  }
}
