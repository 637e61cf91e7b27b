/**
 * Events that are appended at once, as a bare producer does it: a backlog that was appended an hour ago, and bursts of a
 * tenant.
 */
import type { Kafka, Message } from 'kafkajs'
import type { DrillPlace } from './drill-lines.ts'

export interface LineBurst {
  readonly place: DrillPlace
  readonly lines: readonly string[]
  /** When the log took the first one, ms since 1970; each further one is a millisecond later. */
  readonly appendedMs: number
  /** In turn. */
  readonly partitions: readonly number[]
}

// Far below what a broker takes at once.
const atOnce = 500

export class BurstProducer {
  readonly #topic: string
  readonly #producer: ReturnType<Kafka['producer']>
  readonly #connected: Promise<void>

  constructor(kafka: Kafka, topic: string) {
    this.#topic = topic
    this.#producer = kafka.producer({ maxInFlightRequests: 1 })
    this.#connected = this.#producer.connect()
  }

  /** Resolves when all is durable. */
  async append({ place, lines, appendedMs, partitions }: LineBurst): Promise<void> {
    await this.#connected
    const messages = lines.map(
      (value, index): Message => ({
        key: String(index),
        value,
        partition: partitions[index % partitions.length]!,
        timestamp: String(appendedMs + index),
        headers: {
          project: place.project,
          collection: place.collection,
          'spillway-time': String(JSON.parse(value).at),
        },
      }),
    )
    for (let from = 0; from < messages.length; from += atOnce)
      await this.#producer.send({ topic: this.#topic, acks: -1, messages: messages.slice(from, from + atOnce) })
  }

  async close(): Promise<void> {
    await this.#connected
    await this.#producer.disconnect()
  }
}
