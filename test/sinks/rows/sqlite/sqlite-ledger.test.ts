/** The ledger in the file of the rows: durable commits, one thread, readers. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteLedger } from '../../../../sinks/rows/sqlite/sqlite-ledger.ts'
import { openSqliteRows } from '../../../../sinks/rows/sqlite/sqlite-rows.ts'
import type { LedgerDocument } from '../../../../topology/model/ledger-document.ts'
import { tempFolders } from '../../../conformance/temp-folder.ts'
import { eventRow, eventsTable } from './events-table.ts'

const newFolder = tempFolders()
const newPath = (): string => join(newFolder(), 'rows.db')
const key = { topology: 'keen', spout: 'web', partition: 0 }
const documentOf = (ver: number): LedgerDocument => ({
  ...{ format: 2, ver, rules: 0, nextLane: 0, start: 0, log: 'log' },
  ...{ sinks: {}, lanes: {}, deletes: [], nextDelete: 0, archive: [], scannedTo: 0, deadLetters: {} },
})

test('a document is there when the file is opened again', async () => {
  const path = newPath()
  const ledger = await openSqliteLedger({ path })
  await ledger.compareAndSet(key, undefined, documentOf(1))
  await ledger.close()
  const again = await openSqliteLedger({ path })
  expect(await again.read(key)).toEqual(documentOf(1))
  await again.close()
})

test('commits of the ledger are synced, those of rows are not', async () => {
  const path = newPath()
  const levels: unknown[] = []
  const onOpen = (database: DatabaseSync): void => {
    levels.push(database.prepare('PRAGMA synchronous').get()?.['synchronous'])
  }
  const stores = [await openSqliteRows({ path, onOpen }), await openSqliteLedger({ path, onOpen })]
  expect(levels).toEqual([1, 2])
  for (const store of stores) await store.close()
})

test('rows and ledger of one thread never wait for each other', async () => {
  const path = newPath()
  const onOpen = (database: DatabaseSync): void => database.exec('PRAGMA busy_timeout = 0')
  const rows = await openSqliteRows({ path, onOpen })
  const ledger = await openSqliteLedger({ path, onOpen })
  await rows.ensureTable(eventsTable)
  await ledger.compareAndSet(key, undefined, documentOf(0))
  const calls: Promise<unknown>[] = []
  for (let step = 1; step <= 50; step += 1) {
    calls.push(rows.write(eventsTable, [eventRow(step)], step))
    calls.push(ledger.compareAndSet(key, step - 1, documentOf(step)))
    calls.push(rows.read(eventsTable, [['p', step]]), ledger.read(key))
  }
  await Promise.all(calls)
  expect((await ledger.read(key))?.ver).toBe(50)
  await Promise.all([rows.close(), ledger.close()])
})

test('a reader of a file without a ledger finds no documents, and cannot write one', async () => {
  const path = newPath()
  await (await openSqliteRows({ path })).close()
  const reader = await openSqliteLedger({ path, mode: 'read' })
  expect(await reader.read(key)).toBeUndefined()
  expect(await reader.keys('keen')).toEqual([])
  await expect(reader.compareAndSet(key, undefined, documentOf(1))).rejects.toMatchObject({ errorClass: 'stop' })
  await reader.close()
})

test('a document of another format is refused', async () => {
  const path = newPath()
  const ledger = await openSqliteLedger({ path })
  const other = new DatabaseSync(path)
  other.exec(`INSERT INTO spillway_ledger VALUES ('keen', 'web', 0, 1, '{"format":1}')`)
  other.close()
  await expect(ledger.read(key)).rejects.toMatchObject({ publicName: 'storeFormat', errorClass: 'stop' })
  await ledger.close()
})
