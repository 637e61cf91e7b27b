/**
 * Performs the effects of one lane's machine: it collects shares from a cursor, and when an epoch closes it declares,
 * writes and commits it while the next one is collected.
 *
 * Owns no decision: `lane-machine` says what comes next, `epoch-rules` when to close, the ledger what counts.
 */
import type { LaneState } from '../../model/ledger-document.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { type CloseReason, closeReason, closesAtMs } from '../epoch-rules.ts'
import { isLaneDisturbed } from '../is-lane-disturbed.ts'
import { type LaneEffect, type LaneInput, type LanePhase, laneStep } from '../lane-machine.ts'
import { isEndForgotten } from '../ledger/lane-transitions.ts'
import { FenceGuard } from './fence-guard.ts'
import { LaneEpoch, type Share } from './lane-epoch.ts'
import { LaneEpochs } from './lane-epochs.ts'
import { reportCheckpoint, reportRestart } from './lane-happenings.ts'
import { LaneMeter } from './lane-meter.ts'
import { type LaneGate, laneGate } from './lane-permits.ts'
import { epochBounds, mayGrow, partBytesOf, proposeCommit, proposeEnd } from './lane-proposals.ts'
import { foldShare, writeEpoch } from './lane-work.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned } from './persist.ts'
import { reviseEpoch } from './revise-epoch.ts'

export interface LaneHooks {
  /** The lane stands at its `position` and wants to read on. */
  readonly attach: (lane: LaneRunner) => void
  /** The lane reads no further: it has ended, stopped, or begins again. */
  readonly detach: (lane: LaneRunner) => void
}

export class LaneRunner {
  readonly id: number
  readonly node: PlannedSink
  readonly meter: LaneMeter
  /** What it may read now. */
  readonly gate: LaneGate
  readonly #context: PartitionContext
  readonly #hooks: LaneHooks
  #lane: LaneState
  #phase: LanePhase = 'reading'
  readonly #epochs = new LaneEpochs()
  readonly #fences = new FenceGuard()
  /** Counts inputs: what an effect reports counts only while no other input has come in between. */
  #step = 0
  isPaused = false

  constructor(context: PartitionContext, hooks: LaneHooks, id: number, lane: LaneState, node: PlannedSink) {
    this.#context = context
    this.#hooks = hooks
    this.id = id
    this.#lane = lane
    this.node = node
    this.meter = new LaneMeter(context.parts.clock.nowMs())
    this.gate = laneGate(context, this)
  }

  get state(): LaneState {
    return this.#lane
  }

