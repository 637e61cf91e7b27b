/**
 * Appends to a topic, each batch exactly once however often it is sent: the brokers know the producer by an id and
 * each partition's batches by their sequence.
 *
 * One append at a time, one batch of a partition at a time, each for a partition that was chosen before the first
 * sending and never changes. When the fate of a batch stays unknown, the id is given up with it: under the same id the
 * next batch could be taken for a repetition of the lost one, and be acknowledged without being kept. Keeps I-2.
 */
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { NewRecord } from '../../model/record.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import { encodedBytesMost, encodeRecordBatch, stampBatch } from './encode-record-batch.ts'
import type { BrokerAddress } from './kafka-connection.ts'
import { type Produced, type ProducerId, produceBatches, requestProducerId } from './produce-requests.ts'
import { isRefusal, ProtocolFailure, protocolCodes, reasonOf } from './protocol-failure.ts'
import type { TopicLeaders } from './topic-leaders.ts'

// What follows stays below the 1 MiB that topics take by default; a record that is larger goes alone.
const batchBytesMax = 786_432
const batchRecordsMax = 5_000
// Longer than a broker takes to come back, shorter than a person waits for a command.
const patienceMs = 30_000
const [pauseFirstMs, pauseMostMs] = [50, 1_000]

/** What the producer needs to know of the cluster. */
export type ProducerLeaders = Pick<TopicLeaders, 'topic' | 'leaderOf' | 'callBroker' | 'refresh' | 'unavailable'>

/** Records of one partition, in order, sent together. */
interface Batch {
  readonly partition: number
  readonly records: readonly NewRecord[]
  /** Places of the records in the append. */
  readonly indexes: readonly number[]
  bytes?: Buffer
  /** Sent, and no answer came, or one that leaves it open: it may have been taken. */
  isInDoubt: boolean
}

interface Append {
  readonly offsets: number[]
  /** Batches to be sent, by partition. */
  readonly queues: Map<number, Batch[]>
  readonly untilMs: number
  hasTaken: boolean
}

const tooLarge = new Set<number>([protocolCodes.messageTooLarge, protocolCodes.recordListTooLarge])
const otherProducer = new Set<number>([
  protocolCodes.outOfOrderSequence,
  protocolCodes.invalidProducerEpoch,
  protocolCodes.unknownProducerId,
])
// Said before anything is written. Every other failure may come while the replicas are waited for: the leader has written
// the batch then, and its successor may have it.
const notTaken = new Set<number>([protocolCodes.damaged, protocolCodes.notEnoughReplicas, protocolCodes.invalidRecord])

const batchesOf = (records: readonly NewRecord[], places: readonly number[]): Map<number, Batch[]> => {
  const queues = new Map<number, Batch[]>()
  const sizes = new Map<number, number>()
  records.forEach((record, index) => {
    const partition = places[index]!
    const bytes = encodedBytesMost(record)
    const queue = queues.get(partition) ?? []
    let batch = queue.at(-1)
    const size = (sizes.get(partition) ?? 0) + bytes
    if (batch === undefined || size > batchBytesMax || batch.records.length === batchRecordsMax) {
      batch = { partition, records: [], indexes: [], isInDoubt: false }
      queue.push(batch)
      sizes.set(partition, bytes)
    } else sizes.set(partition, size)
    ;(batch.records as NewRecord[]).push(record) // being filled, by nobody else
    ;(batch.indexes as number[]).push(index) // the same
    queues.set(partition, queue)
  })
  return queues
}

const halvesOf = ({ partition, records, indexes }: Batch): readonly Batch[] => {
  const middle = records.length >> 1
  return [
    { partition, records: records.slice(0, middle), indexes: indexes.slice(0, middle), isInDoubt: false },
    { partition, records: records.slice(middle), indexes: indexes.slice(middle), isInDoubt: false },
  ]
}

const hasDoubt = ({ queues }: Append): boolean => [...queues.values()].some(([first]) => first!.isInDoubt)

export class TopicProducer {
  readonly #leaders: ProducerLeaders
  readonly #clock: Clock
  readonly #sequences = new Map<number, number>()
  #id: ProducerId | undefined
  #last: Promise<unknown> = Promise.resolve()
  #timeMs = 0

  constructor(leaders: ProducerLeaders, clock: Clock) {
    this.#leaders = leaders
    this.#clock = clock
  }

