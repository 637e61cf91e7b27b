/** Faults in what is refused. */
import { listOf, type PlantedRowStore } from './planted-row-store.ts'

export const refusalFaults: readonly PlantedRowStore[] = [
  {
    fault: 'rows are written one by one',
    clauses: ['refuses a row with a cell that does not fit, and all of its call'],
    plant: (inner) => ({
      write: async (table, rows, stamps) => {
        for (const [index, row] of rows.entries()) await inner.write(table, [row], listOf(rows, stamps)[index]!)
      },
    }),
  },
  {
    fault: 'bad stamps count as 1',
    clauses: ['refuses stamps that are no safe integers or not one per row'],
    plant: (inner) => ({
      write: (table, rows, stamps) =>
        inner.write(
          table,
          rows,
          listOf(rows, stamps).map((stamp) => (Number.isSafeInteger(stamp) ? stamp : 1)),
        ),
    }),
  },
  {
    fault: 'a write creates its table',
    clauses: ['refuses to write to a table that nobody has created'],
    plant: (inner) => ({
      write: async (table, rows, stamps) => {
        await inner.ensureTable(table)
        await inner.write(table, rows, stamps)
      },
    }),
  },
  {
    fault: 'every table is taken',
    clauses: ['refuses tables without a key or with unusable names'],
    plant: (inner) => ({ ensureTable: (table) => inner.ensureTable(table).catch(() => {}) }),
  },
]
