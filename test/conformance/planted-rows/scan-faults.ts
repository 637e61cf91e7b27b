/** Faults in scans. */
import type { Row, RowStore } from '../../../topology/model/ports/row-store.ts'
import type { PlantedRowStore } from './planted-row-store.ts'

async function* pagesOf(store: RowStore, ...args: Parameters<RowStore['scan']>): AsyncGenerator<readonly Row[]> {
  for await (const page of store.scan(...args)) yield page
}

const collect = async (pages: AsyncIterable<readonly Row[]>): Promise<Row[]> => {
  const rows: Row[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}

export const scanFaults: readonly PlantedRowStore[] = [
  {
    fault: 'the last row of each page is lost',
    clauses: ['scans every row once, in pages'],
    plant: (inner) => ({
      async *scan(table, range) {
        for await (const page of inner.scan(table, range)) yield page.slice(0, -1)
      },
    }),
  },
  {
    fault: 'pages come in no order',
    clauses: ['scans a partition in the order of its keys'],
    plant: (inner) => ({
      async *scan(table, range) {
        for await (const page of inner.scan(table, range)) yield page.toReversed()
      },
    }),
  },
  {
    fault: 'ranges are not looked at',
    clauses: [
      'narrows a scan to one partition',
      'narrows a scan from a value (inclusive) to a value (exclusive)',
      'refuses bounds without the whole partition',
    ],
    plant: (inner) => ({ scan: (table) => inner.scan(table) }),
  },
  {
    fault: 'the upper bound is inclusive',
    clauses: ['narrows a scan from a value (inclusive) to a value (exclusive)'],
    plant: (inner) => ({
      scan: (table, range) => inner.scan(table, typeof range?.to === 'number' ? { ...range, to: range.to + 1 } : range),
    }),
  },
  {
    fault: 'pages are counted from the start',
    clauses: ['writes while a scan is open, and the scan gives each row once'],
    plant: (inner) => ({
      async *scan(table, range) {
        for (let from = 0; ; from += 1_000) {
          const page = (await collect(inner.scan(table, range))).slice(from, from + 1_000)
          if (page.length === 0) return
          yield page
        }
      },
    }),
  },
  {
    fault: 'a scan that is left early blocks writes for ever',
    clauses: ['lets a scan be left before its end'],
    plant: (inner) => {
      let openScans = 0
      return {
        async *scan(table, range) {
          openScans += 1
          yield* pagesOf(inner, table, range)
          openScans -= 1
        },
        write: async (table, rows, stamps) => {
          if (openScans > 0) throw new Error('database is locked')
          await inner.write(table, rows, stamps)
        },
      }
    },
  },
  {
    fault: 'reading a missing table is an error',
    clauses: ['reads a table that nobody has created as empty'],
    plant: (inner) => {
      const names = new Set<string>()
      return {
        ensureTable: async (table) => {
          await inner.ensureTable(table)
          names.add(table.name)
        },
        read: async (table, keys) => {
          if (!names.has(table.name)) throw new Error('no such table')
          return inner.read(table, keys)
        },
      }
    },
  },
]
