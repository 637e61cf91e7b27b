/** Asks the leader of a partition for an offset: where it begins, where its durable records end, or the first at a time. */
import type { KafkaConnection } from './kafka-connection.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export const earliest = -2
/** One behind the last record of which every transaction is decided and every in-sync replica has a copy. */
export const latest = -1
// Records of open transactions are not there yet.
export const readCommitted = 1

export interface PartitionOfTopic {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly leaderEpoch: number
}

/** `timeMs`, or `earliest` or `latest`; -1 when every record is older. Throws `ProtocolFailure`. */
export const listOffset = async (
  connection: KafkaConnection,
  { topic, partition, leaderEpoch }: PartitionOfTopic,
  timeMs: number,
): Promise<number> => {
  const body = new WireWriter().int32(-1).int8(readCommitted).int32(1).string(topic)
  body.int32(1).int32(partition).int32(leaderEpoch).int64(timeMs)
  return await connection.send({
    apiKey: 2,
    // The first that says so when a new leader does not know its end yet.
    version: 5,
    name: 'ListOffsets',
    body: body.bytes,
    decode: (payload) => {
      const answer = new WireReader(payload)
      answer.int32()
      const [found] = answer.array(() => {
        answer.string()
        return answer.array(() => {
          answer.int32()
          const code = answer.int16()
          if (code !== protocolCodes.none) throw new ProtocolFailure(code)
          answer.int64()
          const offset = answer.int64()
          answer.int32()
          return offset
        })
      })
      return found![0]!
    },
  })
}
