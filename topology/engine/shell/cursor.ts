/**
 * Reads one range of a partition for all lanes that stand at the same place: one fetch, one decoding, one run of the
 * bolts.
 *
 * Back-pressure is the awaited batch: the cursor waits while a lane has no room, the budget is used up, or a bolt or
 * spill file is busy. It buffers nothing itself (I-6).
 */
import type { TenantScope } from '../../model/ledger-document.ts'
import { offset } from '../../model/position.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import type { CursorPlace } from '../cursor-plan.ts'
import { sameScope } from '../ledger/tenant-scope.ts'
import { BatchProcessor } from './batch-processor.ts'
import { checkLeader } from './check-leader.ts'
import type { Share } from './lane-epoch.ts'
import type { LaneRunner } from './lane-runner.ts'
import { LanesStopped } from './lanes-stopped.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { cutBatch } from './read-span.ts'
import { waitForBeat } from './wait-for-beat.ts'

// Longer than an epoch is written by a store in good health.
const patienceMs = 5_000
const creditWaitMs = 100
// So many bytes are worth a fetch, or a quarter of what it may bring.
const gatheredBytes = 65_536

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
  #lanes: LaneRunner[]
  /** Lanes that stand ahead and join when the cursor arrives. */
  #ahead: LaneRunner[] = []
  #position: number
  /** Of the record before the position, where that is known. */
  #leaderEpoch: number | undefined
  /** Whether the log had more than was taken of the last fetch. */
  #isCut = false
  /** Since when some lane has had no room. */
  #fullSinceMs: number | undefined

  constructor(context: PartitionContext, lane: LaneRunner, hooks: CursorHooks) {
    this.#context = context
    this.#processor = new BatchProcessor(context)
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
    this.#read().then(
      () => this.#hooks.ended(this, this.#ahead),
      (error: unknown) => {
        if (!(error instanceof Abandoned)) for (const lane of [...this.#lanes]) lane.fail(error, true)
        this.#hooks.ended(this, this.#ahead)
      },
    )
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
      const batch = await this.#fetch()
      if (batch.to > this.#position) {
        this.#context.noteRead(batch)
        const all = this.#leaderEpoch === batch.leaderEpoch ? batch.leaderEpoch : undefined
        for (const part of portionsOf(batch, parts.knob('batch.records'), all)) await this.#processFully(part)
        this.#context.noteHeld()
        await this.#gather(batch, beganMs)
      }
      for (const lane of this.#lanes) lane.check()
    }
  }

  /** Records that come one by one are gathered for a moment: a fetch for each would cost log and process more than they do. */
  async #gather(batch: RecordBatch, beganMs: number): Promise<void> {
    const { parts, target, stopSignal } = this.#context
    // Somebody waits for a run that ends by itself, and for a recovery.
    if (this.isRecovery || Number.isFinite(target)) return
    if (batch.byteLength >= Math.min(gatheredBytes, parts.knob('fetch.partitionBytes') / 4)) return
    // It came to the place of another, which does not stay there for long.
    if (this.#isCut) return
    const restMs = parts.knob('fetch.gatherMs') - (parts.clock.nowMs() - beganMs)
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
      const isOver = !lane.isActive || lane.isPaused || lane.position >= lane.limit
      if (isOver) lane.check('end')
      return !isOver
    })
    for (const lane of passed) this.#hooks.missed(lane)
  }

  /** True after a wait: look at everything again. */
  async #waitForRoom(): Promise<boolean> {
    const { parts, pulse, signal } = this.#context
    const full = this.#lanes.filter((lane) => !lane.hasRoom)
    if (full.length === 0) this.#fullSinceMs = undefined
    // The end of a recovery is declared: it must be read, whatever else is held.
    const hasCredit = this.isRecovery || this.#context.hasCredit(parts.knob('fetch.partitionBytes'))
    if (full.length === 0 && hasCredit) return false
    if (full.length > 0) this.#letGo(full)
    // Credit may come from another partition, whose beat is not heard here.
    const restMs = this.#restMs(Math.min(parts.knob('fetch.waitMs'), creditWaitMs))
    await waitForBeat(parts.clock, pulse, restMs, signal)
    for (const lane of this.#lanes) lane.check()
    return true
  }

  /** A lane whose sink does not take any more holds up the others for a while only; then it falls behind alone. */
  #letGo(full: readonly LaneRunner[]): void {
    const nowMs = this.#context.parts.clock.nowMs()
    this.#fullSinceMs ??= nowMs
    const isAlone = full.length === this.#lanes.length && this.#ahead.length === 0
    if (isAlone || nowMs - this.#fullSinceMs < patienceMs) return
    this.#lanes = this.#lanes.filter((lane) => !full.includes(lane))
    this.#fullSinceMs = undefined
  }

  /** How long may be waited before a lane's epoch closes by time. */
  #restMs(mostMs: number): number {
    const now = this.#context.parts.clock.nowMs()
    const next = Math.min(...this.#lanes.map((lane) => lane.closesAtMs()))
    return Math.max(0, Math.min(mostMs, next - now))
  }

  async #fetch(): Promise<RecordBatch> {
    const { parts, log, partition, signal } = this.#context
    const options = {
      maxBytes: parts.knob('fetch.partitionBytes'),
      waitMs: this.#restMs(parts.knob('fetch.waitMs')),
      signal: this.#context.stopSignal,
    }
    const from = offset(this.#position)
    const batch = await persist(parts, `log ${log.topic}`, signal, () => log.fetch(partition, from, options))
    await this.#checkLeader(batch)
    // Where a lane stands ahead, the cursor stops to take it in; where another cursor does, to become one with it. Both
    // would pass each other for ever where records never cease to come.
    const twinAt = this.isRecovery ? Number.POSITIVE_INFINITY : this.#hooks.nextTwin(this)
    const cut = cutBatch(batch, Math.min(this.limit, twinAt, ...this.#ahead.map((lane) => lane.position)))
    this.#isCut = cut.to < batch.to
    // Leaders follow one another: what lies between two records of one leader is of that leader.
    const isOfOne = batch.leaderEpoch !== undefined && batch.leaderEpoch === this.#leaderEpoch
    return isOfOne ? { ...cut, leaderEpoch: batch.leaderEpoch } : cut
  }

  /** Another leader may lack what was read under the one before it. */
  async #checkLeader({ leaderEpoch }: RecordBatch): Promise<void> {
    if (leaderEpoch === undefined || leaderEpoch === this.#leaderEpoch) return
    await checkLeader(this.#context, this.#position, this.#leaderEpoch)
  }

  /** Brings a part of a batch to all lanes that can go on with it. */
  async #processFully(part: RecordBatch): Promise<void> {
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
        break
      } catch (error) {
        if (!(error instanceof LanesStopped)) throw error
        for (const lane of lanes) if (error.sinks.includes(lane.node.name)) lane.fail(error.cause)
      }
    }
    for (const lane of [...this.#lanes]) await this.#settle(lane)
    await parts.giveWay()
  }

  /** What a sink or operator throws here is its own fault, and stops nobody else. */
  #give(lane: LaneRunner, share: Share): void {
    try {
      lane.take(share)
    } catch (error) {
      lane.fail(error)
    }
  }

  /** Waits for a lane's buffers, as long as what holds them up may pass. */
  async #settle(lane: LaneRunner): Promise<void> {
    const { parts, signal } = this.#context
    try {
      await persist(parts, `sink ${lane.node.name}`, signal, async () => lane.settle())
    } catch (error) {
      if (error instanceof Abandoned) throw error
      lane.fail(error)
    }
  }
}

