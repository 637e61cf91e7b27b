/** The printed statement is the one that makes the table. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { createTableStatement } from '../../../../sinks/rows/sqlite/create-table-statement.ts'
import type { TableSpec } from '../../../../topology/model/ports/row-store.ts'

const table: TableSpec = {
  name: 'page "views"',
  partition: [{ name: 'keen.project', type: 'text' }],
  cluster: [{ name: 'window_start', type: 'integer' }],
  columns: [
    { name: 'mean', type: 'double' },
    { name: 'is_closed', type: 'boolean' },
    { name: 'sketch', type: 'bytes' },
  ],
}

test('a table is printed with quoted names, its key and its stamp', () => {
  expect(createTableStatement(table)).toBe(`CREATE TABLE "page ""views""" (
  "keen.project" TEXT NOT NULL,
  "window_start" INTEGER NOT NULL,
  "mean" REAL,
  "is_closed" INT,
  "sketch" BLOB,
  "stamp" INTEGER NOT NULL,
  PRIMARY KEY ("keen.project", "window_start")
) STRICT`)
})

test('SQLite takes the statement as it is printed', () => {
  using database = new DatabaseSync(':memory:')
  database.exec(createTableStatement(table))
  expect(database.prepare('SELECT name FROM sqlite_schema').all()[0]).toMatchObject({ name: table.name })
})
