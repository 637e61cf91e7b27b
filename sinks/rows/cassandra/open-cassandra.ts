/**
 * Opens rows and ledger in a keyspace of a Cassandra cluster, and creates keyspaces when a person asks for it.
 *
 * Both use one connection and one quorum domain: LOCAL_QUORUM and LOCAL_SERIAL of one data centre (PROTOCOL section 4).
 * A fault that a person must mend is told within ten seconds, in one error; only creating tables may take longer.
 */
import { errors } from '../../../topology/model/errors.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { KnobReader } from '../../../topology/model/ports/dependency.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { withinMs } from '../../../topology/model/within-ms.ts'
import { type CassandraClient, type ClientSettings, openClient } from './cassandra-client.ts'
import { openingError } from './cassandra-error.ts'
import { createCassandraLedger, ensureLedger } from './cassandra-ledger.ts'
import { createCassandraRows } from './cassandra-rows.ts'
import { settleFormat } from './change-schema.ts'
import { ask, type Cluster, permitsFor, schemaMs } from './cluster.ts'
import { quoteName, quoteText } from './table-names.ts'

export interface CassandraOptions {
  /** `host` or `host:port`. */
  readonly contactPoints: readonly string[]
  readonly keyspace: string
  /** Default: the one of the host that answers. */
  readonly dataCenter?: string
  readonly username?: string
  readonly password?: string
  readonly clock: Clock
  readonly random: Random
  /** `run` and `write` make the tables that are missing; `read` changes nothing. */
  readonly mode: 'run' | 'write' | 'read'
  /** Event rows expire after so many seconds. Default: never. */
  readonly ttlSeconds?: number
  /** Knobs until a run says where they are. Default: their initial values. */
  readonly knob?: KnobReader
}

export interface CassandraStores {
  readonly rows: RowStore
  readonly ledger: Ledger
  close(): Promise<void>
}

// Of all contact points together.
const connectWaitMs = 8_000
const defaultPort = '9042'

export const openCassandra = async (options: CassandraOptions): Promise<CassandraStores> => {
  const cluster = await connect(options)
  try {
    await settleFormat(cluster)
    const hasTables = await ensureLedger(cluster)
    const rows = createCassandraRows(cluster)
    return { rows, ledger: createCassandraLedger(cluster, hasTables), close: () => cluster.client.close() }
  } catch (error) {
    await cluster.client.close()
    throw openingError(cluster.name, error)
  }
}

/** Creates the keyspace; one that exists stays as it is. Default: one replica, in the data centre that answers. */
export const createKeyspace = async (
  options: CassandraOptions & { readonly replication?: number },
): Promise<'created' | 'exists'> => {
  const cluster = await connect(options, false)
  const { keyspace, client } = cluster
  try {
    const find = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
    const { rows } = await ask(cluster, find, [Buffer.from(keyspace)])
    if (rows.length > 0) return 'exists'
    const replicas = `${quoteText(client.dataCenter)}: ${Math.max(1, Math.floor(options.replication ?? 1))}`
    const replication = `{'class': 'NetworkTopologyStrategy', ${replicas}}`
    const create = `CREATE KEYSPACE IF NOT EXISTS ${quoteName(keyspace)} WITH replication = ${replication}`
    await ask(cluster, create, [], { readTimeout: schemaMs })
    return 'created'
  } catch (error) {
    throw openingError(cluster.name, error)
  } finally {
    await client.close()
  }
}

const connect = async (options: CassandraOptions, isThere = true): Promise<Cluster> => {
  const { contactPoints, keyspace, clock, random, mode, ttlSeconds } = options
  const name = `cassandra://${contactPoints.map(withPort).join(',')}/${keyspace}`
  if (!/^\w{1,48}$/.test(keyspace)) {
    const problem = `keyspace ${JSON.stringify(keyspace)}: 1 to 48 letters, digits or _`
    throw errors.badConfiguration({ problem })
  }
  let read = options.knob ?? ((one: string) => knobValue(one))
  const knob: KnobReader = (one) => read(one)
  const useKnobs = (given: KnobReader): void => {
    read = given
  }
  try {
    const client = await openWithin(options, settingsOf(options, isThere, knob('rows.connections')))
    const common = { name, keyspace, client, clock, random, knob, useKnobs, ttlSeconds, isReadOnly: mode === 'read' }
    return { ...common, ...permitsFor(clock, () => knob('rows.inFlightRequests')) }
  } catch (error) {
    throw openingError(name, error)
  }
}

const withPort = (point: string): string => (/:\d+$/.test(point) ? point : `${point}:${defaultPort}`)

const settingsOf = (options: CassandraOptions, isThere: boolean, connections: number): ClientSettings => {
  const { contactPoints, keyspace, dataCenter, username, password } = options
  return {
    contactPoints: contactPoints.map(withPort),
    connections,
    ...(isThere ? { keyspace } : {}),
    ...(dataCenter === undefined ? {} : { dataCenter }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

/** A connection that comes too late is closed. */
const openWithin = async ({ clock }: CassandraOptions, settings: ClientSettings): Promise<CassandraClient> => {
  const opening = openClient(settings)
  const late = (): Error => new Error(`no answer within ${connectWaitMs / 1_000} s`)
  try {
    return await withinMs(clock, connectWaitMs, late, () => opening)
  } catch (error) {
    opening.then(
      (client) => client.close(),
      () => undefined,
    )
    throw error
  }
}
