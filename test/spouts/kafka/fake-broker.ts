/**
 * Brokers as a producer sees them, one for each partition: they keep its batches, know repetitions by producer and
 * sequence as Kafka does (the last five of each), and answer as a test tells them to.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { KafkaConnection, WireRequest } from '../../../topology/spouts/kafka/kafka-connection.ts'
import { createKeptHeaders, createKeptKeys } from '../../../topology/spouts/kafka/kept-texts.ts'
import { RecordBatches } from '../../../topology/spouts/kafka/record-batches.ts'
import type { ProducerLeaders } from '../../../topology/spouts/kafka/topic-producer.ts'
import { WireReader } from '../../../topology/spouts/kafka/wire-reader.ts'
import { WireWriter } from '../../../topology/spouts/kafka/wire-writer.ts'
import { values } from './given-batches.ts'

/** What happens to one Produce request. A number: each partition answers with this error, after taking it or before. */
export type Fate = 'taken' | 'lost request' | 'lost reply' | 'producers forgotten' | number | { readonly taken: number }

interface Taken {
  readonly producer: bigint
  readonly sequence: number
  readonly last: number
  readonly offset: number
}

interface Partition {
  readonly texts: (string | null)[]
  readonly taken: Taken[]
}

const address = { host: 'broker', port: 9_092 }

export class FakeBroker {
  readonly partitions = new Map<number, Partition>()
  /** Fates of the next Produce requests; then all are taken. */
  readonly fates: Fate[] = []
  /** Most records that a batch may have. */
  recordsMax = Number.POSITIVE_INFINITY
  producerIds = 0
  requests = 0

  texts(partition: number): readonly (string | null)[] {
    return this.partitions.get(partition)?.texts ?? []
  }

  get leaders(): ProducerLeaders {
    const connection: KafkaConnection = {
      address,
      isOpen: true,
      maxVersion: () => 12,
      requests: undefined as never, // a producer takes part in no group
      close: () => {},
      send: (request) => this.#answer(request),
    }
    return {
      topic: 'events',
      leaderOf: (partition) => ({ host: `${address.host}${partition}`, port: address.port, epoch: 0 }),
      callBroker: (_, work) => work(connection),
      refresh: async () => {},
      unavailable: () => errors.kafkaUnavailable({ log: 'events', reason: 'away' }),
    }
  }

  async #answer<Answer>({ apiKey, body, decode }: WireRequest<Answer>): Promise<Answer> {
    if (apiKey === 22) {
      this.producerIds += 1
      return decode(Buffer.from(new WireWriter().int32(0).int16(0).int64(this.producerIds).int16(0).bytes))
    }
    this.requests += 1
    const fate = this.fates.shift() ?? 'taken'
    if (fate === 'lost request') throw new Error('connection lost')
    if (fate === 'producers forgotten') for (const { taken } of this.partitions.values()) taken.length = 0
    const answer = await this.#produce(new WireReader(body), fate)
    if (fate === 'lost reply') throw new Error('connection lost')
    return decode(answer)
  }

  async #produce(request: WireReader, fate: Fate): Promise<Buffer> {
    request.string()
    request.int16()
    request.int32()
    request.int32()
    const topic = request.string()
    const batches = request.array(() => {
      const partition = request.int32()
      const length = request.int32()
      const bytes = request.bytes.subarray(request.at, request.at + length)
      request.at += length
      return { partition, bytes }
    })
    const answer = new WireWriter().int32(1).string(topic).int32(batches.length)
    for (const { partition, bytes } of batches) {
      const [code, offset] = typeof fate === 'number' ? [fate, -1] : await this.#take(partition, bytes)
      const told = typeof fate === 'object' ? fate.taken : code
      answer.int32(partition).int16(told).int64(offset).int64(-1).int64(0)
    }
    return answer.bytes
  }

  async #take(partition: number, bytes: Buffer): Promise<readonly [code: number, offset: number]> {
    const place = this.partitions.get(partition) ?? { texts: [], taken: [] }
    this.partitions.set(partition, place)
    const [producer, sequence, count] = [bytes.readBigInt64BE(43), bytes.readInt32BE(53), bytes.readInt32BE(57)]
    if (count > this.recordsMax) return [10, -1]
    const own = place.taken.filter((taken) => taken.producer === producer)
    const again = own.slice(-5).find((taken) => taken.sequence === sequence && taken.last === sequence + count - 1)
    if (again !== undefined) return [0, again.offset]
    const next = (own.at(-1)?.last ?? -1) + 1
    if (own.length > 0 ? sequence !== next : sequence !== 0) return [own.length > 0 ? 45 : 59, -1]
    const given = { bytes, start: 0, end: bytes.length, logEnd: 0, aborted: [] }
    const texts = { keys: createKeptKeys(), headers: createKeptHeaders() }
    const { records } = await new RecordBatches(given, 0, { log: 'events', partition }, texts).read(2 ** 30)
    const offset = place.texts.length
    place.texts.push(...values(records))
    place.taken.push({ producer, sequence, last: sequence + count - 1, offset })
    return [0, offset]
  }
}
