/**
 * The ledger in Cassandra: a partition for each document, changed by lightweight transactions alone, which are used for
 * nothing else. Reads are serial: they finish what a transaction that timed out has left half done, and so see it or
 * prevent it for ever (I-4).
 *
 * A document's key is written to the catalogue of its topology before the document, so that listing them needs no search;
 * a key without a document is one whose writer died between the two, and is passed over.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../../topology/model/ports/ledger.ts'
import { checkNextVer } from '../cells/check-next-ver.ts'
import { cellBytes } from './cell-bytes.ts'
import { changeSchema, runSchemaStatement, storedColumns } from './change-schema.ts'
import { ask, askAll, type Cluster } from './cluster.ts'
import { ledgerKeysTable, ledgerTable } from './create-table-statement.ts'
import { quoteName } from './table-names.ts'

const integer = (value: number): Buffer => cellBytes('integer', value)
const keyValues = ({ topology, spout, partition }: LedgerKey): readonly Buffer[] => [
  Buffer.from(topology),
  Buffer.from(spout),
  integer(partition),
]

const statementsOf = (keyspace: string) => {
  const [documents, keys] = [ledgerTable, ledgerKeysTable].map((name) => `${quoteName(keyspace)}.${quoteName(name)}`)
  const where = 'WHERE topology = ? AND spout = ? AND log_partition = ?'
  const key = 'topology text, spout text, log_partition bigint'
  const levelled = "compaction = {'class': 'LeveledCompactionStrategy'}"
  return {
    createDocuments: `CREATE TABLE IF NOT EXISTS ${documents} (${key}, ver bigint, doc text, PRIMARY KEY ((topology, spout, log_partition))) WITH ${levelled}`,
    createKeys: `CREATE TABLE IF NOT EXISTS ${keys} (${key}, PRIMARY KEY (topology, spout, log_partition)) WITH ${levelled}`,
    read: `SELECT doc FROM ${documents} ${where}`,
    readVer: `SELECT ver FROM ${documents} ${where}`,
    insert: `INSERT INTO ${documents} (topology, spout, log_partition, ver, doc) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`,
    update: `UPDATE ${documents} SET ver = ?, doc = ? ${where} IF ver = ?`,
    // The same row for ever: any stamp will do, as long as it is the same.
    insertKey: `INSERT INTO ${keys} (topology, spout, log_partition) VALUES (?, ?, ?) USING TIMESTAMP 1`,
    listKeys: `SELECT spout, log_partition FROM ${keys} WHERE topology = ?`,
  } as const
}

type Statements = ReturnType<typeof statementsOf>

const parseDocument = (store: string, text: unknown): LedgerDocument => {
  const document = JSON.parse(String(text)) as LedgerDocument // only `compareAndSet` writes the column; the format is checked below
  if (document.format === 2) return document
  throw errors.storeFormat({ store, reason: `a ledger document of format ${String(document.format)}` })
}

/** Creates the tables of the ledger where they are missing, except for a reader. */
export const ensureLedger = async (cluster: Cluster): Promise<boolean> => {
  const isThere = async (): Promise<boolean> => (await storedColumns(cluster, ledgerKeysTable)).length > 0
  if (await isThere()) return true
  if (cluster.isReadOnly) return false
  const { createDocuments, createKeys } = statementsOf(cluster.keyspace)
  await changeSchema(cluster, async () => {
    await runSchemaStatement(cluster, createDocuments)
    await runSchemaStatement(cluster, createKeys)
  })
  return true
}

const listKeys = async (cluster: Cluster, cql: Statements, topology: string): Promise<readonly LedgerKey[]> => {
  const rows = await askAll(cluster, cql.listKeys, [Buffer.from(topology)])
  const keys = rows.map((row) => ({ topology, spout: String(row['spout']), partition: Number(row['log_partition']) }))
  const found: LedgerKey[] = []
  for (let from = 0; from < keys.length; from += readsAtOnce) {
    const chunk = keys.slice(from, from + readsAtOnce)
    const pages = await Promise.all(
      chunk.map((key) => ask(cluster, cql.readVer, keyValues(key), { consistency: 'serial' })),
    )
    found.push(...chunk.filter((_, index) => pages[index]!.rows.length > 0))
  }
  return found
}

const readsAtOnce = 32

/** One transaction at a time for each document in this process: rivals only make each other begin again. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<Result>(key: LedgerKey, work: () => Promise<Result>): Promise<Result> {
    const name = JSON.stringify([key.topology, key.spout, key.partition])
    const mine = (this.#last.get(name) ?? Promise.resolve()).then(work)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(name, settled)
    settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name)
    })
    return mine
  }
}

const compareAndSet = async (
  cluster: Cluster,
  cql: Statements,
  key: LedgerKey,
  expectedVer: number | undefined,
  next: { readonly ver: number; readonly doc: string },
): Promise<'applied' | 'refused'> => {
  const doc = Buffer.from(next.doc)
  if (expectedVer === undefined) await ask(cluster, cql.insertKey, keyValues(key))
  const { isApplied } =
    expectedVer === undefined
      ? await ask(cluster, cql.insert, [...keyValues(key), integer(next.ver), doc])
      : await ask(cluster, cql.update, [integer(next.ver), doc, ...keyValues(key), integer(expectedVer)])
  return isApplied ? 'applied' : 'refused'
}

/** The ledger of a cluster that is connected; `hasTables` is what `ensureLedger` said. */
export const createCassandraLedger = (cluster: Cluster, hasTables: boolean): Ledger => {
  const cql = statementsOf(cluster.keyspace)
  const turns = new Turns()
  return {
    read: async (key) => {
      if (!hasTables) return undefined
      // A serial read is a transaction too, and would make a running one begin again.
      const { rows } = await turns.take(key, () => ask(cluster, cql.read, keyValues(key), { consistency: 'serial' }))
      return rows[0] === undefined ? undefined : parseDocument(cluster.name, rows[0]['doc'])
    },
    compareAndSet: async (key, expectedVer, next) => {
      checkNextVer(expectedVer, next.ver)
      const doc = JSON.stringify(next)
      return turns.take(key, () => compareAndSet(cluster, cql, key, expectedVer, { ver: next.ver, doc }))
    },
    keys: async (topology) => (hasTables ? listKeys(cluster, cql, topology) : []),
    close: async () => {},
  }
}
