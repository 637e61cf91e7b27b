/**
 * Answers a query in a thread of its own, so that whatever is asked, the program that asks stays responsive.
 *
 * The thread is ended for good when it gives no sign of life for longer than the budget, when nobody wants the answer
 * any more, and when it is done. Chunks are taken at the pace of the consumer; what waits is bounded.
 */
import { Worker } from 'node:worker_threads'
import type { RollupQuery } from '../operators/query/plan-query.ts'
import {
  type AnswerForm,
  type AnswerOrder,
  type AnswerReport,
  chunksAhead,
  type FromMaker,
  type ToMaker,
} from './answer-messages.ts'
import { systemClock } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { StateOperator } from './model/operator.ts'
import type { Clock } from './model/ports/clock.ts'
import type { Row, RowStore } from './model/ports/row-store.ts'
import { errorOfPlain, plainErrorOf } from './model/spillway-error.ts'

export interface RollupStreamQuery extends RollupQuery {
  /** URL of the rows, which the thread opens for itself, or an open store, which is read here. */
  readonly rows: string | RowStore
  readonly sink: string
  /** The rollup as it was declared. */
  readonly operator: StateOperator
  /** Absolute path of the module that declares it: needed for aggregates that are not built in. */
  readonly file?: string | undefined
  readonly project?: string | undefined
  /** Default `json`: the whole document that `JSON.stringify(await readRollup(...))` would give. */
  readonly form?: AnswerForm
  /** Time for the writing of the answer, and how long a step of it may show nothing. Default: the initial `fill.budgetMs`. */
  readonly budgetMs?: number
  /** Gives the answer up: its reason is thrown. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

// Beside the budget: a loaded machine may stand still for a moment.
const graceMs = 1_000
// A thread that loads the modules of a large program on a loaded machine.
const startMs = 30_000

/**
 * The answer in chunks of at most 128 KiB. Throws `queryOverBudget` when it is given up, `queryTooLarge` and
 * `badConfiguration` as `readRollup` does. Leaving the loop ends the thread.
 */
export async function* streamRollup(asked: RollupStreamQuery): AsyncGenerator<Uint8Array, AnswerReport> {
  const { clock = systemClock, budgetMs = knobValue('fill.budgetMs'), signal } = asked
  signal?.throwIfAborted()
  const maker = new Maker(orderOf(asked, budgetMs))
  const over = new AbortController()
  signal?.addEventListener('abort', () => maker.fail(signal.reason), { signal: over.signal })
  const watching = watch(maker, clock, budgetMs, over.signal)
  try {
    for (;;) {
      const message = await maker.receive()
      if (message.kind === 'chunk') {
        yield message.bytes
        maker.send({ kind: 'taken' })
        await giveWay()
      } else if (message.kind === 'end') return message.report
      else if (message.kind === 'failed') throw errorOfPlain(message.error)
      else if (message.kind === 'scan')
        await maker.scan(asked.rows as RowStore, message) // only a store is scanned from there
      else if (message.kind === 'nextPage') await maker.page()
    }
  } finally {
    over.abort()
    await maker.end()
    await watching
  }
}

/** Chunks may come faster than they are taken: without this, nothing else would have its turn until the last one. */
const giveWay = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const orderOf = (asked: RollupStreamQuery, budgetMs: number): AnswerOrder => {
  const { rows, sink, operator, file, project, form = 'json', ...rest } = asked
  // These stay here; what is left is the query.
  const { clock: _clock, budgetMs: _budgetMs, signal: _signal, ...query } = rest
  return {
    query,
    sink,
    project,
    rows: typeof rows === 'string' ? rows : undefined,
    operator: { name: operator.name, options: operator.options },
    file,
    form,
    budgetMs,
  }
}

/** Fails the maker once it has owed something for the whole of its time without a sign. */
const watch = async (maker: Maker, clock: Clock, budgetMs: number, over: AbortSignal): Promise<void> => {
  const stepMs = (budgetMs + graceMs) / 2
  let silentSteps = 0
  let heard = -1
  while (!over.aborted) {
    await clock.sleep(stepMs, over)
    const isSilent = maker.owes() && maker.heard === heard
    silentSteps = isSilent ? silentSteps + 1 : 0
    heard = maker.heard
    const most = heard === 0 ? Math.max(2, Math.ceil(startMs / stepMs)) : 2
    if (silentSteps < most || over.aborted) continue
    maker.fail(errors.queryOverBudget({ phase: maker.isWriting ? 'writing it' : 'a step of reading', budgetMs }))
    return
  }
}

const isOutOfMemory = (error: Error): boolean => 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'

const outOfMemory = (): Error => errors.queryTooLarge({ reason: 'the answer needs more memory than a thread may take' })

/** The other thread, its messages in order, and what it owes. */
class Maker {
  /** Messages so far. */
  heard = 0
  isWriting = false
  readonly #worker: Worker
  readonly #waiting: FromMaker[] = []
  #wake: () => void = () => {}
  #failure: Error | undefined
  #untaken = 0
  #isScanned = false
  #pages: AsyncIterator<readonly Row[]> | undefined

  constructor(order: AnswerOrder) {
    // Built, the file beside this one has another ending.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./answer-worker.${ending}`, import.meta.url), { workerData: order })
    this.#worker.on('message', (message: FromMaker) => this.#take(message))
    this.#worker.on('error', (error) => this.fail(isOutOfMemory(error) ? outOfMemory() : error))
    this.#worker.on('exit', () => this.fail(new Error('the thread that makes the answer has ended')))
  }

  #take(message: FromMaker): void {
    this.heard += 1
    if (message.kind === 'chunk') {
      this.isWriting = true
      this.#untaken += 1
    }
    if (message.kind === 'scan' || message.kind === 'nextPage') this.#isScanned = true
    if (message.kind !== 'alive') this.#waiting.push(message)
    this.#wake()
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  /** Whether it is its turn: it waits neither for rows nor for somebody who takes its chunks. */
  owes(): boolean {
    return this.#untaken < chunksAhead && !this.#isScanned
  }

  /** The next message; what was sent before a failure comes first. */
  async receive(): Promise<FromMaker> {
    for (;;) {
      const message = this.#waiting.shift()
      if (message !== undefined) return message
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  send(message: ToMaker): void {
    if (message.kind === 'taken') this.#untaken -= 1
    else this.#isScanned = false
    this.#worker.postMessage(message)
  }

  async scan(rows: RowStore, { table, range }: Extract<FromMaker, { readonly kind: 'scan' }>): Promise<void> {
    this.#pages = rows.scan(table, range)[Symbol.asyncIterator]()
    await this.page()
  }

  async page(): Promise<void> {
    try {
      const next = await this.#pages?.next()
      this.send({ kind: 'page', rows: next?.done === false ? next.value : undefined })
    } catch (error) {
      this.send({ kind: 'scanFailed', error: plainErrorOf(error) })
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
    await this.#pages?.return?.()
  }
}
