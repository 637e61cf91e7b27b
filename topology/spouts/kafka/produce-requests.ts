/** The two requests of an idempotent producer: an id to be known by, and batches for the partitions of one leader. */
import type { KafkaConnection } from './kafka-connection.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export interface ProducerId {
  readonly id: bigint
  readonly epoch: number
}

// The broker's own wait for the other replicas.
const replicasMs = 10_000

export const requestProducerId = async (connection: KafkaConnection): Promise<ProducerId> =>
  await connection.send({
    apiKey: 22,
    version: 1,
    name: 'InitProducerId',
    body: new WireWriter().string(null).int32(replicasMs).bytes,
    decode: (payload) => {
      const answer = new WireReader(payload)
      answer.int32()
      const code = answer.int16()
      if (code !== protocolCodes.none) throw new ProtocolFailure(code)
      return { id: answer.bigInt64(), epoch: answer.int16() }
    },
  })

export interface Produced {
  readonly partition: number
  readonly code: number
  /** Of the first record; -1 when nothing was taken. */
  readonly offset: number
}

/** Sends one batch for each partition; durable on all in-sync replicas when it answers. */
export const produceBatches = async (
  connection: KafkaConnection,
  topic: string,
  batches: readonly { readonly partition: number; readonly bytes: Buffer }[],
): Promise<readonly Produced[]> => {
  const size = batches.reduce((sum, { bytes }) => sum + bytes.length + 8, 64 + 3 * topic.length)
  const body = new WireWriter(size).string(null).int16(-1).int32(replicasMs)
  body.int32(1).string(topic).int32(batches.length)
  for (const { partition, bytes } of batches) body.int32(partition).int32(bytes.length).raw(bytes)
  return await connection.send({
    apiKey: 0,
    version: 7,
    name: 'Produce',
    body: body.bytes,
    timeoutMs: replicasMs,
    decode: (payload) => {
      const answer = new WireReader(payload)
      return answer.array(() => {
        answer.string()
        return answer.array(() => {
          const produced = { partition: answer.int32(), code: answer.int16(), offset: answer.int64() }
          answer.int64()
          answer.int64()
          return produced
        })
      })[0]!
    },
  })
}
