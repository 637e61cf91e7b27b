/**
 * The connection to a cluster, and the only import of `cassandra-driver`.
 *
 * The driver keeps sockets, hosts and prepared statements. What it does once per cell is done here once per batch: a
 * batch is built as the bytes of its frame (`batch-frame.ts`), for the driver makes two buffers for every cell. That
 * rests on one private method of the driver, so its version is pinned and the method looked for when a client is made.
 * The driver never repeats a request: what a repetition means is known only above (I-4).
 */
import driver, { type Client, type Host, type types } from 'cassandra-driver'
import type { BatchFrame } from './batch-frame.ts'

export type CassandraHost = Pick<Host, 'address'>

export interface ClientSettings {
  /** `host` or `host:port`. */
  readonly contactPoints: readonly string[]
  readonly keyspace?: string
  readonly dataCenter?: string
  readonly username?: string
  readonly password?: string
  /** To each host of the data centre. */
  readonly connections: number
}

/** `quorum`: of the local data centre. `serial`: sees every compare-and-set that was answered. */
export type Consistency = 'quorum' | 'serial'

export interface ExecuteOptions {
  readonly readTimeout: number
  readonly consistency?: Consistency
  readonly host?: CassandraHost | undefined
  readonly fetchSize?: number
  readonly pageState?: Buffer | undefined
}

export type StoredRow = Readonly<Record<string, unknown>>

export interface StoredPage {
  readonly rows: readonly StoredRow[]
  readonly pageState: Buffer | undefined
  /** Of a conditional write. */
  readonly isApplied: boolean
  /** Of a change of the schema: whether all hosts have it. */
  readonly isAgreed: boolean
}

export interface CassandraClient {
  /** Data centre whose hosts are used. */
  readonly dataCenter: string
  /** Values are bytes as Cassandra keeps them, or null. */
  execute(cql: string, values: readonly (Buffer | null)[], options: ExecuteOptions): Promise<StoredPage>
  /** Sends rows of one partition at LOCAL_QUORUM. The frame is free again when it settles. */
  send(cql: string, frame: BatchFrame, options: ExecuteOptions): Promise<void>
  /** Local hosts that are up and hold the partition; all local hosts where that is not known. */
  hostsOf(routingKey: (() => Buffer) | undefined): readonly CassandraHost[]
  close(): Promise<void>
}

const { consistencies, distance } = driver.types
const consistencyOf: Readonly<Record<Consistency, number>> = {
  quorum: consistencies.localQuorum,
  serial: consistencies.localSerial,
}

// A server that comes back is found within two seconds.
const reconnectFirstMs = 250
const reconnectMaxMs = 2_000
const heartBeatMs = 10_000
const connectMs = 4_000
// Frames of 48 KiB go out as they are; the driver copies what it puts together.
const coalescedBytes = 65_536

const optionsOf = (settings: ClientSettings): driver.DseClientOptions => {
  const { policies, auth } = driver
  const { username, password } = settings
  const isNamed = username !== undefined && password !== undefined
  const known = settings.dataCenter
  return {
    contactPoints: [...settings.contactPoints],
    ...(settings.keyspace === undefined ? {} : { keyspace: settings.keyspace }),
    ...(known === undefined ? {} : { localDataCenter: known }),
    ...(isNamed ? { authProvider: new auth.PlainTextAuthProvider(username, password) } : {}),
    policies: {
      loadBalancing:
        known === undefined
          ? new policies.loadBalancing.RoundRobinPolicy()
          : new policies.loadBalancing.TokenAwarePolicy(new policies.loadBalancing.DCAwareRoundRobinPolicy(known)),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(reconnectFirstMs * 2, reconnectMaxMs, true),
      retry: new policies.retry.FallthroughRetryPolicy(),
    },
    pooling: {
      heartBeatInterval: heartBeatMs,
      coreConnectionsPerHost: { [distance.local]: settings.connections, [distance.remote]: 1 },
    },
    socketOptions: { connectTimeout: connectMs, readTimeout: connectMs, coalescingThreshold: coalescedBytes },
    monitorReporting: { enabled: false },
  }
}

/** What the driver hands to the method that makes a batch. */
interface PreparedItem {
  readonly queryId: Buffer
  readonly params: readonly unknown[]
}

/** The private parts of the driver that this file rests on. */
interface DriverInside {
  _createBatchRequest: (items: readonly PreparedItem[], options: unknown) => Promise<unknown>
}

