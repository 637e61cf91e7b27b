/**
 * The log as a topic of Kafka: any range of any partition, several of one partition at once, from the partition's
 * leader; positions are the caller's, none is kept here and none is ever reset.
 *
 * Its id is the cluster's and the topic's, so a topic made anew is another log. What the brokers have dropped is told
 * (`logExpired`), what they never had too (`logBeyondEnd`); a broker that is away is class `retry`. Keeps the ground of
 * I-1 and I-2: only what every in-sync replica has is read, and only of transactions that were committed.
 */
import { errors } from '../../model/errors.ts'
import { knobValue } from '../../model/knobs.ts'
import type { KnobReader, Latency, PoolUsage } from '../../model/ports/dependency.ts'
import type {
  AppendedRange,
  EventLog,
  FetchOptions,
  GroupListener,
  GroupMembership,
  LogBounds,
} from '../../model/ports/event-log.ts'
import { type Offset, offset, type Partition, partition as partitionAt } from '../../model/position.ts'
import type { NewRecord, RecordBatch } from '../../model/record.ts'
import { checkOffset, checkPartition, placeRecords } from '../place-records.ts'
import { describeRetention } from './describe-retention.ts'
import { fetchRecords } from './fetch-records.ts'
import { withinFirstContact } from './first-contact.ts'
import { createKafkaClient } from './kafka-client.ts'
import type { KafkaClient, KafkaClientOptions } from './kafka-connection.ts'
import { createKafkaCoordinator } from './kafka-coordinator.ts'
import { joinKafkaGroup } from './kafka-group.ts'
import { KeptAnswers } from './kept-answers.ts'
import { earliest, latest, listOffset } from './list-offset.ts'
import { PartitionReader } from './partition-reader.ts'
import { protocolCodeOf, protocolCodes } from './protocol-failure.ts'
import { leaderEpochOf } from './record-batches.ts'
import { TopicLeaders } from './topic-leaders.ts'
import { TopicProducer } from './topic-producer.ts'

export { createKafkaTopic } from './create-kafka-topic.ts'

export interface KafkaOptions extends KafkaClientOptions {
  readonly topic: string
}

class KafkaLog implements EventLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  readonly #client: KafkaClient
  readonly #leaders: TopicLeaders
  readonly #producer: TopicProducer
  readonly #readers: readonly PartitionReader[]
  readonly #memberships: GroupMembership[] = []
  #knob: KnobReader = (name) => knobValue(name)
  #isClosed = false

  constructor(client: KafkaClient, leaders: TopicLeaders) {
    const { clock } = client.options
    this.id = `${leaders.metadata.clusterId}.${leaders.metadata.topicId}`
    this.topic = leaders.topic
    this.partitions = leaders.metadata.leaders.length
    this.#client = client
    this.#leaders = leaders
    this.#producer = new TopicProducer(leaders, clock)
    const kept = new KeptAnswers()
    this.#readers = leaders.metadata.leaders.map((_, index) => new PartitionReader(leaders, index, kept, clock))
  }

  useKnobs(knob: KnobReader): void {
    this.#knob = knob
  }

  usage(): readonly PoolUsage[] {
    return this.#leaders.usage()
  }

  latency(): Latency | undefined {
    return this.#leaders.latency()
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    this.#check(partition)
    const [start, end] = await Promise.all([this.#listed(partition, earliest), this.#listed(partition, latest)])
    // While records are dropped up to its end, a partition may begin where it was not yet known to end.
    return { start: offset(start), end: offset(Math.max(start, end)) }
  }

  async fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch> {
    this.#check(partition)
    try {
      return await this.#readers[partition]!.read(from, options)
    } catch (error) {
      if (this.#isClosed) return { partition, from, to: from, records: [], byteLength: 0 }
      if (protocolCodeOf(error) !== protocolCodes.offsetOutOfRange) throw error
      checkOffset(this.topic, partition, from, await this.bounds(partition))
      // It was out of range only for a leader that has just changed, or is within the range by now.
      throw this.#leaders.unavailable(error)
    }
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    const { start, end } = await this.bounds(partition)
    // Negative times have other meanings in the protocol.
    const found = timeMs <= 0 ? start : await this.#listed(partition, Math.ceil(timeMs))
    return found < 0 || found > end ? end : offset(Math.max(start, found))
  }

  async append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]> {
    if (this.#isClosed) throw this.#closed()
    if (records.length === 0) return []
    const places = placeRecords(this.topic, records, this.partitions)
    const offsets = await this.#producer.append(records, places)
    return places.map((partition, index) => ({ partition, offset: offset(offsets[index]!) }))
  }

  /** The brokers drop by themselves. */
  async release(): Promise<void> {}

  async leaderEpochAt(partition: Partition, at: Offset): Promise<number | undefined> {
    this.#check(partition)
    try {
      const wanted = { maxBytes: 1, waitMs: 0 }
      return leaderEpochOf(
        await this.#leaders.call('call', partition, (connection, place) => fetchRecords(connection, place, at, wanted)),
        at,
      )
    } catch (error) {
      if (protocolCodeOf(error) === protocolCodes.offsetOutOfRange) return undefined
      throw error
    }
  }

  async retentionMs(): Promise<number | undefined> {
    return await this.#leaders.call('call', partitionAt(0), (connection) => describeRetention(connection, this.topic))
  }

  async join(group: string, listener: GroupListener): Promise<GroupMembership> {
    const { topic, partitions } = this
    const { clock, random } = this.#client.options
    const sessionMs = this.#knob('group.sessionMs')
    const coordinator = createKafkaCoordinator({ client: this.#client, group, topic, sessionMs })
    const membership = joinKafkaGroup({ group, topic, partitions, coordinator, listener, clock, random })
    this.#memberships.push(membership)
    return membership
  }

  /** A fetch that waits answers with an empty batch. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    for (const membership of this.#memberships) await membership.leave()
    await this.#producer.settle()
    this.#isClosed = true
    this.#client.close()
  }

  async #listed(partition: Partition, timeMs: number): Promise<number> {
    return await this.#leaders.call('call', partition, (connection, place) => listOffset(connection, place, timeMs))
  }

  #check(partition: Partition): void {
    if (this.#isClosed) throw this.#closed()
    checkPartition(this.topic, partition, this.partitions)
  }

  #closed(): Error {
    return errors.pathUnusable({ path: this.topic, reason: 'the log is closed' })
  }
}

/**
 * Opens the topic. Whatever is wrong is told within `connectMs`, class `stop`: `kafkaUnreachable`, `kafkaRefused`,
 * `topicMissing`, `kafkaTooOld`, `kafkaDriver`. Once it is open, brokers that are away are class `retry`.
 */
export const openKafkaLog = async (options: KafkaOptions): Promise<EventLog> => {
  const client = createKafkaClient(options)
  return await withinFirstContact(
    client,
    async () => new KafkaLog(client, await TopicLeaders.open(client, options.topic)),
  )
}
