/**
 * The lanes' side of one partition of one spout: lanes, cursors, writers of sinks and deletes, for the slots that it is
 * given. Deletes and the archive belong to slot 0.
 *
 * The ledger document says which lanes exist; this keeps a runner for each, and a cursor wherever lanes want to read.
 */
import { errors } from '../../model/errors.ts'
import type { LanePermits } from '../../model/lane-permit.ts'
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import { slotsPerSink } from '../../model/limits.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Partition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { LaneReport, TenantReport } from '../../model/work-report.ts'
import { isTurnOfDelete } from '../ledger/delete-entries.ts'
import { isOutOfTurn, turnOfLane } from '../ledger/lane-transitions.ts'
import { plannedSink } from '../plan-questions.ts'
import { ArchiveDeletes } from './archive-deletes.ts'
import { DeleteRunner } from './delete-runner.ts'
import type { EngineParts } from './engine-parts.ts'
import { forgetEnded } from './forget-ended.ts'
import { LanePermitsHolder } from './lane-permits.ts'
import { laneReport } from './lane-report.ts'
import { LaneRunner } from './lane-runner.ts'
import { makeContext } from './make-context.ts'
import type { PartitionContext } from './partition-context.ts'
import { PartitionCursors } from './partition-cursors.ts'
import type { PartitionHost } from './partition-host.ts'
import type { LanesPlace, PartitionLanes } from './partition-lanes.ts'
import { PartitionSinks } from './partition-sinks.ts'
import { Abandoned } from './persist.ts'
import { Pulse } from './pulse.ts'
import { settleWithin } from './settle-within.ts'

const everySlot: ReadonlySet<number> = new Set(Array.from({ length: slotsPerSink }, (_, slot) => slot))

export class PartitionRunner implements PartitionLanes {
  readonly partition: Partition
  readonly log: EventLog
  readonly lanes: Map<number, LaneRunner> = new Map()
  readonly archive: ArchiveDeletes
  readonly #host: PartitionHost
  readonly #context: PartitionContext
  readonly #sinks: PartitionSinks
  readonly #deletes: DeleteRunner
  readonly #cursors: PartitionCursors
  readonly #permits = new LanePermitsHolder()
  /** Lanes that are handed over: they read no more. */
  readonly #leaving = new Set<LaneRunner>()
  #slots: ReadonlySet<number>
  #target: number
  #isStarted = false

