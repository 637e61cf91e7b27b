/** The topic of a drill as a bare kafkajs consumer reads it, from the first record to the ends seen at the start. */
import { randomUUID } from 'node:crypto'
import type { IHeaders, Kafka, KafkaMessage } from 'kafkajs'
import { type LoggedLine, loggedLine } from './log-tally.ts'

export interface TopicEnd {
  readonly partition: number
  readonly end: number
}

export const readTopicEnds = async (kafka: Kafka, topic: string): Promise<readonly TopicEnd[]> => {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const found = await admin.fetchTopicOffsets(topic)
    return found.map(({ partition, high }) => ({ partition, end: Number(high) }))
  } finally {
    await admin.disconnect()
  }
}

export const readServedLog = async (kafka: Kafka, topic: string): Promise<readonly LoggedLine[]> => {
  const left = new Map<number, number>()
  for (const { partition, end } of await readTopicEnds(kafka, topic)) if (end > 0) left.set(partition, end)
  const lines: LoggedLine[] = []
  if (left.size === 0) return lines
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    const take = (partition: number, message: KafkaMessage): void => {
      const offset = Number(message.offset)
      lines.push(lineOf(partition, offset, message))
      if (offset + 1 >= (left.get(partition) ?? 0)) left.delete(partition)
    }
    const eachBatch = async ({ batch }: { batch: { partition: number; messages: KafkaMessage[] } }): Promise<void> => {
      for (const message of batch.messages) take(batch.partition, message)
      if (left.size === 0) resolve()
    }
    consumer.run({ eachBatch }).catch(reject)
  })
  await consumer.disconnect()
  return lines
}

const lineOf = (place: number, offset: number, { headers = {}, value, timestamp }: KafkaMessage): LoggedLine =>
  loggedLine({
    place,
    offset,
    header: (name) => textOf(headers, name),
    text: value?.toString('utf8') ?? '',
    appendTimeMs: Number(timestamp),
  })

const textOf = (headers: IHeaders, name: string): string => {
  const found = headers[name]
  return (Array.isArray(found) ? found[0] : found)?.toString() ?? ''
}
