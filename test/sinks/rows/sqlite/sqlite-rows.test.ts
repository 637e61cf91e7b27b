/** What the clauses cannot see: the file of embedded rows, its format, readers beside a writer, a full disk. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteRows } from '../../../../sinks/rows/sqlite/sqlite-rows.ts'
import type { Row, RowStore, TableSpec } from '../../../../topology/model/ports/row-store.ts'
import { tempFolders } from '../../../conformance/temp-folder.ts'
import { eventRow, eventsTable } from './events-table.ts'

const newFolder = tempFolders()
const newPath = (): string => join(newFolder(), 'data', 'rows.db')

const openWith = async (path: string, rows: readonly Row[]): Promise<RowStore> => {
  const store = await openSqliteRows({ path })
  await store.ensureTable(eventsTable)
  await store.write(eventsTable, rows, 1)
  return store
}

const scanAll = async (store: RowStore, table = eventsTable): Promise<Row[]> => {
  const rows: Row[] = []
  for await (const page of store.scan(table)) rows.push(...page)
  return rows
}

test('rows are there when the file is opened again', async () => {
  const path = newPath()
  await (await openWith(path, [eventRow(1)])).close()
  const again = await openSqliteRows({ path })
  expect(await again.read(eventsTable, [['p', 1]])).toEqual([eventRow(1)])
  await again.close()
  await again.close()
})

test('opening for reading creates no file and says what is missing', async () => {
  const path = newPath()
  await expect(openSqliteRows({ path, mode: 'read' })).rejects.toMatchObject({ publicName: 'pathUnusable' })
  expect(existsSync(path)).toBe(false)
})

test('a reader sees rows of a writer in the same file at once, and cannot write', async () => {
  const path = newPath()
  const writer = await openSqliteRows({ path })
  const reader = await openSqliteRows({ path, mode: 'read' })
  expect(await scanAll(reader)).toEqual([])
  await writer.ensureTable(eventsTable)
  await writer.write(eventsTable, [eventRow(1)], 1)
  await reader.ensureTable(eventsTable)
  expect(await scanAll(reader)).toEqual([eventRow(1)])
  await expect(reader.write(eventsTable, [eventRow(2)], 1)).rejects.toMatchObject({ errorClass: 'stop' })
  await Promise.all([reader.close(), writer.close()])
})

test('an open scan keeps no lock: the write-ahead log can be emptied beside it', async () => {
  const path = newPath()
  let database: DatabaseSync | undefined
  const writer = await openSqliteRows({ path, onOpen: (opened) => (database = opened) })
  await writer.ensureTable(eventsTable)
  await writer.write(
    eventsTable,
    Array.from({ length: 3_000 }, (_, id) => eventRow(id)),
    1,
  )
  const reader = await openSqliteRows({ path, mode: 'read' })
  const scan = reader.scan(eventsTable)[Symbol.asyncIterator]()
  expect((await scan.next()).value).toHaveLength(1_000)
  expect(database?.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0, log: 0 })
  expect((await scan.next()).value).toHaveLength(1_000)
  await Promise.all([reader.close(), writer.close()])
})

test('a page of large rows ends early', async () => {
  const body = 'x'.repeat(1_000_000)
  const store = await openWith(
    newPath(),
    Array.from({ length: 20 }, (_, id) => eventRow(id, body)),
  )
  const lengths: number[] = []
  for await (const page of store.scan(eventsTable)) lengths.push(page.length)
  expect(lengths).toEqual([9, 9, 2])
  await store.close()
})

test('a reader newer than the file reads columns that are not there as null', async () => {
  const path = newPath()
  const writer = await openWith(path, [eventRow(1)])
  const reader = await openSqliteRows({ path, mode: 'read' })
  const wider: TableSpec = { ...eventsTable, columns: [{ name: 'added', type: 'boolean' }, ...eventsTable.columns] }
  await reader.ensureTable(wider)
  expect(await scanAll(reader, wider)).toEqual([['p', 1, null, 'body 1']])
  await writer.ensureTable(wider)
  await writer.write(wider, [['p', 2, true, 'body 2']], 1)
  expect(await reader.read(wider, [['p', 2]])).toEqual([['p', 2, true, 'body 2']])
  await Promise.all([reader.close(), writer.close()])
})

test('a database of another program is refused and stays as it is', async () => {
  const path = join(newFolder(), 'other.db')
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE notes (text TEXT)')
  other.close()
  const bytes = readFileSync(path)
  for (const mode of ['readwrite', 'read'] as const) {
    await expect(openSqliteRows({ path, mode })).rejects.toMatchObject({
      publicName: 'storeFormat',
      errorClass: 'stop',
    })
  }
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('rows of another format version are refused', async () => {
  const path = newPath()
  await (await openSqliteRows({ path, onOpen: (database) => database.exec('PRAGMA user_version = 7') })).close()
  await expect(openSqliteRows({ path })).rejects.toThrow(/format 7/)
})

test('a file that is no database is refused', async () => {
  const path = join(newFolder(), 'text.db')
  writeFileSync(path, 'plain text, long enough to be looked at '.repeat(40))
  await expect(openSqliteRows({ path })).rejects.toMatchObject({ publicName: 'storeFormat' })
})

test('a path that cannot be opened is named', async () => {
  const folder = newFolder()
  await expect(openSqliteRows({ path: folder })).rejects.toMatchObject({ publicName: 'pathUnusable' })
})

test.each([
  ['sqlite_events', [], /belong to SQLite/],
  ['spillway_LEDGER', [], /belongs to the ledger/],
  ['clicks', ['Stamp'], /kept for the stamp/],
  ['clicks', ['Country', 'country'], /differ only in case/],
  ['Events', [], /differs only in case/],
])('table %s with columns %j is refused', async (name, columns, reason) => {
  const store = await openWith(newPath(), [])
  const table: TableSpec = { ...eventsTable, name, columns: columns.map((column) => ({ name: column, type: 'text' })) }
  await expect(store.ensureTable(table)).rejects.toThrow(reason)
  await store.close()
})

test('a column added in another case is refused', async () => {
  const store = await openWith(newPath(), [])
  const table: TableSpec = { ...eventsTable, columns: [{ name: 'BODY', type: 'text' }] }
  await expect(store.ensureTable(table)).rejects.toThrow(/differ only in case/)
  await store.close()
})

test('minus zero is kept as zero, infinite doubles as they are', async () => {
  const store = await openSqliteRows({ path: newPath() })
  const table: TableSpec = { ...eventsTable, columns: [{ name: 'mean', type: 'double' }] }
  await store.ensureTable(table)
  await store.write(
    table,
    [
      ['p', 1, -0],
      ['p', 2, Number.NEGATIVE_INFINITY],
    ],
    1,
  )
  expect(await scanAll(store, table)).toEqual([
    ['p', 1, 0],
    ['p', 2, Number.NEGATIVE_INFINITY],
  ])
  await store.close()
})

test('a full disk is waited for: the write is taken back whole and works once there is space', async () => {
  let database: DatabaseSync | undefined
  const store = await openSqliteRows({ path: newPath(), onOpen: (opened) => (database = opened) })
  await store.ensureTable(eventsTable)
  await store.write(eventsTable, [eventRow(0)], 1)
  const rows = Array.from({ length: 100 }, (_, index) => eventRow(index + 1, 'x'.repeat(1_000)))
  database?.exec('PRAGMA max_page_count = 12')
  await expect(store.write(eventsTable, rows, 1)).rejects.toMatchObject({ publicName: 'diskFull', errorClass: 'retry' })
  expect(await scanAll(store)).toEqual([eventRow(0)])
  database?.exec('PRAGMA max_page_count = 1000000')
  await store.write(eventsTable, rows, 1)
  expect(await scanAll(store)).toHaveLength(101)
  await store.close()
})

test('a file that another holds is reported as unavailable', async () => {
  const path = newPath()
  const store = await openSqliteRows({ path, onOpen: (opened) => opened.exec('PRAGMA busy_timeout = 1') })
  await store.ensureTable(eventsTable)
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const write = store.write(eventsTable, [eventRow(1)], 1)
  await expect(write).rejects.toMatchObject({ publicName: 'storeUnavailable', errorClass: 'retry' })
  expect(await scanAll(store)).toEqual([])
  other.exec('ROLLBACK')
  await store.write(eventsTable, [eventRow(1)], 1)
  other.close()
  await store.close()
})

test('a store that was closed says so', async () => {
  const store = await openWith(newPath(), [])
  await store.close()
  await expect(store.read(eventsTable, [['p', 1]])).rejects.toMatchObject({ errorClass: 'stop' })
})

test('an integer beyond 2^53 that another program wrote is reported', async () => {
  const path = newPath()
  const table: TableSpec = { ...eventsTable, columns: [{ name: 'total', type: 'integer' }] }
  const store = await openSqliteRows({ path })
  await store.ensureTable(table)
  const other = new DatabaseSync(path)
  other.exec("INSERT INTO events VALUES ('p', 1, 9007199254740993, 1)")
  other.close()
  await expect(store.read(table, [['p', 1]])).rejects.toMatchObject({ publicName: 'storeFormat' })
  await store.close()
})

test('a scan may be narrowed by the first cells of the partition alone', async () => {
  const table: TableSpec = { ...eventsTable, partition: [...eventsTable.partition, { name: 'hour', type: 'integer' }] }
  const store = await openSqliteRows({ path: newPath() })
  await store.ensureTable(table)
  const rows: Row[] = Array.from({ length: 1_500 }, (_, id) => ['p', id % 3, id, null])
  await store.write(table, [...rows, ['q', 0, 1, null]], 1)
  let count = 0
  for await (const page of store.scan(table, { partition: ['p'] })) count += page.length
  expect(count).toBe(1_500)
  await store.close()
})
