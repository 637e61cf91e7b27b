/**
 * Performs the effects of one lane's machine: it collects shares from a cursor, and when an epoch closes it declares,
 * writes and commits it while the next one is collected.
 *
 * Owns no decision: `lane-machine` says what comes next, `epoch-rules` when to close, the ledger what counts.
 */
import { errors } from '../../model/errors.ts'
import type { LaneState } from '../../model/ledger-document.ts'
import { offset } from '../../model/position.ts'
import type { DeclaredEpoch } from '../../model/sink.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { type CloseReason, closeReason, closesAtMs, type EpochBounds } from '../epoch-rules.ts'
import { type LaneEffect, type LaneInput, type LanePhase, laneStep } from '../lane-machine.ts'
import { isEndForgotten } from '../ledger/lane-transitions.ts'
import { LaneEpoch, type Share } from './lane-epoch.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { reviseEpoch } from './revise-epoch.ts'

// An epoch that waits for the one before it may hold so many times its bound in records: some seconds of re-reading.
const recordsWhileWritten = 20

export interface LaneHooks {
  /** The lane stands at its `position` and wants to read on. */
  readonly attach: (lane: LaneRunner) => void
  /** The lane reads no further: it has ended, stopped, or begins again. */
  readonly detach: (lane: LaneRunner) => void
}

export class LaneRunner {
  readonly id: number
  readonly node: PlannedSink
  readonly #context: PartitionContext
  readonly #hooks: LaneHooks
  #lane: LaneState
  #phase: LanePhase = 'reading'
  #open: LaneEpoch | undefined
  #closing: LaneEpoch | undefined
  /** Closed while the one before it is committed. */
  #next: LaneEpoch | undefined
  #fences = 0
  /** Counts inputs: what an effect reports counts only while no other input has come in between. */
  #step = 0
  isPaused = false

  constructor(context: PartitionContext, hooks: LaneHooks, id: number, lane: LaneState, node: PlannedSink) {
    this.#context = context
    this.#hooks = hooks
    this.id = id
    this.#lane = lane
    this.node = node
  }

  get phase(): LanePhase {
    return this.#phase
  }

  get state(): LaneState {
    return this.#lane
  }

  /** Whether the declared epoch of an earlier owner is being read again. */
  get isRecovering(): boolean {
    if (isEndForgotten(this.node.kind)) return false
    return this.#phase === 'reading' && this.#lane.declared !== null && this.#closing === undefined
  }