/** A request as the driver's connections take it. */
const requestOf = (item: PreparedItem, options: unknown): object => {
  const { queryId, params } = item
  const [frame] = params as [BatchFrame] // `send` alone makes batches
  return {
    options,
    // A host that has forgotten the statement is told it again, and gets a copy of the request.
    clone: () => requestOf(item, options),
    consistency: consistencies.localQuorum,
    length: frame.bodyBytes(queryId),
    write: ({ protocolVersion: version }: { protocolVersion: number }, stream: number) =>
      frame.finish(queryId, version, stream, consistencies.localQuorum),
  }
}

const sendFramesAsTheyAre = (client: Client): void => {
  const inside: unknown = client
  const parts = inside as DriverInside // looked for in the next line
  if (typeof parts._createBatchRequest !== 'function')
    throw new TypeError('this version of cassandra-driver is not known')
  parts._createBatchRequest = async ([item], options) => requestOf(item as PreparedItem, options) // `send` gives one
}

const connect = async (settings: ClientSettings): Promise<Client> => {
  const client = new driver.Client(optionsOf(settings))
  sendFramesAsTheyAre(client)
  try {
    await client.connect()
    return client
  } catch (error) {
    // Its sockets would keep the process alive.
    client.shutdown().catch(() => undefined)
    throw error
  }
}

/** Without a data centre: the one of the host that answered. */
const connectLocally = async (settings: ClientSettings): Promise<{ client: Client; dataCenter: string }> => {
  const client = await connect(settings)
  const hosts = client.hosts.values()
  const dataCenter = settings.dataCenter ?? hosts[0]?.datacenter ?? ''
  if (settings.dataCenter !== undefined || hosts.every(({ datacenter }) => datacenter === dataCenter)) {
    return { client, dataCenter }
  }
  await client.shutdown()
  return { client: await connect({ ...settings, dataCenter }), dataCenter }
}

const pageOf = (result: types.ResultSet): StoredPage => {
  const inside: unknown = result
  // What the typings leave out.
  const { rawPageState, info } = inside as { rawPageState?: Buffer; info: { isSchemaInAgreement: boolean } } // of 4.10
  return {
    rows: result.rows ?? [],
    pageState: rawPageState,
    isApplied: result.wasApplied(),
    isAgreed: info.isSchemaInAgreement,
  }
}

const executeOn =
  (client: Client): CassandraClient['execute'] =>
  async (cql, values, options) => {
    const { consistency = 'quorum', host, fetchSize, pageState, readTimeout } = options
    const result = await client.execute(cql, [...values], {
      prepare: values.length > 0,
      readTimeout,
      consistency: consistencyOf[consistency],
      serialConsistency: consistencies.localSerial,
      autoPage: false,
      ...(host === undefined ? {} : { host: host as Host }), // `hostsOf` gives the driver's own
      ...(fetchSize === undefined ? {} : { fetchSize }),
      ...(pageState === undefined ? {} : { pageState }),
    })
    return pageOf(result)
  }

const sendOn =
  (client: Client): CassandraClient['send'] =>
  async (query, frame, { host, readTimeout }) => {
    await client.batch([{ query, params: [frame] }], {
      prepare: true,
      logged: false,
      readTimeout,
      consistency: consistencies.localQuorum,
      ...(host === undefined ? {} : { host: host as Host }), // `hostsOf` gives the driver's own
    })
  }

const hostsOn =
  (client: Client, keyspace: string | undefined, dataCenter: string): CassandraClient['hostsOf'] =>
  (routingKey) => {
    const isUsable = (host: Host): boolean => host.datacenter === dataCenter && host.isUp()
    const local = client.hosts.values().filter(isUsable)
    if (local.length < 2 || keyspace === undefined || routingKey === undefined) return local
    const replicas = client.getReplicas(keyspace, routingKey())?.filter(isUsable) ?? []
    return replicas.length > 0 ? replicas : local
  }

/** Connects, or throws what the driver throws. */
export const openClient = async (settings: ClientSettings): Promise<CassandraClient> => {
  const { client, dataCenter } = await connectLocally(settings)
  return {
    dataCenter,
    execute: executeOn(client),
    send: sendOn(client),
    hostsOf: hostsOn(client, settings.keyspace, dataCenter),
    close: () => client.shutdown(),
  }
}
