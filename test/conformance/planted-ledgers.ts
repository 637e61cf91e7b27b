/** Ledgers with one fault each, and the clauses that must find it. */
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../topology/model/ports/ledger.ts'

export interface PlantedLedger {
  readonly fault: string
  /** The clauses that must fail; others may. */
  readonly clauses: readonly string[]
  plant(inner: Ledger): Partial<Ledger>
}

export const makePlanted = (planted: PlantedLedger): Ledger => {
  const inner = createMemoryLedger()
  return { ...inner, ...planted.plant(inner) }
}

// Stores without a look at anything.
const store = async (inner: Ledger, key: LedgerKey, next: LedgerDocument): Promise<'applied'> => {
  const found = await inner.read(key)
  await inner.compareAndSet(key, found?.ver, { ...next, ver: Math.max(next.ver, (found?.ver ?? 0) + 1) })
  return 'applied'
}

export const plantedLedgers: readonly PlantedLedger[] = [
  {
    fault: 'a missing document is made up',
    clauses: ['reads undefined where there is no document'],
    plant: (inner) => ({
      read: async (key) =>
        (await inner.read(key)) ?? {
          ...{ format: 2, ver: 0, rules: 0, nextLane: 0, start: 0, log: '' },
          ...{ sinks: {}, lanes: {}, deletes: [], nextDelete: 0, archive: [], scannedTo: 0, deadLetters: {} },
        },
    }),
  },
  {
    fault: 'a part of the document is lost',
    clauses: ['gives back the document that was stored'],
    plant: (inner) => ({
      compareAndSet: (key, ver, next) => inner.compareAndSet(key, ver, { ...next, deadLetters: {} }),
    }),
  },
  {
    fault: 'creating replaces what is there',
    clauses: ['creates a document only where there is none'],
    plant: (inner) => ({
      compareAndSet: async (key, ver, next) =>
        ver === undefined ? store(inner, key, next) : inner.compareAndSet(key, ver, next),
    }),
  },
  {
    fault: 'a change is answered and not made',
    clauses: ['replaces the document whose ver is the expected one'],
    plant: (inner) => ({
      compareAndSet: async (key, ver, next) => (ver === undefined ? inner.compareAndSet(key, ver, next) : 'applied'),
    }),
  },
  {
    fault: 'the expected ver is not looked at',
    clauses: ['refuses another ver and keeps the document', 'refuses to replace a document that does not exist'],
    plant: (inner) => ({ compareAndSet: (key, _ver, next) => store(inner, key, next) }),
  },
  {
    fault: 'versions may go backwards',
    clauses: ['refuses a next ver that is not larger'],
    plant: (inner) => ({
      compareAndSet: (key, ver, next) =>
        inner.compareAndSet(key, ver, { ...next, ver: Math.max(next.ver, (ver ?? 0) + 1) }),
    }),
  },
  {
    fault: 'spouts share a document',
    clauses: ['keeps topologies, spouts and partitions apart'],
    plant: (inner) => ({
      read: (key) => inner.read({ ...key, spout: '' }),
      compareAndSet: (key, ver, next) => inner.compareAndSet({ ...key, spout: '' }, ver, next),
    }),
  },
  {
    fault: 'the keys of all topologies are listed',
    clauses: ['lists the keys of one topology'],
    plant: (inner) => ({
      keys: async (topology) => [...(await inner.keys(topology)), ...(await inner.keys('other'))],
    }),
  },
  {
    fault: 'it compares, waits, and sets',
    clauses: ['lets one of many writers win', 'loses no step of many readers that write'],
    plant: (inner) => ({
      compareAndSet: async (key, ver, next) => {
        const found = await inner.read(key)
        if (found?.ver !== ver) return 'refused'
        await Promise.resolve()
        return store(inner, key, next)
      },
    }),
  },
  {
    fault: 'documents are kept by reference',
    clauses: ['owns the document that it was given'],
    plant: (inner) => {
      let last: LedgerDocument | undefined
      return {
        compareAndSet: (key, ver, next) => {
          last = next
          return inner.compareAndSet(key, ver, next)
        },
        read: async () => last,
      }
    },
  },
]
