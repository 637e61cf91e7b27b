/**
 * The supervisor of one run: opens every partition, watches what they hold, and ends the run.
 *
 * Runs no user code itself; lanes run in this process behind the partition runner, which is the seam to workers.
 */
import { errors } from '../../model/errors.ts'
import { parseTime } from '../../model/event-time.ts'
import type { EventLog, LogBounds } from '../../model/ports/event-log.ts'
import { type Partition, partition as toPartition } from '../../model/position.ts'
import type { RunOutcome } from '../../model/run-handle.ts'
import { messageOf } from '../../model/spillway-error.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { SpoutNode } from '../../model/topology.ts'
import { type CreditState, epochsToClose, mayFetch } from '../credit.ts'
import { acceptedTable } from './accepted-tokens.ts'
import { deletesTable } from './delete-rows.ts'
import type { DeadLetter, EngineParts } from './engine-parts.ts'
import { lookUpLaneBases } from './open-document.ts'
import type { PartitionHost } from './partition-host.ts'
import { PartitionRunner } from './partition-runner.ts'
import { Abandoned, persist } from './persist.ts'
import { Pulse } from './pulse.ts'
import { tendPartitions } from './tend-partitions.ts'

// More are counted, but not told apart from repeats: 100,000 keys are about 10 MB.
const knownDeadLettersMax = 100_000

const placeOf = (runner: PartitionRunner, lane: number): string =>
  `${runner.plan.spout.name}/${runner.partition}/${lane}`

export class Engine {
  readonly partitions: PartitionRunner[] = []
  readonly paused: Set<string> = new Set()
  /** Ids of delete requests or jobs whose work waits. */
  readonly #pausedDeletes = new Set<string>()
  readonly #parts: EngineParts
  readonly #untilCaughtUp: boolean
  readonly #abort = new AbortController()
  readonly #stop = new AbortController()
  readonly #pulse = new Pulse()
  readonly #startedMs: number
  readonly #deadLetters = new Set<string>()
  #deadLetterCount = 0
  /** Of the logs when the run began. */
  readonly #bounds = new Map<PartitionRunner, LogBounds>()
  readonly #laneBase: (spout: string) => Promise<number>
  #error: Error | undefined
  #failedSinks = new Set<string>()
  #records = 0
  #bytes = 0
  #state: 'running' | 'stopping' | 'stopped' | 'failed' = 'running'

  constructor(parts: EngineParts, untilCaughtUp: boolean) {
    this.#parts = parts
    this.#untilCaughtUp = untilCaughtUp
    this.#startedMs = parts.clock.nowMs()
    this.#laneBase = lookUpLaneBases(parts)
  }

  get state(): 'running' | 'stopping' | 'stopped' | 'failed' {
    return this.#state
  }

  get isCaughtUp(): boolean {
    return this.partitions.every((one) => one.isCaughtUp(this.endOf(one)))
  }

  /** Whether a sink has stopped with an error. */
  hasFailed(sink: string): boolean {
    return this.#failedSinks.has(sink)
  }

  get error(): Error | undefined {
    return this.#error
  }

