/**
 * Reads one partition for any number of readers at once, each at its own position.
 *
 * Keeps I-1: what a reader gets at an offset is a function of the log, however the answers were cut.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { FetchOptions } from '../../model/ports/event-log.ts'
import { type Offset, offset, partition as partitionAt } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { RecordTexts } from './decode-records.ts'
import { type FetchedBytes, fetchRecords, type WantedRecords } from './fetch-records.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { createKeptHeaders, createKeptKeys } from './kept-texts.ts'
import { type DecodedRecords, RecordBatches } from './record-batches.ts'
import type { FetchKind, TopicLeaders } from './topic-leaders.ts'

/** What the reader needs to know of the cluster. */
export type ReaderLeaders = Pick<TopicLeaders, 'topic' | 'call' | 'isCrowded'>

// A reader that goes away leaves its connection waiting for this long at most.
const pollMs = 500
const pollMsCrowded = 100
// A broker that answers at once with nothing is not asked again at once.
const restMs = 20

export class PartitionReader {
  readonly #leaders: ReaderLeaders
  readonly #partition: number
  readonly #clock: Clock
  readonly #texts: RecordTexts = { keys: createKeptKeys(), headers: createKeptHeaders() }
  readonly #kept: KeptAnswers

  constructor(leaders: ReaderLeaders, partition: number, kept: KeptAnswers, clock: Clock) {
    this.#leaders = leaders
    this.#partition = partition
    this.#kept = kept
    this.#clock = clock
  }

  async read(from: Offset, options: FetchOptions): Promise<RecordBatch> {
    const { signal, minBytes = 1 } = options
    const kind: FetchKind = options.isBacklog === true ? 'backlog' : 'fetch'
    const kept = this.#kept.take(this.#partition, from)
    if (kept !== undefined) return await this.#batch(from, kept, options.maxBytes)
    let maxBytes = options.maxBytes
    let leftMs = options.waitMs
    while (signal?.aborted !== true) {
      const waitMs = Math.min(leftMs, this.#leaders.isCrowded(kind, this.#partition) ? pollMsCrowded : pollMs)
      const startedMs = this.#clock.nowMs()
      const wanted = { maxBytes, minBytes, waitMs: Math.max(0, Math.round(waitMs)) }
      const fetched = await unlessAborted(this.#fetch(kind, from, wanted, signal), signal)
      if (fetched === undefined) break
      const batches = new RecordBatches(fetched, from, this.#place(), this.#texts)
      const batch = await this.#batch(from, batches, options.maxBytes)
      if (batch.to > from) return batch
      const isCutOff = batches.cutOffBytes > maxBytes
      if (isCutOff) maxBytes = batches.cutOffBytes
      else {
        if (leftMs <= 0) break
        const tookMs = this.#clock.nowMs() - startedMs
        if (tookMs < waitMs / 2) await this.#clock.sleep(Math.min(restMs, leftMs), signal)
        leftMs -= Math.max(this.#clock.nowMs() - startedMs, restMs)
      }
    }
    return { partition: partitionAt(this.#partition), from, to: from, records: [], byteLength: 0 }
  }

  #fetch(kind: FetchKind, from: Offset, wanted: WantedRecords, signal?: AbortSignal): Promise<FetchedBytes> {
    return this.#leaders.call(
      kind,
      this.#partition,
      (connection, place) => fetchRecords(connection, place, from, wanted),
      signal,
    )
  }

  async #batch(from: Offset, batches: RecordBatches, maxBytes: number): Promise<RecordBatch> {
    const decoded: DecodedRecords = await batches.read(maxBytes)
    if (!batches.isDone) this.#kept.keep(this.#partition, batches)
    const { records, to, byteLength, leaderEpoch } = decoded
    return {
      partition: partitionAt(this.#partition),
      from,
      to: offset(to),
      records,
      byteLength,
      ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
    }
  }

  #place(): { log: string; partition: number } {
    return { log: this.#leaders.topic, partition: this.#partition }
  }
}

/** What `work` gives, or `undefined` as soon as the signal aborts; the work then ends by itself. */
const unlessAborted = async <Answer>(work: Promise<Answer>, signal?: AbortSignal): Promise<Answer | undefined> => {
  if (signal === undefined) return await work
  let stop = (): void => {}
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
  try {
    work.catch(() => {})
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
