/**
 * Reads one range of a partition for all lanes that stand at the same place: one fetch, one decoding, one run of the
 * bolts.
 *
 * Back-pressure is the awaited batch: the cursor waits while a lane has no room, the budget is used up, or a bolt or
 * spill file is busy. It buffers nothing itself (I-6).
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import type { TenantScope } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { CursorPlace } from '../cursor-plan.ts'
import { firstClass } from '../lane-class.ts'
import { ReadPace } from '../read-pace.ts'
import { BatchProcessor } from './batch-processor.ts'
import { carefulPortions, markPortion } from './careful.ts'
import { CursorFetch } from './cursor-fetch.ts'
import { CursorRoom } from './cursor-room.ts'
import type { Share } from './lane-epoch.ts'
import type { LaneRunner } from './lane-runner.ts'
import { LanesStopped } from './lanes-stopped.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { cutBatch } from './read-span.ts'
import { settleLanes } from './settle-lanes.ts'

export interface CursorHooks {
  /** Another cursor that stands at the same place and may take over the lanes of this one. */
  readonly twin: (cursor: Cursor) => Cursor | undefined
  /** Where the next one stands that may do so later; infinite where there is none. */
  readonly nextTwin: (cursor: Cursor) => number
  /** The cursor reads no more; these lanes were waiting for it. */
  readonly ended: (cursor: Cursor, waiting: readonly LaneRunner[]) => void
  /** The cursor has passed a lane that was to join it. */
  readonly missed: (lane: LaneRunner) => void
}

export class Cursor implements CursorPlace {
  readonly tenants: TenantScope
  readonly isRecovery: boolean
  readonly #context: PartitionContext
  readonly #processor: BatchProcessor
  readonly #hooks: CursorHooks
  /** Of the lanes that it serves now. */
  #laneClass: LaneClass
  #lanes: LaneRunner[]
  /** Lanes that stand ahead and join when the cursor arrives. */
  #ahead: LaneRunner[] = []
  #position: number
  /** Of the record before the position, where that is known. */
  #leaderEpoch: number | undefined
  readonly #room: CursorRoom
  readonly #pace = new ReadPace()
  readonly #fetched: CursorFetch

  constructor(context: PartitionContext, lane: LaneRunner, hooks: CursorHooks) {
    this.#context = context
    this.#laneClass = lane.gate.laneClass
    this.#room = new CursorRoom(context)
    this.#fetched = new CursorFetch(context, () => this.#lanes.map(({ gate }) => gate))
    this.#processor = new BatchProcessor(context, () => this.#laneClass)
    this.#lanes = [lane]
    this.#position = lane.position
    const { at, declared, leaderEpoch } = lane.state
    if (declared === null && at === lane.position) this.#leaderEpoch = leaderEpoch
    this.tenants = lane.state.tenants
    this.isRecovery = lane.isRecovering
    this.#hooks = hooks
  }

  get position(): number {
    return this.#position
  }

