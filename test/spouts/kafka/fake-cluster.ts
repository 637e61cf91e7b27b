/** One broker that leads every partition of a topic, as the layer above connections sees it: answers come decoded, when a test lets them. */
import type { KafkaClient, KafkaConnection, WireRequest } from '../../../topology/spouts/kafka/kafka-connection.ts'
import { TopicLeaders } from '../../../topology/spouts/kafka/topic-leaders.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createHandClock } from '../hand-clock.ts'

const address = { host: 'broker', port: 9_092 }
export const fetchKey = 1
export const listKey = 2
const metadataKey = 3

export interface Asked {
  readonly apiKey: number
  readonly body: Buffer
  answer(value: unknown): void
  fail(error: Error): void
}

export class FakeCluster {
  readonly clock = createHandClock()
  /** Requests without an answer, in the order in which they came. */
  readonly asked: Asked[] = []
  opened = 0

  leaders(partitions = 4): Promise<TopicLeaders> {
    const metadata = {
      clusterId: 'c',
      controller: 1,
      brokers: new Map([[1, address]]),
      topicId: '00'.repeat(16),
      leaders: Array.from({ length: partitions }, () => ({ node: 1, epoch: 0 })),
    }
    const connection = (): KafkaConnection => ({
      address,
      isOpen: true,
      maxVersion: () => 13,
      requests: undefined as never, // nobody takes part in a group
      close: () => {},
      send: <Answer>({ apiKey, body }: WireRequest<Answer>) =>
        new Promise<Answer>((resolve, reject) => {
          const answer = (value: unknown): void => resolve(value as Answer) // what `decode` would give
          if (apiKey === metadataKey) answer(metadata)
          else this.asked.push({ apiKey, body, answer, fail: reject })
        }),
    })
    const client: KafkaClient = {
      options: { brokers: ['broker:9092'], clock: this.clock, random: seededRandom(1) },
      connect: async () => {
        this.opened += 1
        return connection()
      },
      close: () => {},
    }
    return TopicLeaders.open(client, 'events')
  }
}

/** Lets everything that was begun come to where it waits. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