  private constructor(parts: EngineParts, place: LanesPlace, slots: ReadonlySet<number>, sinks: PartitionSinks) {
    const { host, log, partition } = place
    this.#host = host
    this.#sinks = sinks
    this.#slots = slots
    this.log = log
    this.partition = partition
    this.#target = place.target
    // Behind its end nothing counts that some call in flight still takes.
    const noteHeld = (): void => (host.signal.aborted ? undefined : host.noteHeld(this))
    const pulse = new Pulse(() => {
      noteHeld()
      host.changed()
    })
    const laneStopped = (sink: string, error: unknown): void => this.#failSink(sink, error)
    const permits = this.#permits
    const targetNow = (): number => this.#target
    this.#context = makeContext(parts, place, { sinks, pulse, permits, targetNow, noteHeld, laneStopped })
    this.#cursors = new PartitionCursors(this.#context)
    this.archive = new ArchiveDeletes(this.#context)
    const isDropped = (sink: string): boolean => place.ledger.doc.sinks[sink]?.lapsed === true
    const isPaused = (sink: string): boolean => !this.#slots.has(0) || host.isPaused(sink) || isDropped(sink)
    this.#deletes = new DeleteRunner(this.#context, {
      isPaused,
      isDeletePaused: host.isDeletePaused,
      failed: laneStopped,
    })
  }

  /** Opens the sinks; nothing runs yet. */
  static async open(
    parts: EngineParts,
    place: LanesPlace,
    slots: ReadonlySet<number> = everySlot,
  ): Promise<PartitionRunner> {
    const { host, plan, partition, ledger } = place
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    const sinks = await PartitionSinks.open(parts, host.signal, plan, key, ledger.doc)
    return new PartitionRunner(parts, place, slots, sinks)
  }

  /** What is served: the declared sinks, and the replays of them that the document holds. */
  get plan(): SpoutPlan {
    return this.#sinks.plan
  }

  raiseTarget(target: number): void {
    if (target <= this.#target) return
    this.#target = target
    for (const lane of this.lanes.values()) this.#attach(lane)
  }

  start(): void {
    this.#isStarted = true
    this.follow(this.#context.ledger.doc)
  }

  wake(): void {
    for (const lane of this.lanes.values()) lane.check()
    this.#context.pulse.beat()
  }

  leave(): void {
    for (const lane of this.lanes.values()) lane.letGo()
    this.#context.pulse.beat()
  }

  setPaused(sink: string, isPaused: boolean): void {
    for (const lane of this.lanes.values()) {
      if (lane.node.name !== sink || this.#leaving.has(lane)) continue
      lane.isPaused = isPaused
      if (isPaused) lane.check('stop')
      else this.#attach(lane)
    }
    this.#deletes.poke()
    this.#context.pulse.beat()
  }

  setPermits(permits: LanePermits): void {
    if (!this.#permits.set(permits)) return
    for (const lane of this.lanes.values()) if (this.#permits.mayRead(lane.id)) this.#attach(lane)
    this.#context.pulse.beat()
  }

  workerOf(): undefined {
    return undefined
  }

  reports(): readonly LaneReport[] {
    const nowMs = this.#context.parts.clock.nowMs()
    const { doc } = this.#context.ledger
    // Of those that have ended there is nothing to tell, and their runners are kept for a while.
    return [...this.lanes.values()]
      .filter(({ id }) => doc.lanes[id] !== undefined)
      .map((lane) => laneReport(this.#context, lane, !this.#permits.mayRead(lane.id), nowMs))
  }

  tenantReports(): readonly TenantReport[] {
    return this.#context.tenants?.report() ?? []
  }

  wakeDeletes(): void {
    this.#deletes.poke()
    this.#context.pulse.beat()
  }

  get isSettled(): boolean {
    return [...this.lanes.values()].every((lane) => lane.isSettled || this.#waitsForNobody(lane))
  }

  async close(): Promise<void> {
    for (const lane of this.lanes.values()) lane.discard()
    this.#host.noteHeld(this)
    await this.#sinks.close()
  }

  /** More slots: their lanes begin here. */
  takeSlots(slots: Iterable<number>): void {
    this.#slots = new Set([...this.#slots, ...slots])
    this.follow(this.#context.ledger.doc)
  }

  /** Their lanes go on elsewhere: what is open is finished, or let go after `mostMs`. Both are safe. */
  async giveSlots(slots: ReadonlySet<number>, mostMs: number): Promise<void> {
    this.#slots = this.#slots.difference(slots)
    const leaving = [...this.lanes.values()].filter((lane) => slots.has(lane.state.slot))
    for (const lane of leaving) {
      this.#leaving.add(lane)
      lane.isPaused = true
      lane.check('stop')
    }
    this.#context.pulse.beat()
    await settleWithin(this.#context.parts, this.#context.pulse, mostMs, () =>
      leaving.every((lane) => lane.isSettled || this.#host.signal.aborted),
    )
    for (const lane of leaving) {
      // What it waits for may still come: it must find nobody.
      lane.fail(new Abandoned())
      this.lanes.delete(lane.id)
      this.#leaving.delete(lane)
    }
    this.#host.noteHeld(this)
    // Slots may have come back meanwhile.
    this.follow(this.#context.ledger.doc)
  }

  /** The sink has stopped elsewhere: who stopped may hold the turn of a slot that is awaited here. */
  stopSink(sink: string, error: unknown): void {
    for (const lane of this.lanes.values()) if (lane.node.name === sink) lane.fail(error)
  }

  #attach(lane: LaneRunner): void {
    if (!this.#leaving.has(lane)) this.#cursors.attach(lane)
  }

  /** Deletes and recoveries begin nothing in a run that stops: the turn of such a one is given back by the next run. */
  #waitsForNobody(lane: LaneRunner): boolean {
    const sink = lane.node.name
    const turn = this.#context.ledger.doc.sinks[sink]?.slots[lane.state.slot]?.turn
    if (isTurnOfDelete(turn)) return !this.#deletes.isRunning(sink)
    return [...this.lanes.values()].some((one) => one !== lane && one.isSettled && turnOfLane(one.id) === turn)
  }

  /** Who stopped may hold the turn of a slot: no other lane of the sink can go on for sure, so all stop together. */
  #failSink(sink: string, error: unknown): void {
    this.#host.sinkStopped(sink, error)
    this.stopSink(sink, error)
  }

  /** Follows the document: new lanes get a runner, changed ones are told, deletes look for work. */
  follow(doc: LedgerDocument): void {
    if (this.#isStarted && !this.#host.signal.aborted) {
      this.#adopt()
      for (const lane of [...this.lanes.values()]) lane.update(doc.lanes[lane.id])
      this.#restDropped(doc)
      forgetEnded(this.lanes, doc)
      const isNew = ([id, lane]: readonly [string, LaneState]): boolean =>
        this.#slots.has(lane.slot) &&
        doc.sinks[lane.sink]?.retired === false &&
        !this.lanes.has(Number(id)) &&
        !isOutOfTurn(doc, lane)
      const started = Object.entries(doc.lanes)
        .filter(isNew)
        .flatMap(([id, lane]) => this.#startLane(Number(id), lane) ?? [])
      void this.#countStarts(started)
      if (this.#slots.has(0)) {
        this.#deletes.poke()
        this.archive.poke()
      }
    }
    this.#context.pulse.beat()
  }

  /** What was dropped reads no more; its epoch under way is finished. */
  #restDropped({ sinks }: LedgerDocument): void {
    for (const lane of this.lanes.values()) {
      if (lane.isPaused || sinks[lane.node.name]?.lapsed !== true) continue
      lane.isPaused = true
      lane.check('stop')
    }
  }

  /** Replays that have come into the document are served as soon as their tables and writers are there. */
  #adopt(): void {
    const doc = (): LedgerDocument => this.#context.ledger.doc
    this.#sinks.adopt(doc, {
      adopted: () => this.follow(doc()),
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
    const { ledger } = this.#context
    try {
      await Promise.all(lanes.map((lane) => ledger.propose({ kind: 'startLane', lane: lane.id })))
      for (const lane of lanes) this.#attach(lane)
    } catch (error) {
      if (!(error instanceof Abandoned)) for (const lane of lanes) lane.fail(error)
    }
  }
}
