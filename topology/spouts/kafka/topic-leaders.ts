/**
 * The leaders of a topic's partitions, and calls that go to them.
 *
 * A call that fails because the leader is elsewhere or the connection is lost is made once more after the metadata has
 * been read anew; then it is class `retry`. A topic that was made anew is class `stop`: its offsets mean other records.
 */
import { errors } from '../../model/errors.ts'
import type { Latency, PoolUsage } from '../../model/ports/dependency.ts'
import { RoundTrips } from '../../model/round-trips.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import { BrokerConnections, PoolFull } from './broker-connections.ts'
import { canFetchById } from './fetch-records.ts'
import type { BrokerAddress, KafkaClient, KafkaConnection } from './kafka-connection.ts'
import type { PartitionOfTopic } from './list-offset.ts'
import { isTimeout, ProtocolFailure, protocolCodeOf, protocolCodes, reasonOf } from './protocol-failure.ts'
import { readTopicMetadata, type TopicMetadata } from './topic-metadata.ts'

// Long-polling fetches of one process at one broker; a lane more waits for another's turn.
const fetchConnectionsMax = 24
// Far behind there is always something to give, so such a fetch is short, and few of them keep a broker busy.
const backlogConnectionsMax = 12
const callConnectionsMax = 4
// Brokers that are asked who leads.
const askedMax = 3

/** `fetch` has connections of its own, because it waits; `backlog` has others, so that no live fetch waits behind it. */
export type CallKind = FetchKind | 'call'
export type FetchKind = 'fetch' | 'backlog'

export type LeaderCall<Answer> = (connection: KafkaConnection, place: PartitionOfTopic) => Promise<Answer>

export class TopicLeaders {
  readonly topic: string
  readonly #client: KafkaClient
  readonly #connections: Readonly<Record<CallKind, BrokerConnections>>
  /** Of calls that wait for nothing but the broker. */
  readonly #roundTrips = new RoundTrips()
  #metadata: TopicMetadata
  #refreshing: Promise<void> | undefined