  /** For its report. `heldSinceMs`: when the oldest record that is read and not durable was read. */
  get work(): { readonly phase: LanePhase; readonly heldSinceMs: number | undefined } {
    return { phase: this.#phase, heldSinceMs: this.#epochs.heldSinceMs }
  }

  /** Whether the declared epoch of an earlier owner is being read again. */
  get isRecovering(): boolean {
    if (isEndForgotten(this.node.kind)) return false
    return this.#phase === 'reading' && this.#lane.declared !== null && this.#epochs.closing === undefined
  }

  /** Offset up to which the lane has read. */
  get position(): number {
    return this.#epochs.position(this.#lane.at)
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
    return this.isActive && this.mayRead && this.#phase !== 'restarting'
  }

  /** What is declared must be read, whatever the permit says: others wait for the turn of its slot. */
  get mayRead(): boolean {
    return !this.isPaused && (this.gate.isOpen || this.isRecovering)
  }

  /** Whether nothing is collected or under way. */
  get isSettled(): boolean {
    return !this.isActive || (this.#phase === 'reading' && !this.#epochs.isCollecting)
  }

  openBytes = (): number => this.#epochs.openBytes()
  heldBytes = (): number => this.#epochs.heldBytes()

  /**
   * Whether the lane can take another share. While one epoch is written the next may outgrow its bounds in records, which
   * costs nothing but a longer recovery, as long as it holds little.
   */
  get hasRoom(): boolean {
    const { open } = this.#epochs
    return (
      this.#phase === 'reading' || open === undefined || mayGrow(this.#context, this.node, this.gate.laneClass, open)
    )
  }

  settle(): Promise<void> | undefined {
    return this.#epochs.open?.effects.settle?.()
  }

  /** Takes the next share in log order. */
  take(share: Share): void {
    if (share.from !== this.position) throw new Error(`lane ${this.id} stands at ${this.position}, not ${share.from}`)
    const writer = this.#context.writers.get(this.node.name)!
    this.#epochs.open ??= new LaneEpoch(writer.openEpoch(), share.from)
    foldShare(this.#context, this.node, this, this.#epochs.open, share)
    this.check()
  }

  /** Closes the open epoch if a rule says so, or for the given reason. */
  check(force?: CloseReason): void {
    if (this.#phase !== 'reading' || !this.#epochs.isCollecting) return
    if (!this.isRecovering) {
      if (this.#isDue(force)) this.#close('closed')
    } else if (this.isPaused || this.#context.isStopping()) {
      // Its end is declared, so it cannot be closed early; what was read again is read once more later, by another cursor.
      this.discard()
    } else if (this.position === this.#lane.declared) {
      // The cursor of a recovery decides nothing and lists nothing: what comes next is read by another.
      this.#hooks.detach(this)
      this.#close('recovered')
    }
  }

  closesAtMs(): number {
    const { open } = this.#epochs
    if (this.#phase !== 'reading' || open === undefined || this.isRecovering) return Number.POSITIVE_INFINITY
    return closesAtMs(open.stats(this.node.kind), epochBounds(this.#context, this.node, this.gate.laneClass))
  }

  /** The ledger has moved: a lane that was cut, or has gone, takes notice. */
  update(lane: LaneState | undefined): void {
    if (this.#phase === 'restarting' || !this.isActive) return
    if (lane === undefined) {
      if (this.#phase === 'reading') this.#dispatch('ended')
      return
    }
    const isReading = this.#phase === 'reading'
    const isBroken = isLaneDisturbed(this.#lane, lane, this.position, isReading)
    this.#lane = isReading ? lane : { ...this.#lane, to: lane.to, tenants: lane.tenants }
    if (!isBroken) return
    // From writing on, the declared epoch is finished first: nothing may change what it contains. What lies behind it goes.
    if (isReading || this.#phase === 'declaring' || this.#phase === 'revising') this.#dispatch('lost')
    else this.letGo()
  }

  /** Stops the lane for an error of class `stop`. `isOwn`: of its own reading, which another owner may have overtaken. */
  fail(error: unknown, isOwn = false): void {
    if (!this.isActive) return
    const isPassed = isOwn && this.#phase !== 'restarting' && this.#fences.isPerhapsPassed(error, this.#lane.at)
    this.#dispatch(isPassed ? 'lost' : 'failed')
    if (!isPassed && !(error instanceof Abandoned)) this.#context.laneStopped(this.node.name, error)
  }

  /** Drops what is collected and not declared, and reads no further. */
  letGo(): void {
    this.#hooks.detach(this)
    this.#epochs.letGo()
  }

  /** Frees buffers and reads no further: a cursor that is late has nothing to give it. */
  discard(): void {
    this.#hooks.detach(this)
    this.#epochs.discard()
  }

  /** Whether the open epoch is to be closed now. */
  #isDue(force?: CloseReason): boolean {
    const { open, isCollecting } = this.#epochs
    if (open === undefined || !isCollecting) return false
    if (force !== undefined || this.position >= this.limit || !this.mayRead || this.#context.isStopping()) return true
    const bounds = epochBounds(this.#context, this.node, this.gate.laneClass)
    return closeReason(open.stats(this.node.kind), bounds, this.#context.parts.clock.nowMs()) !== undefined
  }

  #close(input: 'closed' | 'recovered'): void {
    const closing = this.#takeOpen()
    this.#epochs.closing = closing
    if (input === 'recovered') {
      closing.seq = this.#lane.seq
      closing.partBytes = this.#lane.partBytes
    }
    this.#dispatch(input)
  }

  #revise = (): Promise<boolean> => reviseEpoch(this.#context, this.node, this.#lane.tenants, this.#epochs.closing!)

  #takeOpen = (): LaneEpoch => this.#epochs.takeOpen(partBytesOf(this.#context, this.node, this.gate.laneClass))

  #dispatch(input: LaneInput): void {
    this.#step += 1
    const step = laneStep(this.#phase, input)
    this.#phase = step.phase
    this.meter.entered(step.phase, this.#context.parts.clock.nowMs())
    for (const effect of step.effects) this.#perform(effect)
    this.#context.pulse.beat()
  }

  #perform(effect: LaneEffect): void {
    const leave = async (): Promise<undefined> => this.discard() as undefined // it gives nothing
    const work: Readonly<Record<LaneEffect, () => Promise<LaneInput | undefined>>> = {
      declare: () => this.#proposeEnd(this.#epochs.closing!),
      revise: async () => ((await this.#revise()) ? 'revised' : 'lost'),
      write: () => this.#write(),
      commit: () => this.#commit(),
      openNext: () => this.#openNext(),
      restart: () => this.#restart(),
      leave,
      report: leave,
    }
    const step = this.#step
    work[effect]().then(
      (input) => {
        if (input !== undefined && step === this.#step && !this.#context.signal.aborted) this.#dispatch(input)
      },
      (error: unknown) => {
        if (!(error instanceof Abandoned) && step === this.#step) this.fail(error, true)
      },
    )
  }

  async #proposeEnd(epoch: LaneEpoch): Promise<'declared' | 'rulesChanged' | 'lost'> {
    const answer = await proposeEnd(this.#context, this.node, this.id, epoch)
    if (typeof answer === 'string') return answer
    this.#lane = answer
    epoch.seq = answer.seq
    return 'declared'
  }

  async #write(): Promise<LaneInput> {
    const outcome = await writeEpoch(this.#context, this.node, this, this.#epochs.closing!)
    if (outcome === 'fenced') this.#fences.note()
    return outcome
  }

  /** Commits, and declares the next epoch by the same compare-and-set when that one is due already. */
  async #commit(): Promise<LaneInput> {
    const closing = this.#epochs.closing!
    const committing = proposeCommit(this.#context, this.id, closing)
    const next = this.#isDue() ? this.#takeOpen() : undefined
    this.#epochs.next = next
    const declaring = next === undefined ? undefined : this.#proposeEnd(next)
    // Where the commit fails nobody waits for it any more.
    declaring?.catch(() => undefined)
    const verdict = await committing
    if (verdict.kind !== 'applied') return 'lost'
    this.#fences.clear()
    const lane = verdict.doc.lanes[this.id]
    // One that has ended stands at its end until it has left, whoever asks.
    this.#lane = lane ?? { ...this.#lane, at: closing.to, declared: null }
    closing.effects.discard()
    this.#epochs.closing = next
    this.#epochs.next = undefined
    reportCheckpoint(this.#context, this.node, this.id, closing)
    if (lane === undefined) return 'ended'
    if (declaring === undefined) return 'committed'
    const answer = await declaring
    if (answer === 'declared') return 'declaredNext'
    return answer === 'rulesChanged' ? 'rulesChangedNext' : 'lost'
  }

  async #openNext(): Promise<undefined> {
    this.check()
    // After a recovery, a restart or a long wait the lane has no cursor; one that has, stays where it is.
    this.#hooks.attach(this)
  }

  async #restart(): Promise<LaneInput> {
    this.discard()
    const before = this.#lane
    await this.#context.ledger.refresh()
    // Read anew behind the wait: another document may have come in meanwhile.
    const lane = this.#context.ledger.doc.lanes[this.id]
    if (lane === undefined) return 'ended'
    this.#fences.check(this.node.name, before, lane)
    this.#lane = lane
    reportRestart(this.#context, this.node, this.id, lane.at)
    return 'restarted'
  }
}
