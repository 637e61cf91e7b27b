/**
 * What the cluster says of one topic: its id, its partitions and their leaders.
 *
 * kafkajs asks in a version of the request that knows no topic id; without it a topic made anew could not be told from
 * the earlier one of its name.
 */
import type { BrokerAddress, KafkaConnection } from './kafka-connection.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export interface PartitionLeader {
  /** -1: none at the moment. */
  readonly node: number
  readonly epoch: number
}

export interface TopicMetadata {
  readonly clusterId: string
  readonly controller: number
  readonly brokers: ReadonlyMap<number, BrokerAddress>
  /** `undefined`: there is no such topic. */
  readonly topicId: string | undefined
  readonly leaders: readonly PartitionLeader[]
}

const apiKey = 3
// Known to every broker that can be asked for records by a topic's id.
const version = 12

export const readTopicMetadata = async (connection: KafkaConnection, topic: string): Promise<TopicMetadata> => {
  const body = new WireWriter()
  body.unsigned(0).unsigned(2)
  body.raw(new Uint8Array(16)).compactString(topic).unsigned(0)
  // Never made by asking for it.
  body.int8(0).int8(0).unsigned(0)
  return await connection.send({
    apiKey,
    version,
    name: 'Metadata',
    body: body.bytes,
    decode: (payload) => decodeMetadata(new WireReader(payload)),
  })
}

const decodeMetadata = (answer: WireReader): TopicMetadata => {
  answer.skipTags()
  answer.int32()
  const brokers = answer.compactArray(() => {
    const node = answer.int32()
    const host = answer.compactString() ?? ''
    const port = answer.int32()
    answer.compactString()
    answer.skipTags()
    return [node, { host, port }] as const
  })
  const clusterId = answer.compactString() ?? ''
  const controller = answer.int32()
  const [topic] = answer.compactArray(() => decodeTopic(answer))
  if (topic === undefined) throw new RangeError('the broker says nothing of the topic')
  const isMissing = topic.code === protocolCodes.unknownTopicOrPartition || topic.code === protocolCodes.invalidTopic
  // A topic of which some partition has no leader is there.
  if (topic.code !== protocolCodes.none && topic.code !== 5 && !isMissing) throw new ProtocolFailure(topic.code)
  const topicId = isMissing ? undefined : topic.id
  return { clusterId, controller, brokers: new Map(brokers), topicId, leaders: topic.leaders }
}

const decodeTopic = (answer: WireReader): { code: number; id: string; leaders: readonly PartitionLeader[] } => {
  const code = answer.int16()
  answer.compactString()
  const id = answer.uuid()
  answer.int8()
  const leaders: PartitionLeader[] = []
  answer.compactArray(() => {
    answer.int16()
    const index = answer.int32()
    leaders[index] = { node: answer.int32(), epoch: answer.int32() }
    for (let lists = 0; lists < 3; lists += 1) answer.compactArray(() => answer.int32())
    answer.skipTags()
  })
  answer.int32()
  answer.skipTags()
  return { code, id, leaders }
}
