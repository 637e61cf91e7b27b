/**
 * Appends of one process, gathered into rounds: while one round is written and synced, the calls that arrive wait
 * together for the next, so that many small appends cost one sync.
 *
 * A round is written to all its partitions and synced before any of it is published. If one partition fails (a full
 * disk), the round is taken back from all and every call of it is refused as a whole: repeating it doubles nothing.
 * Only a process that dies in a round leaves a part of it.
 */
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { Offset } from '../../model/position.ts'
import type { EncodedFrames } from './encode-frames.ts'
import type { PartitionWriter } from './partition-writer.ts'
import type { WriteLock } from './write-lock.ts'

/** Frames of one call, by partition, and its answer: first offsets in the order of the parts. */
interface Call {
  readonly parts: ReadonlyMap<number, EncodedFrames>
  readonly bytes: number
  readonly resolve: (offsets: ReadonlyMap<number, Offset>) => void
  readonly reject: (cause: unknown) => void
}

// One round at 500 MB/s takes 30 ms: short enough for other processes that wait, long enough to hide the sync.
const roundBytesMax = 16_777_216
// Two rounds wait while one is written; who comes then is told to wait.
const waitingBytesMax = 2 * roundBytesMax

export interface AppendQueueOptions {
  readonly folder: string
  readonly clock: Clock
  readonly lock: WriteLock
  readonly writers: readonly PartitionWriter[]
  /** Called with each partition that has new records. */
  readonly onPublished: (partition: number) => void
}

export class AppendQueue {
  readonly #options: AppendQueueOptions
  #calls: Call[] = []
  #waitingBytes = 0
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: AppendQueueOptions) {
    this.#options = options
  }

  /** Resolves with the first offset in each partition when all parts are durable. */
  async append(encode: () => ReadonlyMap<number, EncodedFrames>): Promise<ReadonlyMap<number, Offset>> {
    while (this.#waitingBytes >= waitingBytesMax) await this.#running
    if (this.#isClosed) throw errors.pathUnusable({ path: this.#options.folder, reason: 'the log is closed' })
    const parts = encode()
    let bytes = 0
    for (const part of parts.values()) bytes += part.bytes.length
    return await new Promise((resolve, reject) => {
      this.#calls.push({ parts, bytes, resolve, reject })
      this.#waitingBytes += bytes
      this.#running ??= this.#run()
    })
  }

  /** Refuses further calls and waits for those that were taken. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#calls.length > 0) {
      let round: readonly Call[] = []
      try {
        await this.#options.lock.hold(async () => {
          // Taken only now: what came while another process was writing goes along.
          round = this.#take(roundBytesMax)
          const answers = await this.#write(round)
          round.forEach((call, index) => {
            call.resolve(answers[index]!)
          })
        })
      } catch (cause) {
        // Without the lock nobody's turn will come either.
        if (round.length === 0) round = this.#take(Number.POSITIVE_INFINITY)
        for (const call of round) call.reject(cause)
      }
      for (const call of round) this.#waitingBytes -= call.bytes
    }
    this.#running = undefined
  }

  /** Takes calls from the front, at least one, up to `bytesMax`. */
  #take(bytesMax: number): readonly Call[] {
    let bytes = 0
    let count = 0
    for (const call of this.#calls) {
      if (count > 0 && bytes + call.bytes > bytesMax) break
      bytes += call.bytes
      count += 1
    }
    return this.#calls.splice(0, count)
  }

  async #write(round: readonly Call[]): Promise<readonly ReadonlyMap<number, Offset>[]> {
    const partitions = [...new Set(round.flatMap((call) => [...call.parts.keys()]))]
    const writers = partitions.map((partition) => this.#options.writers[partition]!)
    await allDone(writers.map((writer) => writer.prepare()))
    const nowMs = Math.floor(this.#options.clock.nowMs())
    const answers = round.map(() => new Map<number, Offset>())
    const write = async (partition: number, writer: PartitionWriter): Promise<void> => {
      const takers = answers.filter((_, index) => round[index]!.parts.has(partition))
      const items = round.flatMap((call) => call.parts.get(partition) ?? [])
      const offsets = await writer.write(items, nowMs)
      offsets.forEach((first, index) => {
        takers[index]!.set(partition, first)
      })
    }
    try {
      await allDone(partitions.map((partition, index) => write(partition, writers[index]!)))
    } catch (cause) {
      await Promise.allSettled(writers.map((writer) => writer.undo()))
      throw cause
    }
    for (const writer of writers) writer.publish()
    for (const partition of partitions) this.#options.onPublished(partition)
    return answers
  }
}

/** Waits for all, also when one fails: no write may still be under way when the round is taken back. */
const allDone = async (works: readonly Promise<void>[]): Promise<void> => {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason
}
