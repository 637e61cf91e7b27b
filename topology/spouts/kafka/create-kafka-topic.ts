/**
 * Makes a topic for events, on request only: durable on two brokers where there are three, stamped by the brokers with
 * the time of the append, never compacted (keys are projects: compaction would keep one event of each).
 */
import { errors } from '../../model/errors.ts'
import { eventBytesMax } from '../../model/limits.ts'
import { withinFirstContact } from './first-contact.ts'
import { createKafkaClient } from './kafka-client.ts'
import type { KafkaClientOptions, KafkaConnection } from './kafka-connection.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { readTopicMetadata, type TopicMetadata } from './topic-metadata.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export interface NewKafkaTopic extends KafkaClientOptions {
  readonly topic: string
  readonly partitions: number
  /** Default: 3, or as many as there are brokers. */
  readonly replication?: number
}

// A value of the largest size, with key and headers as large together.
const messageBytesMax = 2 * eventBytesMax + 65_536
const createMs = 5_000
// Brokers hear of a new topic one after the other.
const looksMax = 100
const lookMs = 30

const requestTopic = async (
  connection: KafkaConnection,
  { topic, partitions }: NewKafkaTopic,
  replication: number,
): Promise<void> => {
  const settings = [
    ['cleanup.policy', 'delete'],
    ['message.timestamp.type', 'LogAppendTime'],
    ['max.message.bytes', `${messageBytesMax}`],
    ['min.insync.replicas', replication >= 3 ? '2' : '1'],
  ] as const
  const body = new WireWriter().int32(1).string(topic).int32(partitions).int16(replication)
  body.int32(0).int32(settings.length)
  for (const [name, value] of settings) body.string(name).string(value)
  body.int32(createMs).int8(0)
  await connection.send({
    apiKey: 19,
    version: 4,
    name: 'CreateTopics',
    body: body.bytes,
    timeoutMs: createMs,
    decode: (payload) => {
      const answer = new WireReader(payload)
      answer.int32()
      answer.array(() => {
        answer.string()
        const code = answer.int16()
        answer.string()
        if (code !== protocolCodes.none) throw new ProtocolFailure(code)
      })
    },
  })
}

const isReady = ({ topicId, leaders }: TopicMetadata, partitions: number): boolean =>
  topicId !== undefined && leaders.length >= partitions && leaders.every(({ node }) => node >= 0)

/** Throws as `openKafkaLog` does, and `badConfiguration` for a name or a number that the brokers do not take. */
export const createKafkaTopic = async (options: NewKafkaTopic): Promise<'created' | 'exists'> => {
  const { topic, partitions, clock } = options
  const client = createKafkaClient(options)
  return await withinFirstContact(client, async () => {
    const connection = await client.connect()
    const { topicId, brokers } = await readTopicMetadata(connection, topic)
    if (topicId !== undefined) return 'exists'
    try {
      await requestTopic(connection, options, options.replication ?? Math.min(3, brokers.size))
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error
      if (error.code === protocolCodes.topicAlreadyExists) return 'exists'
      if (!unusable.has(error.code)) throw error
      throw errors.badConfiguration({ problem: `topic ${topic} cannot be made: ${error.message}` }, error)
    }
    for (let looks = 0; looks < looksMax; looks += 1) {
      if (isReady(await readTopicMetadata(connection, topic), partitions)) break
      await clock.sleep(lookMs)
    }
    return 'created'
  }).finally(() => client.close())
}

const unusable = new Set<number>([
  protocolCodes.invalidTopic,
  protocolCodes.invalidPartitions,
  protocolCodes.invalidReplicationFactor,
  protocolCodes.policyViolation,
])