  /** End of a partition's log when the run began. */
  endOf(runner: PartitionRunner): number {
    return Number.isFinite(runner.target) ? runner.target : (this.#bounds.get(runner)?.end ?? 0)
  }

  /** Creates tables, opens ledgers and sinks, and starts the lanes. */
  async start(): Promise<void> {
    const { plans, resources, topology } = this.#parts
    await persist(this.#parts, 'rows', this.#abort.signal, () => resources.rows.ensureTable(deletesTable))
    for (const plan of plans) await this.#ensureTables(plan)
    for (const plan of plans) {
      const log = resources.logs[plan.spout.name] ?? resources.logs['default']
      if (log === undefined) throw errors.badConfiguration({ problem: `spout ${plan.spout.name} has no log` })
      for (let index = 0; index < log.partitions; index++) await this.#openPartition(plan, log, toPartition(index))
    }
    this.#checkFingerprints()
    await Promise.all(this.partitions.map((one) => one.start(this.#bounds.get(one)!)))
    // Two spouts may read one log.
    const count = new Set(this.partitions.map((one) => `${one.log.id} ${one.partition}`)).size
    const text = `${topology.name} runs on ${count} partitions`
    this.#parts.report({ kind: 'started', level: 'info', text, fields: { partitions: count } })
  }

  /** Resolves when everything up to the end of the log seen at the start is durable, or with the error that prevents it. */
  async caughtUp(): Promise<void> {
    for (;;) {
      if (this.#error !== undefined && this.#areOthersCaughtUp()) throw this.#error
      if (this.#abort.signal.aborted) throw new Abandoned()
      if (this.isCaughtUp) return
      await this.#pulse.next()
    }
  }

  /** Asks everybody to finish what is open, waits for at most `shutdown.drainMs`, and ends. */
  async end(): Promise<RunOutcome> {
    if (this.#state === 'running') this.#state = 'stopping'
    const isCaughtUp = this.isCaughtUp
    this.#stop.abort()
    for (const one of this.partitions) one.wake()
    await this.#drain()
    this.#abort.abort()
    await Promise.all(this.partitions.map((one) => one.close().catch(() => undefined)))
    this.#state = this.#error === undefined ? 'stopped' : 'failed'
    this.#pulse.beat()
    const elapsedMs = this.#parts.clock.nowMs() - this.#startedMs
    const ended = this.#untilCaughtUp && isCaughtUp ? 'caughtUp' : 'stopped'
    const state = this.#error === undefined ? ended : 'failed'
    this.#parts.report({
      kind: 'stopped',
      level: 'info',
      text: `${this.#parts.topology.name} has stopped`,
      fields: { state },
    })
    const counts = { records: this.#records, bytes: this.#bytes, deadLetters: this.#deadLetterCount }
    return { state, error: this.#error, ...counts, elapsedMs }
  }

  setPaused(sink: string, isPaused: boolean): void {
    if (isPaused) this.paused.add(sink)
    else this.paused.delete(sink)
    for (const one of this.partitions) one.setPaused(sink, isPaused)
  }

  isDeletePaused(id: string): boolean {
    return this.#pausedDeletes.has(id)
  }

  setDeletePaused(id: string, isPaused: boolean): void {
    if (this.#pausedDeletes.has(id) === isPaused) return
    if (isPaused) this.#pausedDeletes.add(id)
    else this.#pausedDeletes.delete(id)
    for (const one of this.partitions) one.wakeDeletes()
    const text = isPaused
      ? `delete ${id} is paused; \`topology deletes resume ${id}\` lets it go on`
      : `delete ${id} goes on`
    this.#parts.report({ kind: 'delete', level: isPaused ? 'warn' : 'info', text, fields: { id, paused: isPaused } })
  }

  /** Whether every lane that can still move has nothing more to do: an error elsewhere need not be waited for. */
  #areOthersCaughtUp(): boolean {
    return this.partitions.every((one) =>
      [...one.lanes.values()].every(
        (lane) => !lane.isActive || lane.isPaused || (lane.isSettled && lane.position >= this.endOf(one)),
      ),
    )
  }

  async #drain(): Promise<void> {
    const { clock } = this.#parts
    const endMs = clock.nowMs() + this.#parts.knob('shutdown.drainMs')
    while (!this.partitions.every((one) => one.isSettled)) {
      const restMs = endMs - clock.nowMs()
      if (restMs <= 0) return
      const timer = new AbortController()
      await Promise.race([
        this.#pulse.next(timer.signal),
        clock.sleep(Math.min(restMs, this.#parts.knob('ledger.tickMs')), timer.signal),
      ])
      timer.abort()
    }
  }

  async #ensureTables(plan: SpoutPlan): Promise<void> {
    const { rows } = this.#parts.resources
    for (const { name, sink, operator, dedupes } of plan.sinks) {
      for (const table of [...sink.tables(name, operator), ...(dedupes.length > 0 ? [acceptedTable] : [])]) {
        await persist(this.#parts, 'rows', this.#abort.signal, () => rows.ensureTable(table))
      }
    }
  }

  async #openPartition(plan: SpoutPlan, log: EventLog, partition: Partition): Promise<void> {
    if (plan.sinks.length === 0) return
    const spout = plan.spout
    const startAt = await this.#startOffset(spout, log, partition)
    const runner = await PartitionRunner.open(this.#parts, this.#host(), plan, log, partition, this.#untilCaughtUp, {
      startAt,
      laneBase: this.#laneBase,
    })
    this.partitions.push(runner)
    this.#bounds.set(runner, await persist(this.#parts, 'log', this.#abort.signal, () => log.bounds(partition)))
  }

  /** Where a topology that has no position yet begins. */
  async #startOffset(spout: SpoutNode, log: EventLog, partition: Partition): Promise<number> {
    const from = spout.options.from ?? 'earliest'
    const { start, end } = await persist(this.#parts, 'log', this.#abort.signal, () => log.bounds(partition))
    if (from === 'earliest') return start
    if (from === 'latest') return end
    const timeMs = parseTime(from)
    if (timeMs === undefined)
      throw errors.badConfiguration({ problem: `from: ${JSON.stringify(from)} is neither earliest, latest nor a time` })
    return log.offsetAt(partition, timeMs)
  }

  /** A sink's rows mean one thing only: whoever changes the meaning gives it another name. */
  #checkFingerprints(): void {
    for (const one of this.partitions) {
      for (const node of one.plan.sinks) {
        const state = one.doc.sinks[node.name]
        if (state === undefined || state.fingerprint === node.fingerprint) continue
        throw errors.sinkChanged({ sink: node.name })
      }
    }
  }

  #host(): PartitionHost {
    return {
      signal: this.#abort.signal,
      stopSignal: this.#stop.signal,
      isStopping: () => this.#stop.signal.aborted,
      isPaused: (sink) => this.paused.has(sink),
      isDeletePaused: (id) => this.#pausedDeletes.has(id),
      hasCredit: (bytes) => this.#hasCredit(bytes),
      noteRead: (records, bytes) => {
        this.#records += records
        this.#bytes += bytes
      },
      noteDeadLetter: (letter) => this.#noteDeadLetter(letter),
      sinkStopped: (sink, error) => this.#sinkStopped(sink, error),
      changed: () => this.#pulse.beat(),
    }
  }

  #hasCredit(bytes: number): boolean {
    const lanes = new Map(
      this.partitions.flatMap((one) => [...one.lanes].map(([id, lane]) => [placeOf(one, id), lane])),
    )
    let heldBytes = 0
    for (const lane of lanes.values()) heldBytes += lane.heldBytes()
    const credit: CreditState = { budgetBytes: this.#parts.knob('memory.budgetBytes'), heldBytes }
    const holders = [...lanes].map(([id, lane]) => ({ id, openBytes: lane.openBytes() }))
    for (const id of epochsToClose(credit, holders)) lanes.get(id)?.check('pressure')
    return mayFetch(credit, bytes)
  }

  #noteDeadLetter(letter: DeadLetter): void {
    const key = `${letter.spout}/${letter.partition}/${letter.record.offset}`
    if (this.#deadLetters.has(key)) return
    if (this.#deadLetters.size < knownDeadLettersMax) this.#deadLetters.add(key)
    this.#deadLetterCount += 1
    const { topic, partition, cause, message } = letter
    const fields = { topic, partition, offset: letter.record.offset, cause }
    this.#parts.report({
      kind: 'deadLetter',
      level: 'warn',
      text: `dead letter ${topic}/${partition}@${letter.record.offset}: ${cause}: ${message}`,
      fields,
    })
  }

  #sinkStopped(sink: string, error: unknown): void {
    const failure = error instanceof Error ? error : new Error(messageOf(error))
    this.#error ??= failure
    if (!this.#failedSinks.has(sink)) {
      this.#failedSinks.add(sink)
      this.#parts.report({
        kind: 'laneStopped',
        level: 'error',
        text: `sink ${sink} stopped: ${failure.message}`,
        fields: { sink },
      })
    }
    this.#pulse.beat()
  }

  /** Does what is done now and then, until the end. */
  tend(): Promise<void> {
    return tendPartitions(this.#parts.clock, this.partitions, this.#stop.signal)
  }
}
