/**
 * What the parts of the adapter share: the connection, how long a request may take, and who may send.
 */

import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { KnobReader } from '../../../topology/model/ports/dependency.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import { RoundTrips } from '../../../topology/model/round-trips.ts'
import type { CassandraClient, Consistency, StoredPage, StoredRow } from './cassandra-client.ts'
import { cassandraError } from './cassandra-error.ts'
import { HostPermits } from './host-permits.ts'

export interface Cluster {
  /** `cassandra://host:9042/keyspace`, without secrets. */
  readonly name: string
  readonly keyspace: string
  readonly client: CassandraClient
  readonly clock: Clock
  readonly random: Random
  readonly isReadOnly: boolean
  readonly ttlSeconds: number | undefined
  /** The value of a knob at this moment. */
  readonly knob: KnobReader
  readonly useKnobs: (knob: KnobReader) => void
  /** Of requests that have a permit. */
  readonly roundTrips: RoundTrips
  readonly writePermits: HostPermits
  readonly readPermits: HostPermits
}

/** Reads have permits of their own: however many wait, writes have theirs. `most`: requests to one host at once. */
export const permitsFor = (
  clock: Clock,
  most: () => number,
): Pick<Cluster, 'roundTrips' | 'writePermits' | 'readPermits'> => {
  const roundTrips = new RoundTrips()
  const writePermits = new HostPermits(clock, most, roundTrips)
  const isShared = plantedFaults.has('reads-spend-writes')
  return { roundTrips, writePermits, readPermits: isShared ? writePermits : new HostPermits(clock, most, roundTrips) }
}

/** Changes of the schema are waited for on all hosts. */
export const schemaMs = 30_000

export interface AskOptions {
  readonly consistency?: Consistency
  readonly readTimeout?: number
}

// A table that another process makes at this moment is in the schema before a host takes requests for it.
const usableWaitMs = 5_000
const usablePauseMs = 50
const notUsable = /table \S+ does not exist|unconfigured table/i

/** One request whose answer fits a page. Throws a `SpillwayError`. */
export const ask = async (
  cluster: Cluster,
  cql: string,
  values: readonly (Buffer | null)[] = [],
  options: AskOptions = {},
): Promise<StoredPage> => {
  const { consistency = 'quorum', readTimeout = cluster.knob('rows.deadlineMs') } = options
  const untilMs = cluster.clock.nowMs() + usableWaitMs
  for (;;) {
    try {
      return await cluster.client.execute(cql, values, { readTimeout, consistency })
    } catch (error) {
      const typed = cassandraError(cluster.name, error)
      if (!notUsable.test(typed.message) || cluster.clock.nowMs() > untilMs) throw typed
      await cluster.clock.sleep(usablePauseMs)
    }
  }
}

/** All rows of an answer of few pages. */
export const askAll = async (
  cluster: Cluster,
  cql: string,
  values: readonly (Buffer | null)[] = [],
): Promise<readonly StoredRow[]> => {
  const rows: StoredRow[] = []
  let pageState: Buffer | undefined
  do {
    try {
      const page = await cluster.client.execute(cql, values, {
        readTimeout: cluster.knob('rows.deadlineMs'),
        ...(pageState === undefined ? {} : { pageState }),
      })
      rows.push(...page.rows)
      pageState = page.pageState
    } catch (error) {
      throw cassandraError(cluster.name, error)
    }
  } while (pageState !== undefined)
  return rows
}
