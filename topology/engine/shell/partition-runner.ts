/**
 * Everything of one partition of one spout: its ledger writer, lanes, cursors and deletes.
 *
 * The ledger document says which lanes exist; this keeps a runner for each, and a cursor wherever lanes want to read.
 */
import { errors } from '../../model/errors.ts'
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog, LogBounds } from '../../model/ports/event-log.ts'
import { offset, type Partition } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { SinkWriter } from '../../model/sink.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { cursorToJoin } from '../cursor-plan.ts'
import { isDeleteDone, isTurnOfDelete, lowestOfDeletes } from '../ledger/delete-transitions.ts'
import { lowestUnfinished } from '../ledger/document.ts'
import { turnOfLane } from '../ledger/lane-transitions.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { sameScope } from '../ledger/tenant-scope.ts'
import { eventStoreOf, plannedSink } from '../plan-questions.ts'
import { Cursor } from './cursor.ts'
import { DeleteRunner } from './delete-runner.ts'
import type { DeadLetter, EngineParts } from './engine-parts.ts'
import { enlistSinks } from './enlist-sinks.ts'
import { LaneRunner } from './lane-runner.ts'
import { LedgerWriter, type Verdict } from './ledger-writer.ts'
import { checkLanesWithin, type FirstDocument, openDocument } from './open-document.ts'
import { openWriters } from './open-writers.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { Pulse } from './pulse.ts'

/** Whether two cursors read the same from here on. */
const isTwin = (left: Cursor, right: Cursor): boolean =>
  !left.isRecovery && left.isReading && left.position === right.position && sameScope(left.tenants, right.tenants)

/** What the supervisor tells a partition, and hears from it. */
export interface PartitionHost {
  readonly signal: AbortSignal
  readonly stopSignal: AbortSignal
  isStopping(): boolean
  isPaused(sink: string): boolean
  hasCredit(bytes: number): boolean
  noteRead(records: number, bytes: number): void
  noteDeadLetter(letter: DeadLetter): void
  sinkStopped(sink: string, error: unknown): void
  changed(): void
}

export class PartitionRunner {
  readonly partition: Partition
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly lanes: Map<number, LaneRunner> = new Map()
  readonly #host: PartitionHost
  readonly #context: PartitionContext
  readonly #deletes: readonly DeleteRunner[]
  #cursors: Cursor[] = []
  /** One behind the last offset that any cursor has read. */
  #readTo = 0
  #isStarted = false