  /** The offset of each record. `places`: the partition of each. */
  append(records: readonly NewRecord[], places: readonly number[]): Promise<readonly number[]> {
    const appended = this.#last.then(() => this.#append(records, places))
    this.#last = appended.catch(() => {
      // Whatever it was: a number that may have been used is not used again.
      this.#forgetId()
    })
    return appended
  }

  /** Resolves when no append is under way. */
  async settle(): Promise<void> {
    await this.#last
  }

  async #append(records: readonly NewRecord[], places: readonly number[]): Promise<readonly number[]> {
    const append: Append = {
      offsets: new Array<number>(records.length).fill(-1),
      queues: batchesOf(records, places),
      untilMs: this.#clock.nowMs() + patienceMs,
      hasTaken: false,
    }
    let pauseMs = pauseFirstMs
    while (append.queues.size > 0) {
      const failure = await this.#sendRound(append)
      if (failure === undefined) {
        pauseMs = pauseFirstMs
        continue
      }
      // Under another id its numbers would be new to the brokers, whichever partition the first was forgotten for.
      if (this.#id === undefined && hasDoubt(append)) throw this.#givenUp(append, failure)
      if (this.#clock.nowMs() + pauseMs > append.untilMs) throw this.#givenUp(append, failure)
      await this.#clock.sleep(pauseMs)
      pauseMs = Math.min(2 * pauseMs, pauseMostMs)
      await this.#leaders.refresh().catch((error) => {
        if (error instanceof SpillwayError && error.errorClass === 'stop') throw error
      })
    }
    return append.offsets
  }

  /** Sends the first batch of every partition; gives a failure that may pass, or `undefined` when all were taken. */
  async #sendRound(append: Append): Promise<unknown> {
    const byLeader = new Map<string, { readonly address: BrokerAddress; readonly batches: Batch[] }>()
    let failure: unknown
    for (const [partition, queue] of append.queues) {
      const address = this.#leaders.leaderOf(partition)
      // 5: the partition has no leader at the moment.
      if (address === undefined) failure = new ProtocolFailure(5)
      else {
        const name = `${address.host}:${address.port}`
        const group = byLeader.get(name) ?? { address, batches: [] }
        byLeader.set(name, group)
        group.batches.push(queue[0]!)
      }
    }
    const groups = [...byLeader.values()]
    if (groups.length === 0) return failure
    try {
      this.#id ??= await this.#leaders.callBroker(groups[0]!.address, requestProducerId)
    } catch (error) {
      if (isRefusal(error)) throw this.#refused(error)
      return error
    }
    // All must have ended before anything is thrown: what is under way would be overtaken by the next append.
    const results = await Promise.allSettled(groups.map(({ address, batches }) => this.#send(append, address, batches)))
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason
      failure ??= result.value
    }
    return failure
  }

  async #send(append: Append, address: BrokerAddress, batches: readonly Batch[]): Promise<unknown> {
    const sent = batches.map((batch) => ({ partition: batch.partition, bytes: this.#bytesOf(batch) }))
    let isUnderWay = false
    try {
      const produced = await this.#leaders.callBroker(address, (connection) => {
        isUnderWay = true
        return produceBatches(connection, this.#leaders.topic, sent)
      })
      let failure: unknown
      for (const result of produced) {
        const batch = batches.find(({ partition }) => partition === result.partition)!
        failure = this.#settle(append, batch, result) ?? failure
      }
      return failure
    } catch (error) {
      if (error instanceof SpillwayError) throw error
      if (isRefusal(error)) throw this.#refused(error)
      if (isUnderWay) for (const batch of batches) batch.isInDoubt = true
      return error
    }
  }

  #bytesOf(batch: Batch): Buffer {
    // Stamped when it is first sent, so that times follow the order of the log.
    this.#timeMs = Math.max(this.#timeMs, Math.floor(this.#clock.nowMs()))
    batch.bytes ??= encodeRecordBatch(batch.records, this.#timeMs)
    const { id, epoch } = this.#id!
    stampBatch(batch.bytes, { producerId: id, producerEpoch: epoch, sequence: this.#sequenceOf(batch) })
    return batch.bytes
  }

  #sequenceOf({ partition }: Batch): number {
    return this.#sequences.get(partition) ?? 0
  }

  #settle(append: Append, batch: Batch, { code, offset }: Produced): unknown {
    const queue = append.queues.get(batch.partition)!
    if (code === protocolCodes.none) {
      batch.indexes.forEach((index, place) => {
        append.offsets[index] = offset + place
      })
      append.hasTaken = true
      // Numbers of 31 bits, beginning again at 0.
      this.#sequences.set(batch.partition, (this.#sequenceOf(batch) + batch.records.length) % 2_147_483_648)
      queue.shift()
      if (queue.length === 0) append.queues.delete(batch.partition)
      return undefined
    }
    const failure = new ProtocolFailure(code)
    if (isRefusal(failure)) throw this.#refused(failure)
    // An earlier sending may have been taken, and this answer says that it can be told no more.
    if (batch.isInDoubt && (tooLarge.has(code) || otherProducer.has(code))) throw this.#givenUp(append, failure)
    if (tooLarge.has(code)) {
      if (batch.records.length === 1) throw this.#tooLarge(batch)
      queue.splice(0, 1, ...halvesOf(batch))
      return undefined
    }
    if (otherProducer.has(code)) this.#forgetId()
    else if (!notTaken.has(code)) batch.isInDoubt = true
    return failure
  }

  #tooLarge({ records, bytes }: Batch): SpillwayError {
    return errors.topicRecordTooLarge({
      log: this.#leaders.topic,
      bytes: records[0]!.value?.length ?? bytes?.length ?? 0,
    })
  }

  #refused(error: unknown): SpillwayError {
    return errors.kafkaRefused({ brokers: this.#leaders.topic, reason: reasonOf(error) }, error)
  }

  #givenUp(append: Append, failure: unknown): SpillwayError {
    const isInDoubt = append.hasTaken || hasDoubt(append)
    const reason = reasonOf(failure)
    if (isInDoubt) return errors.appendUnknown({ log: this.#leaders.topic, reason }, failure)
    return this.#leaders.unavailable(failure)
  }

  #forgetId(): void {
    this.#id = undefined
    this.#sequences.clear()
  }
}