/** Whether two cursors read the same from here on. */
export const isTwin = (left: Cursor, right: Cursor): boolean => left.position === right.position && mayJoin(left, right)

/** Whether a cursor may take over the lanes of another, once they stand at the same place. */
export const mayJoin = (left: Cursor, right: Cursor): boolean =>
  !left.isRecovery && left.isReading && sameScope(left.tenants, right.tenants)

/** Cuts a fetched batch into the portions that bolts are given. `leaderEpoch`: of all its records, where that is known. */
const portionsOf = (batch: RecordBatch, most: number, leaderEpoch: number | undefined): readonly RecordBatch[] => {
  if (batch.records.length <= most) return [batch]
  const cuts: RecordBatch[] = []
  for (let start = 0; start < batch.records.length; start += most) {
    const records = batch.records.slice(start, start + most)
    const next = batch.records[start + most]
    const from = start === 0 ? batch.from : records[0]!.offset
    const epoch = next === undefined ? batch.leaderEpoch : leaderEpoch
    const leader = epoch === undefined ? {} : { leaderEpoch: epoch }
    const place = { partition: batch.partition, from, to: next?.offset ?? batch.to, ...leader }
    cuts.push({ ...place, records, byteLength: sizeOf(records) })
  }
  return cuts
}

const sizeOf = (records: readonly LogRecord[]): number => {
  let bytes = 0
  for (const record of records) bytes += Math.max(0, record.end - record.start)
  return bytes
}