  private constructor(
    parts: EngineParts,
    host: PartitionHost,
    plan: SpoutPlan,
    log: EventLog,
    partition: Partition,
    doc: LedgerDocument,
    writers: ReadonlyMap<string, SinkWriter>,
    target: number,
  ) {
    this.#host = host
    this.plan = plan
    this.log = log
    this.partition = partition
    const pulse = new Pulse(host.changed)
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    const ledger = new LedgerWriter(parts, key, doc, host.signal, (next) => {
      this.#follow(next)
      pulse.beat()
    })
    const { signal, stopSignal, isStopping, hasCredit, noteDeadLetter } = host
    const eventStore = eventStoreOf(plan)
    const laneStopped = (sink: string, error: unknown): void => this.#failSink(sink, error)
    this.#context = {
      parts,
      plan,
      log,
      partition,
      ledger,
      eventStore,
      writers,
      signal,
      stopSignal,
      pulse,
      isStopping,
      target,
      noteDeadLetter,
      laneStopped,
      hasCredit,
      noteRead: (batch) => this.#noteRead(batch),
    }
    this.#deletes = plan.sinks.map((node) => {
      const isPaused = (): boolean => host.isPaused(node.name)
      const failed = (error: unknown): void => this.#failSink(node.name, error)
      return new DeleteRunner(this.#context, node, { isPaused, failed })
    })
  }

  /** Opens the ledger document (the first owner creates it) and the sinks; nothing runs yet. */
  static async open(
    parts: EngineParts,
    host: PartitionHost,
    plan: SpoutPlan,
    log: EventLog,
    partition: Partition,
    untilCaughtUp: boolean,
    first: FirstDocument,
  ): Promise<PartitionRunner> {
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    const target = untilCaughtUp
      ? (await persist(parts, 'log', host.signal, () => log.bounds(partition))).end
      : Number.POSITIVE_INFINITY
    const doc = await openDocument(parts, host.signal, log, key, first)
    const writers = await openWriters(parts, plan, partition, key)
    return new PartitionRunner(parts, host, plan, log, partition, doc, writers, target)
  }

  get doc(): LedgerDocument {
    return this.#context.ledger.doc
  }

  get target(): number {
    return this.#context.target
  }

  propose(proposal: Proposal): Promise<Verdict> {
    return this.#context.ledger.propose(proposal)
  }

  /**
   * Brings the document in line with the log and the declared sinks, then starts every lane. `bounds`: of the log, read
   * after the document. Throws `logBeyondEnd` (stop).
   */
  async start(bounds: LogBounds): Promise<void> {
    const { ledger } = this.#context
    checkLanesWithin(this.doc, this.log, this.partition, bounds.end)
    await enlistSinks(ledger, this.plan.sinks, bounds.start)
    await this.#moveStart(bounds.start)
    this.#isStarted = true
    this.#follow(this.doc)
  }

  /** Closes what is open and reads no more. */
  wake(): void {
    for (const lane of this.lanes.values()) lane.check()
    this.#context.pulse.beat()
  }

  setPaused(sink: string, isPaused: boolean): void {
    for (const lane of this.lanes.values()) {
      if (lane.node.name !== sink) continue
      lane.isPaused = isPaused
      if (isPaused) lane.check('stop')
      else this.#attach(lane)
    }
    for (const runner of this.#deletes) runner.poke()
    this.#context.pulse.beat()
  }

  /** Whether everything below `end` is durable, and every delete within is done. */
  isCaughtUp(end: number): boolean {
    const { doc } = this
    const lanes = Object.values(doc.lanes).filter((lane) => doc.sinks[lane.sink]?.retired === false)
    const isRead = lanes.every((lane) => lane.at >= Math.min(end, lane.to ?? end))
    return isRead && doc.deletes.every((entry) => isDeleteDone(doc, entry))
  }

  get isSettled(): boolean {
    return [...this.lanes.values()].every((lane) => lane.isSettled || this.#waitsForNobody(lane))
  }

  /** Stops at once; what is open is abandoned, which loses nothing. */
  async close(): Promise<void> {
    for (const lane of this.lanes.values()) lane.discard()
    await Promise.all([...this.#context.writers.values()].map((writer) => writer.close()))
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
    if (isTurnOfDelete(turn)) return !this.#deletes.some((one) => one.sink === sink && one.isRunning)
    return [...this.lanes.values()].some((one) => one !== lane && one.isSettled && turnOfLane(one.id) === turn)
  }

  /** Who stopped may hold the turn of a slot: no other lane of the sink can go on for sure, so all stop together. */
  #failSink(sink: string, error: unknown): void {
    this.#host.sinkStopped(sink, error)
    for (const lane of this.lanes.values()) if (lane.node.name === sink) lane.fail(error)
  }

  #noteRead({ records, byteLength }: RecordBatch): void {
    const last = records.at(-1)
    if (last === undefined || last.offset < this.#readTo) return
    const isSeen = records[0]!.offset < this.#readTo
    const fresh = isSeen ? records.filter((record) => record.offset >= this.#readTo).length : records.length
    this.#readTo = last.offset + 1
    this.#host.noteRead(fresh, Math.round((byteLength * fresh) / records.length))
  }

  /** Follows the document: new lanes get a runner, changed ones are told, deletes look for work. */
  #follow(doc: LedgerDocument): void {
    if (!this.#isStarted || this.#host.signal.aborted) return
    for (const lane of [...this.lanes.values()]) lane.update(doc.lanes[lane.id])
    const isNew = ([id, lane]: readonly [string, LaneState]): boolean =>
      doc.sinks[lane.sink]?.retired === false && !this.lanes.has(Number(id))
    const started = Object.entries(doc.lanes)
      .filter(isNew)
      .flatMap(([id, lane]) => this.#startLane(Number(id), lane) ?? [])
    void this.#countStarts(started)
    for (const runner of this.#deletes) runner.poke()
  }

  #startLane(id: number, state: LaneState): LaneRunner | undefined {
    const node = plannedSink(this.plan, state.sink)
    if (node === undefined) return undefined
    const hooks = {
      attach: (lane: LaneRunner) => this.#attach(lane),
      detach: (lane: LaneRunner) => {
        for (const cursor of this.#cursors) cursor.leave(lane)
      },
    }
    const lane = new LaneRunner(this.#context, hooks, id, state, node)
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
      for (const lane of lanes) this.#attach(lane)
    } catch (error) {
      if (!(error instanceof Abandoned)) for (const lane of lanes) lane.fail(error)
    }
  }

  /** Gives a lane that wants to read a cursor: one at or shortly before its place, else one of its own. */
  #attach(lane: LaneRunner): void {
    const isReading = lane.isPlaced && lane.position < lane.limit
    if (!isReading || this.#host.isStopping() || this.#cursors.some((cursor) => cursor.has(lane))) return
    const open = this.#cursors.filter((cursor) => !cursor.isRecovery)
    const index = lane.isRecovering ? -1 : cursorToJoin(open, lane.position, lane.state.tenants)
    if (index >= 0) {
      open[index]!.join(lane)
      return
    }
    const cursor = new Cursor(this.#context, lane, {
      ended: (ended, waiting) => {
        this.#cursors = this.#cursors.filter((one) => one !== ended)
        for (const one of waiting) this.#attach(one)
      },
      missed: (one) => this.#attach(one),
      twin: (one) => this.#cursors.find((other) => other !== one && isTwin(other, one)),
    })
    this.#cursors.push(cursor)
    cursor.run()
  }
}