  get limit(): number {
    return Math.min(...this.#lanes.map((lane) => lane.limit))
  }

  /** How far it comes in about a second. */
  get reach(): number {
    return this.#pace.reach
  }

  /** Whether it has lanes of its own; one without is about to end. */
  get isReading(): boolean {
    return this.#lanes.length > 0
  }

  has(lane: LaneRunner): boolean {
    return this.#lanes.includes(lane) || this.#ahead.includes(lane)
  }

  join(lane: LaneRunner): void {
    this.#ahead.push(lane)
    this.#context.pulse.beat()
  }

  leave(lane: LaneRunner): void {
    this.#lanes = this.#lanes.filter((one) => one !== lane)
    this.#ahead = this.#ahead.filter((one) => one !== lane)
  }

  run(): void {
    const end = (): void => {
      this.#fetched.drop()
      this.#hooks.ended(this, this.#ahead)
    }
    this.#read().then(end, (error: unknown) => {
      if (!(error instanceof Abandoned)) for (const lane of [...this.#lanes]) lane.fail(error, true)
      end()
    })
  }

  async #read(): Promise<void> {
    const { parts, signal } = this.#context
    for (;;) {
      this.#admit()
      if (this.#lanes.length === 0 || this.#context.isStopping()) return this.#close()
      if (signal.aborted) throw new Abandoned()
      // Looked at before each fetch: where records never cease to come, no fetch is ever empty.
      if (this.#joinTwin()) return
      if (await this.#waitForRoom()) continue
      const beganMs = parts.clock.nowMs()
      const isFetched = this.#fetched.next === undefined && (await this.#fetch())
      if (this.#fetched.next !== undefined) {
        await this.#processKept()
        this.#context.noteHeld()
        if (isFetched) await this.#gather(beganMs)
      }
      for (const lane of this.#lanes) lane.check()
    }
  }

  async #fetch(): Promise<true> {
    const { parts } = this.#context
    const batch = await this.#fetched.read({
      position: this.#position,
      leaderEpoch: this.#leaderEpoch,
      laneClass: this.#laneClass,
      waitMs: this.#restMs(parts.knob('fetch.waitMs')),
      stopsAt: () => this.#stopsAt(),
    })
    if (batch.to > this.#position) this.#context.noteRead(batch)
    this.#room.noteRead(batch.records.at(-1)?.appendTimeMs)
    return true
  }

  /** Brings what was fetched to the lanes, as far as they may read on now. */
  async #processKept(): Promise<void> {
    for (;;) {
      const { next } = this.#fetched
      if (next === undefined) return
      // A lane was cut, or another joined, since it was fetched.
      for (const part of carefulPortions(this.#context, this.#lanes, cutBatch(next, this.#stopsAt())))
        if (part.to > this.#position) await this.#processFully(part)
      this.#pace.note(this.#position, this.#context.parts.clock.nowMs())
      if (this.#position < next.to) return this.#fetched.drop()
      this.#fetched.shift()
      if (this.#room.isTooFast(this.#lanes)) return this.#fetched.rest(this.#laneClass)
    }
  }

  /** Records that come one by one are gathered for a moment: a fetch for each would cost log and process more than they do. */
  async #gather(beganMs: number): Promise<void> {
    const { parts, target, stopSignal } = this.#context
    // Somebody waits for a run that ends by itself, and for a recovery.
    if (this.isRecovery || Number.isFinite(target) || !this.#fetched.isQuiet) return
    const restMs = parts.knob('batch.waitMs', undefined, this.#laneClass) - (parts.clock.nowMs() - beganMs)
    if (restMs > 0) await parts.clock.sleep(this.#restMs(restMs), stopSignal)
  }

  /** Two cursors that stand at the same place become one. */
  #joinTwin(): boolean {
    const twin = this.isRecovery ? undefined : this.#hooks.twin(this)
    if (twin === undefined) return false
    for (const lane of this.#lanes.splice(0)) twin.join(lane)
    return true
  }

  #close(): void {
    for (const lane of this.#lanes) lane.check('stop')
    this.#lanes = []
  }

  /** Takes in lanes that it has reached; lets go of lanes that read no further. */
  #admit(): void {
    const arrived = this.#ahead.filter((lane) => lane.position === this.#position && lane.isActive)
    // They joined while a batch beyond their place was under way.
    const passed = this.#ahead.filter((lane) => lane.position < this.#position)
    this.#ahead = this.#ahead.filter((lane) => lane.isActive && lane.position > this.#position)
    this.#lanes.push(...arrived)
    this.#lanes = this.#lanes.filter((lane) => {
      const isOver = !lane.isActive || !lane.mayRead || lane.position >= lane.limit
      if (isOver) lane.check('end')
      return !isOver
    })
    for (const lane of passed) this.#hooks.missed(lane)
  }

  /** True after a wait: look at everything again. */
  async #waitForRoom(): Promise<boolean> {
    this.#laneClass = firstClass(this.#lanes.map(({ gate }) => gate.laneClass))
    const full = this.#room.fullOf(this.#lanes)
    // What is there already waits for its lanes only.
    const isThere = this.isRecovery || this.#fetched.next !== undefined
    const wanted = { laneClass: this.#laneClass, bytes: this.#fetched.bytesOf(this.#laneClass), isThere }
    const restMs = this.#room.restMs(wanted, full)
    if (restMs === 0) {
      this.#fetched.reserve(this.#laneClass)
      return false
    }
    if (full.length > 0) this.#letGo(full)
    await this.#room.wait(this.#restMs(Math.min(this.#context.parts.knob('fetch.waitMs'), restMs)))
    for (const lane of this.#lanes) lane.check()
    return true
  }

  /** A lane whose sink does not take any more holds up the others for a while only; then it falls behind alone. */
  #letGo(full: readonly LaneRunner[]): void {
    const isAlone = full.length === this.#lanes.length && this.#ahead.length === 0
    if (!this.#room.isPatienceOver() || isAlone) return
    this.#lanes = this.#lanes.filter((lane) => !full.includes(lane))
    // Nothing else tells when a lane that has read too fast may go on.
    for (const lane of full)
      if (this.#room.isTooFast([lane])) void this.#room.rest(lane).then(() => this.#hooks.missed(lane))
  }

  /** How long may be waited before a lane's epoch closes by time. */
  #restMs(mostMs: number): number {
    const now = this.#context.parts.clock.nowMs()
    const next = Math.min(...this.#lanes.map((lane) => lane.closesAtMs()))
    return Math.max(0, Math.min(mostMs, next - now))
  }

  #stopsAt(): number {
    const twinAt = this.isRecovery ? Number.POSITIVE_INFINITY : this.#hooks.nextTwin(this)
    return Math.min(this.limit, twinAt, ...this.#ahead.map((lane) => lane.position))
  }

  /** Brings a part of a batch to all lanes that can go on with it, when it is the turn of their class. */
  async #processFully(part: RecordBatch): Promise<void> {
    const { parts, turns, signal } = this.#context
    const waiting = turns?.take(this.#laneClass, signal)
    if (waiting !== undefined) await waiting
    const unmark = await markPortion(this.#context, this.#lanes, part)
    const beganMs = parts.clock.nowMs()
    try {
      await this.#process(part)
    } finally {
      unmark?.()
      turns?.done(this.#laneClass, parts.clock.nowMs() - beganMs)
    }
    const late = await settleLanes(this.#context, this.#lanes)
    for (const { lane, settled } of late) {
      this.leave(lane)
      void settled.then(
        () => this.#hooks.missed(lane),
        () => undefined,
      )
    }
  }

  async #process(part: RecordBatch): Promise<void> {
    const { parts, signal } = this.#context
    while (this.#lanes.length > 0) {
      const lanes = [...this.#lanes]
      const sinks = lanes.map((lane) => lane.node.name)
      try {
        const shares = await persist(parts, 'bolt', signal, () =>
          this.#processor.process(part, this.tenants, sinks, this.isRecovery),
        )
        for (const lane of lanes.filter((one) => this.#lanes.includes(one) && part.from < one.limit))
          this.#give(lane, shares.get(lane.node.name)!)
        // Together: where all lanes have left meanwhile, the position stays, and with it the leader of what is before it.
        this.#position = part.to
        this.#leaderEpoch = part.leaderEpoch
        return
      } catch (error) {
        if (!(error instanceof LanesStopped)) throw error
        for (const lane of lanes) if (error.sinks.includes(lane.node.name)) lane.fail(error.cause)
      }
    }
  }

  /** What a sink or operator throws here is its own fault, and stops nobody else. */
  #give(lane: LaneRunner, share: Share): void {
    try {
      const isKept = lane.gate.isOpen || !plantedFaults.has('permit-decides-content')
      lane.take(isKept ? share : { ...share, tuples: [] })
    } catch (error) {
      lane.fail(error)
    }
  }
}
