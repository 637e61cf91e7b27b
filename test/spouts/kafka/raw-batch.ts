/** One record batch of any number of records, as other producers write it: uncompressed or gzip, in one request. */
import { gzipSync } from 'node:zlib'
import { systemClock, systemRandom } from '../../../topology/engine/shell/system-clock.ts'
import type { NewRecord } from '../../../topology/model/record.ts'
import { encodeRecordBatch, stampBatch } from '../../../topology/spouts/kafka/encode-record-batch.ts'
import { createKafkaClient } from '../../../topology/spouts/kafka/kafka-client.ts'
import { produceBatches } from '../../../topology/spouts/kafka/produce-requests.ts'
import type { KafkaServer } from '../../servers/server-of.ts'

const headerBytes = 61
const gzip = 1

const compressed = (batch: Buffer): Buffer => {
  const packed = Buffer.concat([batch.subarray(0, headerBytes), gzipSync(batch.subarray(headerBytes))])
  packed.writeInt32BE(packed.length - 12, 8)
  packed.writeInt16BE(gzip, 21)
  return packed
}

export const produceRawBatch = async (
  { brokers }: KafkaServer,
  topic: string,
  records: readonly NewRecord[],
  codec: 'none' | 'gzip',
  timeMs = Date.now(),
): Promise<void> => {
  const client = createKafkaClient({ brokers, clock: systemClock, random: systemRandom })
  try {
    const plain = encodeRecordBatch(records, timeMs)
    const bytes = codec === 'gzip' ? compressed(plain) : plain
    stampBatch(bytes, { producerId: -1n, producerEpoch: -1, sequence: -1 })
    const [produced] = await produceBatches(await client.connect(), topic, [{ partition: 0, bytes }])
    if (produced?.code !== 0) throw new Error(`the broker refused the batch: ${produced?.code}`)
  } finally {
    client.close()
  }
}