  private constructor(client: KafkaClient, topic: string, metadata: TopicMetadata) {
    this.topic = topic
    this.#client = client
    this.#metadata = metadata
    this.#connections = {
      fetch: new BrokerConnections(client, fetchConnectionsMax),
      backlog: new BrokerConnections(client, backlogConnectionsMax),
      call: new BrokerConnections(client, callConnectionsMax),
    }
  }

  /** First contact. Throws `topicMissing`, `kafkaTooOld`, and what the driver throws. */
  static async open(client: KafkaClient, topic: string): Promise<TopicLeaders> {
    const brokers = client.options.brokers.join(',')
    const connection = await client.connect()
    try {
      if (!canFetchById(connection)) throw errors.kafkaTooOld({ brokers })
      const metadata = await readTopicMetadata(connection, topic)
      if (metadata.topicId === undefined) throw errors.topicMissing({ brokers, topic })
      await reachLeader(client, metadata, connection.address)
      return new TopicLeaders(client, topic, metadata)
    } finally {
      connection.close()
    }
  }

  get metadata(): TopicMetadata {
    return this.#metadata
  }

  /** Where the leader of a partition is; `undefined`: nobody leads it now. */
  leaderOf(partition: number): (BrokerAddress & { readonly epoch: number }) | undefined {
    const leader = this.#metadata.leaders[partition]
    const address = leader === undefined ? undefined : this.#metadata.brokers.get(leader.node)
    return address === undefined ? undefined : { ...address, epoch: leader!.epoch }
  }

  /** Whether a fetch would wait for another to end. */
  isCrowded(kind: FetchKind, partition: number): boolean {
    const leader = this.leaderOf(partition)
    return leader !== undefined && this.#connections[kind].isCrowded(leader)
  }

  /**
   * Calls the leader of a partition. Throws `kafkaUnavailable`, and `ProtocolFailure` for an offset that is out of range.
   * An abort takes it out of the line for a connection.
   */
  async call<Answer>(
    kind: CallKind,
    partition: number,
    work: LeaderCall<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        const leader = this.leaderOf(partition)
        // 5: the partition has no leader at the moment.
        if (leader === undefined) throw new ProtocolFailure(5)
        const place = { topic: this.topic, topicId: this.#metadata.topicId ?? '', partition, leaderEpoch: leader.epoch }
        if (kind === 'call') return await this.callBroker(leader, (connection) => work(connection, place))
        return await this.#connections[kind].using(leader, (connection) => work(connection, place), signal)
      } catch (error) {
        if (error instanceof SpillwayError) throw error
        if (protocolCodeOf(error) === protocolCodes.offsetOutOfRange) throw error
        if (tries === 2 || error instanceof PoolFull || signal?.aborted === true) throw this.unavailable(error)
        await this.refresh()
      }
    }
  }

  /** On a connection to one broker. Throws what `work` throws. */
  callBroker<Answer>(address: BrokerAddress, work: (connection: KafkaConnection) => Promise<Answer>): Promise<Answer> {
    return this.#connections.call.using(address, (connection) => this.#timed(() => work(connection)))
  }

  usage(): readonly PoolUsage[] {
    const { fetch, backlog, call } = this.#connections
    return [...fetch.usage('fetches'), ...backlog.usage('backlog fetches'), ...call.usage('calls')]
  }

  latency(): Latency | undefined {
    return this.#roundTrips.latency(this.#client.options.clock.nowMs())
  }

  async #timed<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { clock } = this.#client.options
    const end = this.#roundTrips.begin(clock.nowMs())
    try {
      const answer = await work()
      end(clock.nowMs())
      return answer
    } catch (error) {
      // A code is an answer; anything else was lost on the way, unless it has waited for all its time.
      end(clock.nowMs(), protocolCodeOf(error) !== undefined || isTimeout(error))
      throw error
    }
  }

  /** Reads the metadata anew; calls at the same time share the answer. Throws `kafkaUnavailable` and `topicReplaced`. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  unavailable(error: unknown): SpillwayError {
    return errors.kafkaUnavailable({ log: this.topic, reason: reasonOf(error) }, error)
  }

  async #read(): Promise<void> {
    const metadata = await this.#readAnywhere()
    const { topicId } = this.#metadata
    // A broker that has just started may not know its topics yet.
    if (metadata.topicId === undefined) throw this.unavailable(new ProtocolFailure(3))
    if (metadata.topicId !== topicId) throw errors.topicReplaced({ log: this.topic })
    this.#metadata = metadata
  }

  async #readAnywhere(): Promise<TopicMetadata> {
    // Several at once: one of them may be frozen, and would be waited for. Those of the options may be all that is left.
    const asked = [...this.#metadata.brokers.values()]
      .slice(0, askedMax)
      .map((address) => this.callBroker(address, (connection) => readTopicMetadata(connection, this.topic)))
    const known = await Promise.any(asked).catch(() => undefined)
    if (known !== undefined) return known
    try {
      const connection = await this.#client.connect()
      try {
        return await readTopicMetadata(connection, this.topic)
      } finally {
        connection.close()
      }
    } catch (error) {
      throw this.unavailable(error)
    }
  }
}

/** Brokers may name themselves otherwise than we were told, by a name that is unknown here: said at once, not retried for ever. */
const reachLeader = async (
  client: KafkaClient,
  { brokers, leaders }: TopicMetadata,
  known: BrokerAddress,
): Promise<void> => {
  const nodes = [...new Set(leaders.map(({ node }) => node))]
  const addresses = nodes.flatMap((node) => brokers.get(node) ?? [])
  if (addresses.some(({ host, port }) => host === known.host && port === known.port)) return
  let failure: SpillwayError | undefined
  for (const address of addresses) {
    try {
      const connection = await client.connect(address)
      connection.close()
      return
    } catch (error) {
      const reason = `the brokers call themselves ${address.host}:${address.port} (advertised.listeners): ${reasonOf(error)}`
      failure = errors.kafkaUnreachable({ brokers: client.options.brokers.join(','), reason }, error)
    }
  }
  if (failure !== undefined) throw failure
}
