/**
 * The supervisor of one run: has the partitions that this process is given, watches what they hold, and ends the run.
 *
 * Runs no user code itself; lanes run in this process behind the partition runner, which is the seam to workers.
 */
import { errors } from '../../model/errors.ts'
import { partition as toPartition } from '../../model/position.ts'
import type { RunOutcome } from '../../model/run-handle.ts'
import { messageOf } from '../../model/spillway-error.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { acceptedTable } from './accepted-tokens.ts'
import { DeadLetterTally } from './dead-letter-tally.ts'
import { deletesTable } from './delete-rows.ts'
import type { EngineParts } from './engine-parts.ts'
import { LaneCredit } from './lane-credit.ts'
import { Memberships } from './memberships.ts'
import { checkDocuments, partitionOpener } from './open-partition.ts'
import { OwnedPartitions, type PartitionPlace } from './owned-partitions.ts'
import type { PartitionHost } from './partition-host.ts'
import type { PartitionRunner } from './partition-runner.ts'
import { Abandoned, persist } from './persist.ts'
import { Pulse } from './pulse.ts'
import { settleWithin } from './settle-within.ts'
import { tendPartitions } from './tend-partitions.ts'
import { TopicProgress } from './topic-progress.ts'
import { waitForBeat } from './wait-for-beat.ts'

// How often a run looks at what others have made durable, when it ends with that, and when it only tells of it.
const lookEveryMs = { untilCaughtUp: 1_000, live: 10_000 } as const

/** What begins when the logs are known. */
interface Begun {
  readonly owned: OwnedPartitions
  readonly progress: TopicProgress
  readonly memberships: Memberships
}

export class Engine {
  readonly paused: Set<string> = new Set()
  /** Ids of delete requests or jobs whose work waits. */
  readonly #pausedDeletes = new Set<string>()
  readonly #parts: EngineParts
  readonly #untilCaughtUp: boolean
  readonly #abort = new AbortController()
  readonly #stop = new AbortController()
  readonly #pulse = new Pulse()
  readonly #startedMs: number
  readonly #deadLetters: DeadLetterTally
  readonly #credit: LaneCredit
  #begun: Begun | undefined
  #error: Error | undefined
  readonly #lost = new AbortController()
  #failedSinks = new Set<string>()
  /** When others are looked at again. */
  #lookAtMs = 0
  #records = 0
  #bytes = 0
  #state: 'running' | 'stopping' | 'stopped' | 'failed' = 'running'

  constructor(parts: EngineParts, untilCaughtUp: boolean) {
    this.#parts = parts
    this.#untilCaughtUp = untilCaughtUp
    this.#startedMs = parts.clock.nowMs()
    this.#deadLetters = new DeadLetterTally(parts.report)
    this.#credit = new LaneCredit(parts)
  }

  get state(): 'running' | 'stopping' | 'stopped' | 'failed' {
    return this.#state
  }

  /** Those that this process has now. */
  get partitions(): readonly PartitionRunner[] {
    return this.#begun?.owned.runners ?? []
  }

  /** Of the whole topic, also of what other processes have. */
  get isCaughtUp(): boolean {
    return this.#begun?.progress.isCaughtUp ?? false
  }

  /** Whether a sink has stopped with an error. */
  hasFailed(sink: string): boolean {
    return this.#failedSinks.has(sink)
  }

  get error(): Error | undefined {
    return this.#error
  }

  /** Aborts when nothing of the run can go on, whatever else is under way. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** End of a partition's log when the run began. */
  endOf(runner: PartitionRunner): number {
    return this.#begun?.owned.endOf(runner) ?? 0
  }

