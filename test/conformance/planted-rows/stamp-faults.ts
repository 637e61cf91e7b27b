/** Faults in the rule of stamps. */
import type { Cell } from '../../../topology/model/ports/row-store.ts'
import { listOf, mapCells, type PlantedRowStore } from './planted-row-store.ts'

export const stampFaults: readonly PlantedRowStore[] = [
  {
    fault: 'the last write wins, whatever its stamp',
    clauses: [
      'lets the larger stamp win, whichever write comes first',
      'ends with the largest stamp when calls run at once',
    ],
    plant: (inner) => {
      let clock = 0
      return {
        write: (table, rows) => {
          clock += 1
          return inner.write(table, rows, clock)
        },
      }
    },
  },
  {
    fault: 'at the same stamp the last write wins',
    clauses: ['lets the same value win at the same stamp, whichever comes first', 'settles a tie cell by cell'],
    plant: (inner) => {
      let clock = 0
      return {
        write: (table, rows, stamps) => {
          clock += 1
          return inner.write(
            table,
            rows,
            listOf(rows, stamps).map((stamp) => stamp * 1_000 + clock),
          )
        },
      }
    },
  },
  {
    fault: 'a repeated write is added to what is there',
    clauses: ['takes the same write again without a change'],
    plant: (inner) => {
      let count = 0
      return {
        write: (table, rows, stamps) => {
          count += 1
          const marks = '+'.repeat(count)
          const change = (cell: Cell): Cell => (cell === 'same' ? `same${marks}` : cell)
          return inner.write(
            table,
            rows.map((row) => mapCells(row, change)),
            stamps,
          )
        },
      }
    },
  },
  {
    fault: 'of the rows of one key in a call the first is taken',
    clauses: ['settles rows of one key within one call'],
    plant: (inner) => ({
      write: async (table, rows, stamps) => {
        const length = table.partition.length + table.cluster.length
        const keys = rows.map((row) => JSON.stringify(row.slice(0, length)))
        const first = rows.map((_, index) => index).filter((index) => keys.indexOf(keys[index]!) === index)
        const chosen = listOf(rows, stamps)
        await inner.write(
          table,
          first.map((index) => rows[index]!),
          first.map((index) => chosen[index]!),
        )
      },
    }),
  },
  {
    fault: 'of many rows of one partition only those that are there are written',
    clauses: ['takes many rows that differ in one text of their keys like any others'],
    plant: (inner) => ({
      write: async (table, rows, stamps) => {
        if (table.name !== 'marks' || rows.length < 35) return inner.write(table, rows, stamps)
        const length = table.partition.length + table.cluster.length
        const found = await inner.read(
          table,
          rows.map((row) => row.slice(0, length)),
        )
        const there = rows.map((_, index) => index).filter((index) => found[index] !== undefined)
        const all = listOf(rows, stamps)
        await inner.write(
          table,
          there.map((index) => rows[index]!),
          there.map((index) => all[index]!),
        )
      },
    }),
  },
  {
    fault: 'stamps are kept in single precision',
    clauses: ['compares stamps up to 2^53 exactly'],
    plant: (inner) => ({
      write: (table, rows, stamps) =>
        inner.write(
          table,
          rows,
          listOf(rows, stamps).map((stamp) => Math.min(Math.fround(stamp), 2 ** 52)),
        ),
    }),
  },
  {
    fault: 'a write resolves before it is made',
    clauses: ['shows a write to every read that begins after it resolved'],
    plant: (inner) => {
      let before = async (): Promise<void> => {}
      return {
        write: async (table, rows, stamps) => {
          await before()
          before = () => inner.write(table, rows, stamps)
        },
      }
    },
  },
  {
    fault: 'a write is kept by reference until it is read',
    clauses: ['owns the bytes that it was given'],
    plant: (inner) => {
      const waiting: (() => Promise<void>)[] = []
      return {
        write: async (table, rows, stamps) => {
          waiting.push(() => inner.write(table, rows, stamps))
        },
        read: async (table, keys) => {
          for (const each of waiting.splice(0)) await each()
          return inner.read(table, keys)
        },
      }
    },
  },
]
