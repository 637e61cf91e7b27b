/**
 * Everything of one partition of one spout: its ledger writer, lanes, cursors and deletes.
 *
 * The ledger document says which lanes exist; this keeps a runner for each, and a cursor wherever lanes want to read.
 */
import { errors } from '../../model/errors.ts'
import type { DeleteEntry, DeleteText, LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import { offset, type Partition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { isTurnOfDelete, lowestOfDeletes } from '../ledger/delete-entries.ts'
import { lowestUnfinished } from '../ledger/document.ts'
import { isDocumentCaughtUp } from '../ledger/is-document-caught-up.ts'
import { turnOfLane } from '../ledger/lane-transitions.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { eventStoreOf, plannedSink } from '../plan-questions.ts'
import { AcceptedTokens } from './accepted-tokens.ts'
import { ArchiveDeletes } from './archive-deletes.ts'
import { checkLeaders } from './check-leader.ts'
import { DeleteRunner } from './delete-runner.ts'
import { DeleteTexts } from './delete-texts.ts'
import type { EngineParts } from './engine-parts.ts'
import { enlistSinks } from './enlist-sinks.ts'
import { forgetEnded } from './forget-ended.ts'
import { LaneRunner } from './lane-runner.ts'
import { LedgerWriter, type Verdict } from './ledger-writer.ts'
import { ListDeletes } from './list-deletes.ts'
import { checkLanesWithin, type FirstDocument, openDocument } from './open-document.ts'
import type { PartitionContext } from './partition-context.ts'
import { PartitionCursors } from './partition-cursors.ts'
import type { PartitionHost } from './partition-host.ts'
import { PartitionSinks } from './partition-sinks.ts'
import { Abandoned, persist } from './persist.ts'
import { Pulse } from './pulse.ts'
import { ReadTally } from './read-tally.ts'

export class PartitionRunner {
  readonly partition: Partition
  readonly log: EventLog
  readonly lanes: Map<number, LaneRunner> = new Map()
  readonly #host: PartitionHost
  readonly #context: PartitionContext
  readonly #sinks: PartitionSinks
  readonly #deletes: DeleteRunner
  readonly archive: ArchiveDeletes
  readonly #cursors: PartitionCursors
  #target: number
  #isStarted = false

  private constructor(
    parts: EngineParts,
    host: PartitionHost,
    sinks: PartitionSinks,
    log: EventLog,
    partition: Partition,
    doc: LedgerDocument,
    target: number,
  ) {
    this.#host = host
    this.#sinks = sinks
    this.log = log
    this.partition = partition
    this.#target = target
    const targetNow = (): number => this.#target
    // Behind its end nothing counts that some call in flight still takes.
    const noteHeld = (): void => (host.signal.aborted ? undefined : host.noteHeld(this))
    const pulse = new Pulse(() => {
      noteHeld()
      host.changed()
    })
    const key = { topology: parts.topology.name, spout: sinks.plan.spout.name, partition }
    const ledger = new LedgerWriter(parts, key, doc, host.signal, (next) => {
      this.#follow(next)
      pulse.beat()
    })
    const { signal, stopSignal, isStopping, isPaused, isDeletePaused, hasCredit, noteDeadLetter } = host
    const tally = new ReadTally(host.noteRead)
    const eventStore = eventStoreOf(sinks.plan)
    const deletes = new DeleteTexts(parts, key, signal)
    const laneStopped = (sink: string, error: unknown): void => this.#failSink(sink, error)
    this.#context = {
      parts,
      get plan() {
        return sinks.plan
      },
      log,
      partition,
      ledger,
      deletes,
      listing: new ListDeletes(parts, signal, ledger, deletes, eventStore),
      eventStore,
      writers: sinks.writers,
      tokens: new AcceptedTokens(parts, key, host.signal),
      signal,
      stopSignal,
      pulse,
      isStopping,
      get target() {
        return targetNow()
      },
      noteDeadLetter,
      laneStopped,
      hasCredit,
      noteHeld,
      noteRead: (batch) => tally.add(batch),
    }
    this.#cursors = new PartitionCursors(this.#context)
    this.archive = new ArchiveDeletes(this.#context)
    this.#deletes = new DeleteRunner(this.#context, { isPaused, isDeletePaused, failed: laneStopped })
  }

  /** Opens the ledger document (the first owner creates it) and the sinks; nothing runs yet. */
  static async open(
    parts: EngineParts,
    host: PartitionHost,
    plan: SpoutPlan,
    log: EventLog,
    partition: Partition,
    target: number,
    first: FirstDocument,
  ): Promise<PartitionRunner> {
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    const doc = await openDocument(parts, host.signal, log, key, first)
    const sinks = await PartitionSinks.open(parts, host.signal, plan, key, doc)
    return new PartitionRunner(parts, host, sinks, log, partition, doc, target)
  }

  /** What is served: the declared sinks, and the replays of them that the document holds. */
  get plan(): SpoutPlan {
    return this.#sinks.plan
  }

  get doc(): LedgerDocument {
    return this.#context.ledger.doc
  }

  /** What a listed delete says, where it is in memory. */
  deleteTextOf = (entry: DeleteEntry): DeleteText | undefined => this.#context.deletes.peek(entry)

  /** About how much memory is held to match what is listed. */
  get deleteBytes(): number {
    return this.#context.deletes.bytes
  }

  /** Where a run that ends by itself stops reading; infinite otherwise. */
  get target(): number {
    return this.#target
  }

  /** Reads on: others wait for what has come since. */
  raiseTarget(target: number): void {
    if (target <= this.#target) return
    this.#target = target
    for (const lane of this.lanes.values()) this.#cursors.attach(lane)
  }

  propose(proposal: Proposal): Promise<Verdict> {
    return this.#context.ledger.propose(proposal)
  }

  /** Brings the document in line with the log and the declared sinks, then starts every lane. Throws `logBeyondEnd` or `logTruncated` (stop). */
  async start(): Promise<void> {
    const { ledger, parts, signal } = this.#context
    // Looked at before the log is: what is committed while that answers may lie behind the end that it tells.
    const { doc } = this
    const bounds = await persist(parts, `log ${this.log.topic}`, signal, () => this.log.bounds(this.partition))
    checkLanesWithin(doc, this.log, this.partition, bounds.end)
    await checkLeaders(this.#context)
    await enlistSinks(ledger, (doc) => this.#sinks.plannedBy(doc), bounds.start)
    await this.#moveStart(bounds.start)
    // So that people are told of every listed delete by its name from the first moment on.
    await this.#context.deletes.textsOf(this.doc.deletes)
    this.#isStarted = true
    this.#follow(this.doc)
  }

  /** Closes what is open and reads no more. */
  wake(): void {
    for (const lane of this.lanes.values()) lane.check()
    this.#context.pulse.beat()
  }

  /** Another process has the partition: what is collected is let go, what is declared goes on to its end. */
  leave(): void {
    for (const lane of this.lanes.values()) lane.letGo()
    this.#context.pulse.beat()
  }

  setPaused(sink: string, isPaused: boolean): void {
    for (const lane of this.lanes.values()) {
      if (lane.node.name !== sink) continue
      lane.isPaused = isPaused
      if (isPaused) lane.check('stop')
      else this.#cursors.attach(lane)
    }
    this.#deletes.poke()
    this.#context.pulse.beat()
  }

  /** Deletes look for work again: one of them was paused or resumed. */
  wakeDeletes(): void {
    this.#deletes.poke()
    this.#context.pulse.beat()
  }

  /** Whether everything below `end` is durable, and every delete within is done or rests by a person's will. */
  isCaughtUp(end: number): boolean {
    return this.#isStarted && isDocumentCaughtUp(this.doc, end, (entry) => this.#deletes.isResting(entry))
  }

  get isSettled(): boolean {
    return [...this.lanes.values()].every((lane) => lane.isSettled || this.#waitsForNobody(lane))
  }

  /** Stops at once; what is open is abandoned, which loses nothing. */
  async close(): Promise<void> {
    for (const lane of this.lanes.values()) lane.discard()
    this.#host.noteHeld(this)
    await this.#sinks.close()
  }

  /** Reads the document again: another process may have begun a replay. */
  async refresh(): Promise<void> {
    await this.#context.ledger.refresh()
  }

  /** Lets the log drop what no sink needs any more, and takes note of what it has dropped. */
  async release(): Promise<void> {
    const lowest = Math.min(lowestUnfinished(this.doc), lowestOfDeletes(this.doc))
    if (Number.isFinite(lowest)) await this.log.release(this.partition, offset(lowest))
    await this.#moveStart((await this.log.bounds(this.partition)).start)
  }

  async #moveStart(start: number): Promise<void> {
    if (start > this.doc.start) await this.propose({ kind: 'moveStart', start })
  }

  /** Deletes and recoveries begin nothing in a run that stops: the turn of such a one is given back by the next run. */
  #waitsForNobody(lane: LaneRunner): boolean {
    const sink = lane.node.name
    const turn = this.doc.sinks[sink]?.slots[lane.state.slot]?.turn
    if (isTurnOfDelete(turn)) return !this.#deletes.isRunning(sink)
    return [...this.lanes.values()].some((one) => one !== lane && one.isSettled && turnOfLane(one.id) === turn)
  }

  /** Who stopped may hold the turn of a slot: no other lane of the sink can go on for sure, so all stop together. */
  #failSink(sink: string, error: unknown): void {
    this.#host.sinkStopped(sink, error)
    for (const lane of this.lanes.values()) if (lane.node.name === sink) lane.fail(error)
  }

  /** Follows the document: new lanes get a runner, changed ones are told, deletes look for work. */
  #follow(doc: LedgerDocument): void {
    if (!this.#isStarted || this.#host.signal.aborted) return
    this.#adopt()
    for (const lane of [...this.lanes.values()]) lane.update(doc.lanes[lane.id])
    forgetEnded(this.lanes, doc)
    const isNew = ([id, lane]: readonly [string, LaneState]): boolean =>
      doc.sinks[lane.sink]?.retired === false && !this.lanes.has(Number(id))
    const started = Object.entries(doc.lanes)
      .filter(isNew)
      .flatMap(([id, lane]) => this.#startLane(Number(id), lane) ?? [])
    void this.#countStarts(started)
    this.#deletes.poke()
    this.archive.poke()
  }

  /** Replays that have come into the document are served as soon as their tables and writers are there. */
  #adopt(): void {
    this.#sinks.adopt(() => this.doc, {
      adopted: () => this.#follow(this.doc),
      failed: (sink, error) => this.#failSink(sink, error),
    })
  }

  #startLane(id: number, state: LaneState): LaneRunner | undefined {
    const node = plannedSink(this.plan, state.sink)
    if (node === undefined) return undefined
    const lane = new LaneRunner(this.#context, this.#cursors, id, state, node)
    this.lanes.set(id, lane)
    lane.isPaused = this.#host.isPaused(node.name)
    // An epoch is finished by the code that declared it: other code would write other bytes under the same name.
    if (state.declared === null || state.code === node.fingerprint) return lane
    lane.fail(errors.foreignEpoch({ sink: node.name, partition: this.partition }))
    return undefined
  }

  /** Lanes that begin together are counted by one compare-and-set and read by one cursor. */
  async #countStarts(lanes: readonly LaneRunner[]): Promise<void> {
    try {
      await Promise.all(lanes.map((lane) => this.propose({ kind: 'startLane', lane: lane.id })))
      for (const lane of lanes) this.#cursors.attach(lane)
    } catch (error) {
      if (!(error instanceof Abandoned)) for (const lane of lanes) lane.fail(error)
    }
  }
}