  /** Offset up to which the lane has read. */
  get position(): number {
    return (this.#open ?? this.#next ?? this.#closing)?.to ?? this.#lane.at
  }

  /** Where reading ends: a declared end, the lane's own, or the run's. */
  get limit(): number {
    if (this.isRecovering) return this.#lane.declared!
    return Math.min(this.#lane.to ?? Number.POSITIVE_INFINITY, Math.max(this.#context.target, this.#lane.at))
  }

  get isActive(): boolean {
    return this.#phase !== 'finished' && this.#phase !== 'stopped'
  }

  /** Whether a cursor may serve the lane; one that reads the ledger anew does not know yet where it stands. */
  get isPlaced(): boolean {
    return this.isActive && !this.isPaused && this.#phase !== 'restarting'
  }

  /** Whether nothing is collected or under way. */
  get isSettled(): boolean {
    return !this.isActive || (this.#phase === 'reading' && (this.#open === undefined || this.#open.isEmpty))
  }

  openBytes(): number {
    return this.#open?.heldBytes() ?? 0
  }

  heldBytes(): number {
    return this.openBytes() + (this.#next?.heldBytes() ?? 0) + (this.#closing?.heldBytes() ?? 0)
  }

  /**
   * Whether the lane can take another share. While one epoch is written the next may outgrow its bounds in records, which
   * costs nothing but a longer recovery, as long as it holds little.
   */
  get hasRoom(): boolean {
    if (this.#phase === 'reading' || this.#open === undefined) return true
    const { records, spilledBytes } = this.#open.stats(this.node.kind)
    const bounds = this.#bounds()
    const isSpilt = this.node.kind === 'objects' && spilledBytes >= bounds.spilledBytes
    return !isSpilt && this.openBytes() < bounds.bytes && records < bounds.records * recordsWhileWritten
  }

  settle(): Promise<void> | undefined {
    return this.#open?.effects.settle?.()
  }

  /** Takes the next share in log order. */
  take(share: Share): void {
    if (!this.isActive || share.from !== this.position)
      throw new Error(`lane ${this.id} stands at ${this.position}, not ${share.from}`)
    const writer = this.#context.writers.get(this.node.name)!
    this.#open ??= new LaneEpoch(writer.openEpoch(), share.from)
    this.#open.add(share, this.#context.parts.clock.nowMs())
    this.check()
  }

  /** Closes the open epoch if a rule says so, or for the given reason. */
  check(force?: CloseReason): void {
    if (this.#phase !== 'reading' || this.#open === undefined || this.#open.isEmpty) return
    if (!this.isRecovering) {
      if (this.#isDue(force)) this.#close('closed')
    } else if (this.position === this.#lane.declared) {
      // The cursor of a recovery decides nothing and lists nothing: what comes next is read by another.
      this.#hooks.detach(this)
      this.#close('recovered')
    }
  }

  closesAtMs(): number {
    if (this.#phase !== 'reading' || this.#open === undefined) return Number.POSITIVE_INFINITY
    return closesAtMs(this.#open.stats(this.node.kind), this.#bounds())
  }

  /** The ledger has moved: a lane that was cut, or has gone, takes notice. */
  update(lane: LaneState | undefined): void {
    if (this.#phase === 'restarting' || !this.isActive) return
    if (lane === undefined) {
      if (this.#phase === 'reading') this.#dispatch('ended')
      return
    }
    const isCut = lane.to !== null && this.position > lane.to
    const isOther = JSON.stringify(lane.tenants) !== JSON.stringify(this.#lane.tenants)
    // Another owner has moved the lane while this one was collecting.
    const isOvertaken =
      this.#phase === 'reading' && (lane.at !== this.#lane.at || lane.declared !== this.#lane.declared)
    if (this.#phase === 'reading') this.#lane = { ...lane }
    else this.#lane = { ...this.#lane, to: lane.to, tenants: lane.tenants }
    if (isCut || isOther || isOvertaken) this.#reset()
  }

  /** Stops the lane for an error of class `stop`. */
  fail(error: unknown): void {
    if (!this.isActive) return
    this.#context.laneStopped(this.node.name, error)
    this.#dispatch('failed')
  }

  /** Frees buffers; the lane is not used any more. */
  discard(): void {
    for (const epoch of [this.#open, this.#next, this.#closing]) epoch?.effects.discard()
    this.#open = undefined
    this.#next = undefined
    this.#closing = undefined
  }

  /** Begins at the ledger again, from wherever the lane is in its work. */
  #reset(): void {
    if (this.#phase === 'reading' || this.#phase === 'declaring' || this.#phase === 'revising') this.#dispatch('lost')
  }

  /** Whether the open epoch is to be closed now. */
  #isDue(force?: CloseReason): boolean {
    if (this.#open === undefined || this.#open.isEmpty) return false
    if (force !== undefined || this.position >= this.limit || this.isPaused || this.#context.isStopping()) return true
    return (
      closeReason(this.#open.stats(this.node.kind), this.#bounds(), this.#context.parts.clock.nowMs()) !== undefined
    )
  }

  #knob(name: string): number {
    return this.#context.parts.knob(name, this.node.sink.knobs)
  }

  #bounds(): EpochBounds {
    return {
      ageMs: this.#knob(this.node.sink.epochAge ?? this.node.operator?.epochAge ?? 'epoch.ageMs'),
      idleMs: this.#knob('objects.idleMs'),
      bytes: this.#knob('epoch.bytes'),
      records: this.#knob('epoch.records'),
      spilledBytes: this.#knob('objects.epochBytes'),
    }
  }

  #close(input: 'closed' | 'recovered'): void {
    this.#closing = this.#takeOpen()
    if (input === 'recovered') {
      this.#closing.seq = this.#lane.seq
      this.#closing.partBytes = this.#lane.partBytes
    }
    this.#dispatch(input)
  }

  #takeOpen(): LaneEpoch {
    const epoch = this.#open!
    this.#open = undefined
    epoch.partBytes = this.node.kind === 'objects' ? this.#knob('objects.targetBytes') : 0
    return epoch
  }

  #dispatch(input: LaneInput): void {
    this.#step += 1
    const step = laneStep(this.#phase, input)
    this.#phase = step.phase
    for (const effect of step.effects) this.#perform(effect)
    this.#context.pulse.beat()
  }

  #perform(effect: LaneEffect): void {
    const work: Readonly<Record<LaneEffect, () => Promise<LaneInput | undefined>>> = {
      declare: () => this.#declare(),
      revise: () => this.#revise(),
      write: () => this.#write(),
      commit: () => this.#commit(),
      openNext: () => this.#openNext(),
      restart: () => this.#restart(),
      leave: () => this.#leave(),
      report: () => this.#leave(),
    }
    const step = this.#step
    work[effect]().then(
      (input) => {
        if (input !== undefined && step === this.#step && !this.#context.signal.aborted) this.#dispatch(input)
      },
      (error: unknown) => {
        if (!(error instanceof Abandoned) && step === this.#step) this.fail(error)
      },
    )
  }

  #declare(): Promise<LaneInput> {
    return this.#proposeEnd(this.#closing!)
  }

  /** Proposes the end of a closed epoch. */
  async #proposeEnd(epoch: LaneEpoch): Promise<'declared' | 'rulesChanged' | 'lost'> {
    const { from, to, partBytes, deletes } = epoch
    const rules = epoch.bases.at(-1)!.doc.rules
    if (epoch.bases[0]!.doc.rules !== rules) return 'rulesChanged'
    const code = this.node.fingerprint
    const verdict = await this.#context.ledger.propose({
      kind: 'declare',
      lane: this.id,
      at: from,
      to,
      rules,
      code,
      partBytes,
      deletes,
    })
    if (verdict.kind === 'refused' && verdict.why === 'rules') return 'rulesChanged'
    const lane = verdict.doc.lanes[this.id]
    if (verdict.kind !== 'applied' || lane === undefined) return 'lost'
    this.#lane = lane
    epoch.seq = lane.seq
    return 'declared'
  }

  async #revise(): Promise<LaneInput> {
    return (await reviseEpoch(this.#context, this.node, this.#lane.tenants, this.#closing!)) ? 'revised' : 'lost'
  }

  async #write(): Promise<LaneInput> {
    const { parts, signal } = this.#context
    const closing = this.#closing!
    const epoch = this.#declaredEpoch(closing)
    const outcome = await persist(parts, `sink ${this.node.name}`, signal, () => closing.effects.write(epoch, signal))
    if (outcome === 'fenced') this.#fences += 1
    return outcome
  }

  #declaredEpoch(closing: LaneEpoch): DeclaredEpoch {
    const { parts, log, plan, partition } = this.#context
    return {
      topology: parts.topology.name,
      sink: this.node.name,
      log: log.id,
      spout: plan.spout.name,
      partition,
      lane: this.id,
      from: offset(closing.from),
      to: offset(closing.to),
      seq: closing.seq,
      slot: this.#lane.slot,
      partBytes: closing.partBytes,
    }
  }

  /** Commits, and declares the next epoch by the same compare-and-set when that one is due already. */
  async #commit(): Promise<LaneInput> {
    const { effects, from, to, seq, counters } = this.#closing!
    const atMs = this.#context.parts.clock.nowMs()
    const committing = this.#context.ledger.propose({
      kind: 'commit',
      lane: this.id,
      at: from,
      to,
      seq,
      counters,
      atMs,
    })
    const next = this.#isDue() ? this.#takeOpen() : undefined
    this.#next = next
    const declaring = next === undefined ? undefined : this.#proposeEnd(next)
    // Where the commit fails nobody waits for it any more.
    declaring?.catch(() => undefined)
    const verdict = await committing
    if (verdict.kind !== 'applied') return 'lost'
    this.#fences = 0
    effects.discard()
    this.#closing = next
    this.#next = undefined
    this.#reportCheckpoint(from, to)
    const lane = verdict.doc.lanes[this.id]
    if (lane === undefined) return 'ended'
    this.#lane = lane
    if (declaring === undefined) return 'committed'
    const answer = await declaring
    if (answer === 'declared') return 'declaredNext'
    return answer === 'rulesChanged' ? 'rulesChangedNext' : 'lost'
  }

  #reportCheckpoint(from: number, to: number): void {
    const { partition, parts } = this.#context
    const fields = { sink: this.node.name, partition, lane: this.id, from, to }
    parts.report({
      kind: 'checkpoint',
      level: 'debug',
      text: `checkpoint ${this.node.name}/${partition} at ${to}`,
      fields,
    })
  }

  async #openNext(): Promise<undefined> {
    this.check()
    // After a recovery or a restart the lane has no cursor; one that has, stays where it is.
    this.#hooks.attach(this)
    return undefined
  }

  async #restart(): Promise<LaneInput> {
    this.#hooks.detach(this)
    this.discard()
    const before = this.#lane
    const doc = await this.#context.ledger.refresh()
    const lane = doc.lanes[this.id]
    if (lane === undefined) return 'ended'
    this.#guardFence(before, lane)
    this.#lane = lane
    this.#context.parts.report({
      kind: 'recovered',
      level: 'info',
      text: `${this.node.name}/${this.#context.partition} begins again at ${lane.at}`,
      fields: { sink: this.node.name, lane: this.id, at: lane.at },
    })
    return 'restarted'
  }

  /** An epoch that is fenced again although the ledger still has it: the rows are ahead of the ledger. */
  #guardFence(before: LaneState, lane: LaneState): void {
    const isSame =
      before.seq === lane.seq && before.at === lane.at && lane.declared !== null && before.declared === lane.declared
    if (!isSame) this.#fences = 0
    if (this.#fences >= 3) throw errors.rowsAhead({ table: this.node.name, applied: lane.seq + 1, seq: lane.seq })
  }

  async #leave(): Promise<undefined> {
    this.#hooks.detach(this)
    this.discard()
    return undefined
  }
}
