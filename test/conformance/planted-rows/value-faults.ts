/** Faults in tables, names and values. */
import type { TableSpec } from '../../../topology/model/ports/row-store.ts'
import { mapCells, type PlantedRowStore } from './planted-row-store.ts'

const renamed = (table: TableSpec): TableSpec => ({ ...table, name: 'the_one_table' })

export const valueFaults: readonly PlantedRowStore[] = [
  {
    fault: 'booleans come back as numbers',
    clauses: ['gives back every type of value as it was written'],
    plant: (inner) => ({
      read: async (table, keys) =>
        (await inner.read(table, keys)).map((row) => row && mapCells(row, (cell) => (cell === true ? 1 : cell))),
    }),
  },
  {
    fault: 'rows that are not there are left out',
    clauses: ['reads in the order of the keys, undefined where there is no row'],
    plant: (inner) => ({
      read: async (table, keys) => (await inner.read(table, keys)).filter((row) => row !== undefined),
    }),
  },
  {
    fault: 'all tables are one',
    clauses: ['keeps tables apart'],
    plant: (inner) => ({
      ensureTable: (table) => inner.ensureTable(renamed(table)),
      write: (table, rows, stamps) => inner.write(renamed(table), rows, stamps),
      read: (table, keys) => inner.read(renamed(table), keys),
    }),
  },
  {
    fault: 'a table that exists is not looked at',
    clauses: [
      'adds missing columns, which are null in older rows',
      'refuses a table whose key has another shape',
      'refuses a column of another type',
    ],
    plant: (inner) => {
      const seen = new Set<string>()
      return {
        ensureTable: async (table) => {
          if (!seen.has(table.name)) await inner.ensureTable(table)
          seen.add(table.name)
        },
      }
    },
  },
  {
    fault: 'only plain names are taken',
    clauses: ['takes any text as the name of a table or column'],
    plant: (inner) => ({
      ensureTable: async (table) => {
        if (/\W/.test(table.name)) throw new Error('syntax error')
        await inner.ensureTable(table)
      },
    }),
  },
  {
    fault: 'a table needs a column beside its key',
    clauses: ['takes a table that is all key'],
    plant: (inner) => ({
      ensureTable: async (table) => {
        if (table.columns.length === 0) throw new Error('syntax error')
        await inner.ensureTable(table)
      },
    }),
  },
  {
    fault: 'lone surrogates are refused',
    clauses: ['keeps a lone surrogate as U+FFFD, in keys too'],
    plant: (inner) => ({
      write: async (table, rows, stamps) => {
        if (rows.flat().some((cell) => typeof cell === 'string' && !cell.isWellFormed())) throw new Error('bad text')
        await inner.write(table, rows, stamps)
      },
    }),
  },
]
