/**
 * One Fetch request for one partition: the answer's record batches stay in the buffer that came from the socket.
 *
 * The topic's id and the leader's epoch go along, so that a topic made anew under the same name is not read for the
 * earlier one, and a broker which was replaced as leader refuses instead of answering.
 */
import type { KafkaConnection } from './kafka-connection.ts'
import { type PartitionOfTopic, readCommitted } from './list-offset.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

const fetchKey = 1
// The first that names a topic by its id: Kafka 3.1.
const fetchVersion = 13

export const canFetchById = (connection: KafkaConnection): boolean => connection.maxVersion(fetchKey) >= fetchVersion

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface FetchedBytes {
  /** Holds record batches in `[start, end)`; the last one may be cut off. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** One behind the last record that may be read now. */
  readonly logEnd: number
  readonly aborted: readonly AbortedTransaction[]
}

export interface WantedRecords {
  readonly maxBytes: number
  readonly waitMs: number
  /** The broker waits for so many, but no longer than `waitMs`. Default 1. */
  readonly minBytes?: number
}

/** Throws `ProtocolFailure`. The answer has at least one whole batch when there is one, whatever `maxBytes`. */
export const fetchRecords = async (
  connection: KafkaConnection,
  { topicId, partition, leaderEpoch }: PartitionOfTopic,
  from: number,
  { maxBytes, waitMs, minBytes = 1 }: WantedRecords,
): Promise<FetchedBytes> => {
  const body = new WireWriter().unsigned(0)
  body.int32(-1).int32(waitMs).int32(Math.min(minBytes, maxBytes)).int32(maxBytes).int8(readCommitted)
  // No fetch session: each request stands alone.
  body.int32(0).int32(-1)
  // One topic, one partition: lengths are written as one more.
  body.unsigned(2).raw(Buffer.from(topicId, 'hex')).unsigned(2)
  body.int32(partition).int32(leaderEpoch).int64(from).int32(-1).int64(-1).int32(maxBytes).unsigned(0)
  body.unsigned(0)
  body.unsigned(1).compactString('').unsigned(0)
  return await connection.send({
    apiKey: fetchKey,
    version: fetchVersion,
    name: 'Fetch',
    body: body.bytes,
    timeoutMs: waitMs,
    decode: (payload) => decodeFetched(new WireReader(payload)),
  })
}

const decodeFetched = (answer: WireReader): FetchedBytes => {
  answer.skipTags()
  answer.int32()
  checkCode(answer.int16())
  answer.int32()
  answer.unsigned()
  answer.uuid()
  answer.unsigned()
  answer.int32()
  checkCode(answer.int16())
  answer.int64()
  const logEnd = answer.int64()
  answer.int64()
  const aborted = answer.compactArray(() => {
    const transaction = { producerId: answer.bigInt64(), firstOffset: answer.int64() }
    answer.skipTags()
    return transaction
  })
  answer.int32()
  const length = Math.max(0, answer.unsigned() - 1)
  return { bytes: answer.bytes, start: answer.at, end: answer.at + length, logEnd, aborted }
}

const checkCode = (code: number): void => {
  if (code !== protocolCodes.none) throw new ProtocolFailure(code)
}
