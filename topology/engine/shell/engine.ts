/**
 * The supervisor of one run: has the partitions that this process is given, watches what they hold, and ends the run.
 *
 * Runs no user code itself; lanes run in this process behind the partition runner, which is the seam to workers.
 */
import type { RunOutcome } from '../../model/run-handle.ts'
import type { TenantRuleLine } from '../../model/run-snapshot.ts'
import type { WorkReport } from '../../model/work-report.ts'
import { beginPlaces } from './begin-places.ts'
import { DeadLetterTally } from './dead-letter-tally.ts'
import type { EngineParts } from './engine-parts.ts'
import { areOthersCaughtUp, asError, FailedSinks } from './failed-sinks.ts'
import { type IsHeld, isHeldBy } from './held-work.ts'
import { LaneCredit } from './lane-credit.ts'
import { LaneSupervisor } from './lane-supervisor.ts'
import { type BuildHouse, type LanesHouse, sameProcess } from './lanes-house.ts'
import { Memberships } from './memberships.ts'
import { checkDocuments, partitionOpener } from './open-partition.ts'
import { OwnedPartitions } from './owned-partitions.ts'
import type { PartitionDesk } from './partition-desk.ts'
import type { PartitionHost } from './partition-host.ts'
import { PartitionRunner } from './partition-runner.ts'
import { PausedDeletes } from './paused-deletes.ts'
import { Abandoned } from './persist.ts'
import { Pulse } from './pulse.ts'
import { raiseTargets } from './raise-targets.ts'
import { settleWithin } from './settle-within.ts'
import { tendPartitions } from './tend-partitions.ts'
import { TopicProgress } from './topic-progress.ts'
import { Turns } from './turns.ts'
import { waitForBeat } from './wait-for-beat.ts'
import { workReportOf } from './work-report-of.ts'

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
  readonly #pausedDeletes: PausedDeletes
  readonly #parts: EngineParts
  readonly #untilCaughtUp: boolean
  readonly #abort = new AbortController()
  readonly #stop = new AbortController()
  readonly #pulse = new Pulse()
  readonly #startedMs: number
  readonly #deadLetters: DeadLetterTally
  readonly #credit: LaneCredit
  readonly #turns: Turns
  readonly #supervisor: LaneSupervisor
  /** Where lanes run. */
  readonly house: LanesHouse
  /** What people have decided about tenants. */
  tenantRules: readonly TenantRuleLine[] = []
  /** Whether a person holds it, so that a run that ends by itself does not wait for it. */
  readonly isHeld: IsHeld | undefined
  #isDrained = false
  #begun: Begun | undefined
  #error: Error | undefined
  readonly #lost = new AbortController()
  readonly #failedSinks: FailedSinks
  /** When others are looked at again. */
  #lookAtMs = 0
  #records = 0
  #bytes = 0
  #state: 'running' | 'stopping' | 'stopped' | 'failed' = 'running'

  constructor(parts: EngineParts, untilCaughtUp: boolean, buildHouse: BuildHouse = sameProcess) {
    this.#parts = parts
    this.#untilCaughtUp = untilCaughtUp
    this.isHeld = untilCaughtUp ? isHeldBy(parts, this) : undefined
    this.#startedMs = parts.clock.nowMs()
    this.#deadLetters = new DeadLetterTally(parts.report)
    this.#pausedDeletes = new PausedDeletes(parts.report)
    this.#failedSinks = new FailedSinks(parts.report)
    this.#turns = new Turns(parts)
    this.#credit = new LaneCredit(parts, this.#turns.reads)
    this.house = buildHouse(parts, { lost: (error) => this.#lose(error) })
    this.#supervisor = new LaneSupervisor(parts, {
      partitions: () => this.partitions,
      workers: () => this.house.workers(),
      untilCaughtUp,
      signal: this.#stop.signal,
      tenantRules: () => this.tenantRules,
    })
  }

  get state(): 'running' | 'stopping' | 'stopped' | 'failed' {
    return this.#state
  }

  /** Those that this process has now. */
  get partitions(): readonly PartitionDesk[] {
    return this.#begun?.owned.desks ?? []
  }

  /** Those whose lanes run in this process. */
  get runners(): readonly PartitionRunner[] {
    return this.partitions.flatMap(({ side }) => (side instanceof PartitionRunner ? side : []))
  }

  /** Of the whole topic, also of what other processes have. */
  get isCaughtUp(): boolean {
    return this.#begun?.progress.isCaughtUp ?? false
  }

  /** Whether a sink has stopped with an error. */
  hasFailed(sink: string): boolean {
    return this.#failedSinks.has(sink)
  }

  failureOf(sink: string): string | undefined {
    return this.#failedSinks.reasonOf(sink)
  }

  get error(): Error | undefined {
    return this.#error
  }

  /** Aborts when nothing of the run can go on, whatever else is under way. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** End of a partition's log when the run began. */
  endOf = (desk: PartitionDesk): number => this.#begun?.owned.endOf(desk) ?? 0

  /** Creates tables, looks at all ledgers, and starts the lanes of the partitions that this process is given. */
  async start(): Promise<void> {
    const places = await beginPlaces(this.#parts, this.#abort.signal)
    await checkDocuments(this.#parts, this.#abort.signal, places)
    const opener = partitionOpener(this.#parts, this.#untilCaughtUp, this.house.open)
    const owned = new OwnedPartitions(this.#parts, this.#host(), this.#pulse, places, opener)
    const progress = new TopicProgress(this.#parts, places, owned, (id) => this.isDeletePaused(id), this.isHeld)
    const memberships = new Memberships(this.#parts, places, {
      assigned: (log, partitions) =>
        this.#stop.signal.aborted || this.#isDrained
          ? Promise.resolve()
          : owned.own(log, partitions).catch((error: unknown) => this.#lose(error)),
      failed: (error) => this.#lose(error),
    })
    this.#begun = { owned, progress, memberships }
    await memberships.join(this.house, this.#lost.signal)
    if (this.#lost.signal.aborted) throw this.#error
    // Two spouts may read one log.
    const count = new Set(places.map((one) => `${one.log.id} ${one.partition}`)).size
    const text = `${this.#parts.topology.name} runs on ${count} partitions${memberships.isShared ? ', shared with others' : ''}`
    this.#parts.report({ kind: 'started', level: 'info', text, fields: { partitions: count } })
  }

  /** Resolves when everything up to the end of the log seen at the start is durable, or with the error that prevents it. */
  async caughtUp(): Promise<void> {
    const { progress, memberships } = this.#begun!
    for (;;) {
      if (this.#error !== undefined && (this.#lost.signal.aborted || areOthersCaughtUp(this.partitions, this.endOf)))
        throw this.#error
      if (this.#abort.signal.aborted) throw new Abandoned()
      if (this.isCaughtUp) return
      // Who stops looks no more.
      const isBesideOthers = memberships.isShared && !this.#stop.signal.aborted
      const isLooking = isBesideOthers && (progress.isOwnCaughtUp || this.#untilCaughtUp)
      if (isLooking) await this.#waitForOthers(progress)
      else await this.#pulse.next()
    }
  }

  /** Asks everybody to finish what is open, waits for at most `shutdown.drainMs`, and ends. */
  async end(): Promise<RunOutcome> {
    if (this.#state === 'running') this.#state = 'stopping'
    const isCaughtUp = this.isCaughtUp
    this.#stop.abort()
    this.house.stopping()
    for (const one of this.partitions) one.wake()
    const isSettled = (): boolean => this.partitions.every((one) => one.isSettled)
    await settleWithin(this.#parts, this.#pulse, this.#parts.knob('shutdown.drainMs'), isSettled)
    await this.#leave()
    this.#state = this.#error === undefined ? 'stopped' : 'failed'
    this.#pulse.beat()
    const elapsedMs = this.#parts.clock.nowMs() - this.#startedMs
    const ended = this.#untilCaughtUp && isCaughtUp ? 'caughtUp' : 'stopped'
    const state = this.#error === undefined ? ended : 'failed'
    const text = `${this.#parts.topology.name} has stopped`
    this.#parts.report({ kind: 'stopped', level: 'info', text, fields: { state } })
    const counts = { records: this.#records, bytes: this.#bytes, deadLetters: this.#deadLetters.count }
    return { state, error: this.#error, ...counts, elapsedMs }
  }

  async #leave(): Promise<void> {
    const { owned, memberships } = this.#begun ?? {}
    await memberships?.commit(this.partitions)
    this.#abort.abort()
    await owned?.close()
    await this.house.close()
    await memberships?.leave()
  }

  setPaused(sink: string, isPaused: boolean): void {
    if (isPaused) this.paused.add(sink)
    else this.paused.delete(sink)
    for (const one of this.partitions) one.setPaused(sink, isPaused)
  }

  /** Gives all partitions to other processes, or takes a share again. Alone, it stops reading. */
  async setDrained(isDrained: boolean): Promise<void> {
    if (this.#isDrained === isDrained || this.#begun === undefined || this.#stop.signal.aborted) return
    this.#isDrained = isDrained
    const text = isDrained ? 'drained: this process reads nothing until `topology undrain`' : 'this process reads again'
    this.#parts.report({ kind: 'drain', level: isDrained ? 'warn' : 'info', text, fields: { drained: isDrained } })
    const { owned, memberships } = this.#begun
    const join = (): Promise<void> => memberships.join(this.house, this.#lost.signal)
    const moving = isDrained ? memberships.drain((log) => owned.own(log, [])) : join()
    await moving.catch((error: unknown) => this.#lose(error))
  }

  get isDrained(): boolean {
    return this.#isDrained
  }

  /** What this process has measured since the last call, and what workers told last. */
  workReports(): readonly WorkReport[] {
    const own = workReportOf(this.#parts, 0, this.#credit, this.runners)
    return [own, ...this.house.reports()]
  }

  isDeletePaused(id: string): boolean {
    return this.#pausedDeletes.has(id)
  }

  setDeletePaused(id: string, isPaused: boolean): void {
    if (!this.#pausedDeletes.set(id, isPaused)) return
    this.house.setDeletePaused(id, isPaused)
    for (const one of this.partitions) one.wakeDeletes()
  }

  /** Others have the rest, or had what this process has now: it goes on with what comes in meanwhile. */
  async #waitForOthers(progress: TopicProgress): Promise<void> {
    const { clock } = this.#parts
    if (clock.nowMs() >= this.#lookAtMs) {
      this.#lookAtMs = clock.nowMs() + (this.#untilCaughtUp ? lookEveryMs.untilCaughtUp : lookEveryMs.live)
      if (progress.isOwnCaughtUp) await progress.look(this.#stop.signal)
      if (this.#untilCaughtUp) await raiseTargets(this.partitions, this.endOf)
    }
    if (this.isCaughtUp) return
    await waitForBeat(clock, this.#pulse, Math.max(0, this.#lookAtMs - clock.nowMs()))
  }

  #host(): PartitionHost {
    return {
      signal: this.#abort.signal,
      stopSignal: this.#stop.signal,
      isStopping: () => this.#stop.signal.aborted,
      turns: this.#turns,
      isPaused: (sink) => this.paused.has(sink),
      hasFailed: (sink) => this.hasFailed(sink),
      ...(this.isHeld === undefined ? {} : { isHeld: this.isHeld }),
      isDeletePaused: (id) => this.isDeletePaused(id),
      hasCredit: (bytes, laneClass) => this.#credit.hasRoom(bytes, laneClass),
      noteHeld: (holder) => this.#credit.note(holder),
      noteRead: ({ records, bytes }) => {
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
    this.#error ??= asError(error)
    this.#lost.abort()
    this.#pulse.beat()
  }

  #sinkStopped(sink: string, error: unknown): void {
    this.#error ??= asError(error)
    this.#failedSinks.note(sink, asError(error))
    this.#pulse.beat()
  }

  /** Does what is done now and then, until the end. */
  tend(): Promise<void> {
    const commit = (): Promise<void> => this.#begun?.memberships.commit(this.partitions) ?? Promise.resolve()
    const supervise = async (): Promise<boolean> => {
      await this.#supervisor.tick(this.#parts.clock.nowMs()).catch((error: unknown) => this.#lose(error))
      // What is held, or no more, changes with time too, and what is left may be nothing else.
      if (this.isHeld !== undefined) this.#pulse.beat()
      return this.#supervisor.isWaiting
    }
    return tendPartitions(this.#parts, () => this.partitions, { commit, supervise }, this.#stop.signal)
  }
}
