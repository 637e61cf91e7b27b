/**
 * The loop of `ingest`: judges items, appends records in batches, tells refused lines and the number of durable ones.
 *
 * One append is under way while the next batch is read, and never two: records keep the order of the input, and after a
 * break the lines told as durable are exactly a beginning of it. What is there is appended as soon as the append before
 * has ended, so that lines of a slow input do not wait for each other; of a fast one batches grow to their bound.
 */
import type { EventLog } from '../../model/ports/event-log.ts'
import type { NewRecord } from '../../model/record.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import type { CommandIo } from '../command.ts'
import type { Talk } from '../talk.ts'
import { formatNumber } from '../text-table.ts'
import type { InputItem } from './input-item.ts'
import { createJudge, type IngestRule, type Judgement } from './judge-items.ts'
import { type InputFormat, type InputSource, readInput } from './read-input.ts'
import { untilAborted } from './until-aborted.ts'

export interface IngestCounts {
  readonly appended: number
  readonly refused: number
  /** Lines passed whose records are durable, refused and skipped ones included: what `--skip` takes. */
  readonly lines: number
  readonly isInterrupted: boolean
}

export interface AppendOptions {
  readonly io: CommandIo
  readonly talk: Talk
  readonly log: EventLog
  readonly rule: IngestRule
  readonly format: InputFormat | undefined
  readonly skip: number
  readonly sources: readonly InputSource[]
}

// One sync of the disk per batch: at 1 MiB its cost is small beside the writing.
const batchBytes = 1_048_576
const batchRecords = 10_000
// Refused lines that are told one by one; a file of another kind would fill the screen.
const refusalsTold = 20
const progressEveryMs = 1_000

export const appendItems = async (options: AppendOptions): Promise<IngestCounts> => new Ingest(options).run()

class Ingest {
  readonly #options: AppendOptions
  readonly #judge: ReturnType<typeof createJudge>
  #batch: NewRecord[] = []
  #batchBytes = 0
  #pending: Promise<void> = Promise.resolve()
  /** Stays true after a failure: nothing may be appended behind lines that are perhaps not there. */
  #isAppending = false
  #hasFailed = false
  #seen = 0
  #durable = 0
  #appended = 0
  #refused = 0
  #toldAtMs: number
  #startMs: number

  constructor(options: AppendOptions) {
    this.#options = options
    this.#judge = createJudge(options.rule, options.log.topic)
    this.#startMs = options.io.clock.nowMs()
    this.#toldAtMs = this.#startMs
  }

  async run(): Promise<IngestCounts> {
    const { io, sources, format, talk } = this.#options
    try {
      for (const source of sources) {
        for await (const items of untilAborted(readInput(source, format), io.signal)) {
          const judged = this.#judge(this.#unskipped(items))
          for (const [index, item] of items.entries()) {
            this.#take(source.name, item, judged[index - items.length + judged.length])
            if (this.#batchBytes >= batchBytes || this.#batch.length >= batchRecords) await this.#flush()
          }
          if (this.#hasFailed) await this.#pending
          if (!this.#isAppending) this.#begin()
        }
        if (io.signal.aborted) break
      }
    } catch (error) {
      // What was read before the fault is still appended, so that the count that is told is a clean cut.
      await this.#flush().catch(() => undefined)
      await this.#pending.catch(() => undefined)
      talk.clear()
      talk.error(`stopped behind line ${this.#durable}; \`--skip ${this.#durable}\` goes on from there`)
      throw error
    }
    await this.#flush()
    await this.#pending
    talk.clear()
    if (this.#refused > refusalsTold) talk.warn(`${this.#refused - refusalsTold} more lines were refused`)
    const isInterrupted = io.signal.aborted
    return { appended: this.#appended, refused: this.#refused, lines: this.#durable, isInterrupted }
  }

  /** Items behind `--skip`. */
  #unskipped(items: readonly InputItem[]): readonly InputItem[] {
    const rest = this.#options.skip - this.#seen
    return rest <= 0 ? items : items.slice(rest)
  }

  /** Takes the next item; without a judgement it is skipped. */
  #take(source: string, item: InputItem, judgement: Judgement | undefined): void {
    this.#seen++
    if (judgement === undefined || (item.bytes.length === 0 && item.problem === undefined)) return
    const { record, problem } = judgement
    if (problem !== undefined) {
      this.#refused++
      if (this.#refused <= refusalsTold) this.#tellRefusal(source, item, problem, record !== undefined)
    }
    if (record === undefined) return
    this.#batch.push(record)
    this.#batchBytes += (record.value?.length ?? 0) + 64
  }

  #tellRefusal(source: string, item: InputItem, problem: string, isKept: boolean): void {
    const name = source === '-' ? 'stdin' : source
    this.#options.talk.warn(`${name}:${item.line}: ${problem}${isKept ? ' (kept)' : ''}`)
  }

  /** Waits for the append before, then begins the next: at most one is under way. */
  async #flush(): Promise<void> {
    while (this.#isAppending) await this.#pending
    this.#begin()
  }

  #begin(): void {
    const batch = this.#batch
    const seen = this.#seen
    this.#batch = []
    this.#batchBytes = 0
    this.#isAppending = true
    this.#pending = this.#append(batch).then(() => {
      this.#isAppending = false
      this.#appended += batch.length
      const isNews = seen > this.#durable
      this.#durable = seen
      if (isNews) this.#tellProgress()
      // Nothing may come for a long time.
      if (this.#batch.length > 0) this.#begin()
    })
    // Whoever awaits `pending` next meets a failure; until then it is not unhandled.
    this.#pending.catch(() => {
      this.#hasFailed = true
    })
  }

  /** Repeats only what surely was not taken: a full disk says so, and waits for room. */
  async #append(batch: readonly NewRecord[]): Promise<void> {
    const { io, log, talk } = this.#options
    let isTold = false
    for (let pauseMs = 500; batch.length > 0; pauseMs = Math.min(10_000, pauseMs * 2)) {
      try {
        await log.append(batch)
        return
      } catch (error) {
        const mayRepeat = errorClassOf(error, 'stop') === 'retry' && isDiskFull(error) && !io.signal.aborted
        if (!mayRepeat) throw error
        if (!isTold) talk.warn(messageOf(error))
        isTold = true
        await io.clock.sleep(pauseMs, io.signal)
      }
    }
  }

  #tellProgress(): void {
    const { io, talk } = this.#options
    const nowMs = io.clock.nowMs()
    const rate = (this.#appended * 1_000) / Math.max(1, nowMs - this.#startMs)
    talk.debug(`${formatNumber(this.#durable)} lines durable`)
    if (io.isLive)
      talk.progress(`${formatNumber(this.#durable)} lines durable, ${formatNumber(Math.round(rate))} a second`)
    else if (nowMs - this.#toldAtMs >= progressEveryMs) {
      this.#toldAtMs = nowMs
      talk.info(`${formatNumber(this.#durable)} lines durable`)
    }
  }
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'publicName' in error && error.publicName === 'diskFull'