  /** Creates tables, looks at all ledgers, and starts the lanes of the partitions that this process is given. */
  async start(): Promise<void> {
    const { plans, resources, topology } = this.#parts
    await persist(this.#parts, 'rows', this.#abort.signal, () => resources.rows.ensureTable(deletesTable))
    for (const plan of plans) await this.#ensureTables(plan)
    const places = (await Promise.all(plans.map((plan) => this.#placesOf(plan)))).flat()
    await checkDocuments(this.#parts, this.#abort.signal, places)
    const opener = partitionOpener(this.#parts, this.#untilCaughtUp)
    const owned = new OwnedPartitions(this.#parts, this.#host(), this.#pulse, places, opener)
    const progress = new TopicProgress(this.#parts, places, owned, (id) => this.isDeletePaused(id))
    const memberships = new Memberships(this.#parts, places, {
      assigned: (log, partitions) =>
        this.#stop.signal.aborted
          ? Promise.resolve()
          : owned.own(log, partitions).catch((error: unknown) => this.#lose(error)),
      failed: (error) => this.#lose(error),
    })
    this.#begun = { owned, progress, memberships }
    await memberships.join()
    if (this.#lost.signal.aborted) throw this.#error
    // Two spouts may read one log.
    const count = new Set(places.map((one) => `${one.log.id} ${one.partition}`)).size
    const text = `${topology.name} runs on ${count} partitions${memberships.isShared ? ', shared with others' : ''}`
    this.#parts.report({ kind: 'started', level: 'info', text, fields: { partitions: count } })
  }

  /** Resolves when everything up to the end of the log seen at the start is durable, or with the error that prevents it. */
  async caughtUp(): Promise<void> {
    const { progress, memberships } = this.#begun!
    for (;;) {
      if (this.#error !== undefined && (this.#lost.signal.aborted || this.#areOthersCaughtUp())) throw this.#error
      if (this.#abort.signal.aborted) throw new Abandoned()
      if (this.isCaughtUp) return
      // Who stops looks no more.
      const isLooking = memberships.isShared && progress.isOwnCaughtUp && !this.#stop.signal.aborted
      if (isLooking) await this.#waitForOthers(progress)
      else await this.#pulse.next()
    }
  }

  /** Asks everybody to finish what is open, waits for at most `shutdown.drainMs`, and ends. */
  async end(): Promise<RunOutcome> {
    if (this.#state === 'running') this.#state = 'stopping'
    const isCaughtUp = this.isCaughtUp
    this.#stop.abort()
    for (const one of this.partitions) one.wake()
    const isSettled = (): boolean => this.partitions.every((one) => one.isSettled)
    await settleWithin(this.#parts, this.#pulse, this.#parts.knob('shutdown.drainMs'), isSettled)
    await this.#leave()
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
    const counts = { records: this.#records, bytes: this.#bytes, deadLetters: this.#deadLetters.count }
    return { state, error: this.#error, ...counts, elapsedMs }
  }

  async #leave(): Promise<void> {
    const { owned, memberships } = this.#begun ?? {}
    await memberships?.commit(this.partitions)
    this.#abort.abort()
    await owned?.close()
    await memberships?.leave()
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

  /** Others have the rest: this process goes on with what comes in meanwhile, for they may wait for it too. */
  async #waitForOthers(progress: TopicProgress): Promise<void> {
    const { clock } = this.#parts
    if (clock.nowMs() >= this.#lookAtMs) {
      this.#lookAtMs = clock.nowMs() + (this.#untilCaughtUp ? lookEveryMs.untilCaughtUp : lookEveryMs.live)
      await progress.look(this.#stop.signal)
      for (const one of this.#untilCaughtUp ? this.partitions : [])
        one.raiseTarget((await one.log.bounds(one.partition).catch(() => ({ end: 0 }))).end)
    }
    if (this.isCaughtUp) return
    await waitForBeat(clock, this.#pulse, Math.max(0, this.#lookAtMs - clock.nowMs()))
  }

  async #ensureTables(plan: SpoutPlan): Promise<void> {
    const { rows } = this.#parts.resources
    for (const { name, sink, operator, dedupes } of plan.sinks) {
      for (const table of [...sink.tables(name, operator), ...(dedupes.length > 0 ? [acceptedTable] : [])]) {
        await persist(this.#parts, 'rows', this.#abort.signal, () => rows.ensureTable(table))
      }
    }
  }

  async #placesOf(plan: SpoutPlan): Promise<readonly PartitionPlace[]> {
    const { logs } = this.#parts.resources
    const log = logs[plan.spout.name] ?? logs['default']
    if (log === undefined) throw errors.badConfiguration({ problem: `spout ${plan.spout.name} has no log` })
    const partitions = Array.from({ length: plan.sinks.length === 0 ? 0 : log.partitions }, (_, one) =>
      toPartition(one),
    )
    return Promise.all(
      partitions.map(async (partition) => {
        const { end } = await persist(this.#parts, 'log', this.#abort.signal, () => log.bounds(partition))
        return { plan, log, partition, end }
      }),
    )
  }

  #host(): PartitionHost {
    return {
      signal: this.#abort.signal,
      stopSignal: this.#stop.signal,
      isStopping: () => this.#stop.signal.aborted,
      isPaused: (sink) => this.paused.has(sink),
      isDeletePaused: (id) => this.isDeletePaused(id),
      hasCredit: (bytes) => this.#credit.hasRoom(bytes),
      noteHeld: (holder) => this.#credit.note(holder),
      noteRead: (records, bytes) => {
        this.#records += records
        this.#bytes += bytes
      },
      noteDeadLetter: (letter) => this.#deadLetters.note(letter),
      sinkStopped: (sink, error) => this.#sinkStopped(sink, error),
      changed: () => this.#pulse.beat(),
    }
  }

  /** Nothing can go on: the run ends with the error. */
  #lose(error: unknown): void {
    if (error instanceof Abandoned) return
    this.#error ??= error instanceof Error ? error : new Error(messageOf(error))
    this.#lost.abort()
    this.#pulse.beat()
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
        fields: { sink, reason: failure.message },
      })
    }
    this.#pulse.beat()
  }

  /** Does what is done now and then, until the end. */
  tend(): Promise<void> {
    const commit = (): Promise<void> => this.#begun?.memberships.commit(this.partitions) ?? Promise.resolve()
    return tendPartitions(this.#parts.clock, () => this.partitions, commit, this.#stop.signal)
  }
}
