/**
 * The ledger in the file of the rows, on a connection of its own with `synchronous = FULL`.
 *
 * Why that makes rows durable too: all connections append to one write-ahead log, in the order of their commits. A
 * commit under FULL syncs that file, and a sync covers every byte of the file whoever wrote it; what is no longer in
 * the log was synced into the database before the log was begun anew, under NORMAL as well. So once a compare-and-set
 * is answered `applied`, every row written before it survives a power cut, and rows need no sync of their own.
 *
 * Each call is one transaction that ends before the call returns, so the ledger and the rows of one process never wait
 * for each other. Keeps I-4: a document is replaced only where its `ver` is the expected one.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../../topology/model/ports/ledger.ts'
import { checkNextVer } from '../cells/check-next-ver.ts'
import { connect, type SqliteConnection, type SqliteOptions } from './connect.ts'
import { ledgerTable } from './quote-name.ts'

// Documents are few and small; the default of SQLite is enough.
const cacheKib = 2_000

const createTable = `CREATE TABLE IF NOT EXISTS ${ledgerTable} (
  topology TEXT NOT NULL,
  spout TEXT NOT NULL,
  "partition" INTEGER NOT NULL,
  ver INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (topology, spout, "partition")
) STRICT`
const where = 'WHERE topology = ? AND spout = ? AND "partition" = ?'

const valuesOf = (key: LedgerKey): [string, string, number] => [key.topology, key.spout, key.partition]

const parseDocument = (path: string, text: string): LedgerDocument => {
  const document = JSON.parse(text) as LedgerDocument // only `compareAndSet` writes the column; the format is checked below
  if (document.format !== 2) {
    throw errors.storeFormat({ store: path, reason: `a ledger document of format ${String(document.format)}` })
  }
  return document
}

// A file opened for reading may be older than its first ledger.
const hasTable = (connection: SqliteConnection): boolean =>
  connection.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(ledgerTable) !== undefined

const createReads = (connection: SqliteConnection): Pick<Ledger, 'read' | 'keys'> => {
  const rowsOf = (sql: string, values: readonly (string | number)[]): unknown[][] =>
    connection.look(() => {
      if (connection.mode === 'read' && !hasTable(connection)) return []
      const rows: unknown = connection.prepare(sql).all(...values)
      return rows as unknown[][] // rows come as arrays, see `prepare`
    })
  return {
    read: async (key) => {
      const [found] = rowsOf(`SELECT doc FROM ${ledgerTable} ${where}`, valuesOf(key))
      return found === undefined ? undefined : parseDocument(connection.path, String(found[0]))
    },
    keys: async (topology) => {
      const order = 'ORDER BY spout, "partition"'
      const rows = rowsOf(`SELECT spout, "partition" FROM ${ledgerTable} WHERE topology = ? ${order}`, [topology])
      return rows.map(([spout, partition]) => ({ topology, spout: String(spout), partition: Number(partition) }))
    },
  }
}

const createCompareAndSet = (connection: SqliteConnection): Ledger['compareAndSet'] => {
  const insert = `INSERT INTO ${ledgerTable} VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
  const update = `UPDATE ${ledgerTable} SET ver = ?, doc = ? ${where} AND ver = ?`
  return async (key, expectedVer, next) => {
    checkNextVer(expectedVer, next.ver)
    const doc = JSON.stringify(next)
    const { changes } = connection.write(() =>
      expectedVer === undefined
        ? connection.prepare(insert).run(...valuesOf(key), next.ver, doc)
        : connection.prepare(update).run(next.ver, doc, ...valuesOf(key), expectedVer),
    )
    return changes === 1 ? 'applied' : 'refused'
  }
}

// A compare-and-set is one fsync, about a millisecond: twenty a second are 2 % of a core.
const tickMs = 50

/** Opens the ledger beside the rows at the same path. Errors as `openSqliteRows`; in mode `read` writes throw (stop). */
export const openSqliteLedger = async (options: SqliteOptions): Promise<Ledger> => {
  const connection = connect(options, { synchronous: 'FULL', cacheKib })
  if (connection.mode === 'readwrite') connection.write(() => connection.database.exec(createTable))
  return {
    tickMs,
    ...createReads(connection),
    compareAndSet: createCompareAndSet(connection),
    close: async () => connection.close(),
  }
}
