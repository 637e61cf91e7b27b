/** A keyspace of a test file's own on the real server, and a client of its own that knows nothing of ours. */
import { randomBytes } from 'node:crypto'
import driver from 'cassandra-driver'
import { afterAll, beforeAll } from 'vitest'
import {
  type CassandraOptions,
  type CassandraStores,
  createKeyspace,
  openCassandra,
} from '../../../../sinks/rows/cassandra/open-cassandra.ts'
import { systemClock, systemRandom } from '../../../../topology/engine/shell/system-clock.ts'
import { serverOf } from '../../../servers/server-of.ts'

export const cassandra = serverOf('cassandra')

const userOf = (): { username?: string; password?: string } => {
  const { CASSANDRA_USERNAME: username, CASSANDRA_PASSWORD: password } = process.env
  return username && password ? { username, password } : {}
}

/** Options for a keyspace of this server. */
export const optionsFor = (keyspace: string): CassandraOptions => ({
  contactPoints: cassandra?.contactPoints ?? [],
  dataCenter: cassandra?.dataCenter ?? '',
  keyspace,
  clock: systemClock,
  random: systemRandom,
  mode: 'run',
  ...userOf(),
})

const ownTables = new Set(['spillway_ledger', 'spillway_ledger_keys', 'spillway_format'])

export class OwnKeyspace {
  readonly keyspace = `test_${randomBytes(6).toString('hex')}`
  readonly options = optionsFor(this.keyspace)
  #opened: CassandraStores[] = []
  #client: driver.Client | undefined

  /** Made when it is asked for: without a server nobody asks. */
  get client(): driver.Client {
    const { username, password } = userOf()
    this.#client ??= new driver.Client({
      contactPoints: [...this.options.contactPoints],
      localDataCenter: this.options.dataCenter ?? '',
      ...(username && password ? { authProvider: new driver.auth.PlainTextAuthProvider(username, password) } : {}),
      socketOptions: { readTimeout: 30_000 },
    })
    return this.#client
  }

  async open(options: Partial<CassandraOptions> = {}): Promise<CassandraStores> {
    const stores = await openCassandra({ ...this.options, ...options })
    this.#opened.push(stores)
    return stores
  }

  /** Drops the tables of rows and empties the ledger. */
  async empty(): Promise<void> {
    await this.close()
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?'
    const { rows } = await this.client.execute(query, [this.keyspace], { prepare: true })
    for (const { table_name: table } of rows) {
      const verb = ownTables.has(table) ? (table === 'spillway_format' ? undefined : 'TRUNCATE') : 'DROP TABLE'
      if (verb !== undefined) await this.client.execute(`${verb} "${this.keyspace}"."${table}"`)
    }
  }

  async close(): Promise<void> {
    for (const stores of this.#opened.splice(0)) await stores.close()
  }

  async drop(): Promise<void> {
    await this.close()
    await this.client.execute(`DROP KEYSPACE IF EXISTS "${this.keyspace}"`)
    await this.client.shutdown()
  }
}

/** The keyspace of a file, there before its first test and gone after its last. */
export const ownKeyspace = (): OwnKeyspace => {
  const own = new OwnKeyspace()
  if (cassandra === undefined) return own
  beforeAll(async () => {
    await own.client.connect()
    await createKeyspace(own.options)
  }, 60_000)
  afterAll(() => own.drop(), 60_000)
  return own
}
