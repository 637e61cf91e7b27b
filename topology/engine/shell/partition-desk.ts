/**
 * The supervisor's side of one partition of one spout: its ledger document, which nobody else of this process writes, and
 * what only an owner does with it. No user code runs here; the lanes' side may be in this process or in workers.
 */
import { errors } from '../../model/errors.ts'
import type { LanePermits } from '../../model/lane-permit.ts'
import type { DeleteEntry, DeleteText, LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import { offset, type Partition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { LaneReport, TenantReport } from '../../model/work-report.ts'
import { lowestOfDeletes } from '../ledger/delete-entries.ts'
import { lowestUnfinished } from '../ledger/document.ts'
import { areOpenLanesRead, isDocumentCaughtUp, type ServedSinks } from '../ledger/is-document-caught-up.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { servedSinks } from '../plan-questions.ts'
import { changedSink, withReplays } from '../replay-plan.ts'
import { checkLeaders } from './check-leader.ts'
import { idsOfRecords } from './delete-context.ts'
import { DeleteTexts } from './delete-texts.ts'
import type { EngineParts } from './engine-parts.ts'
import { enlistSinks } from './enlist-sinks.ts'
import type { SupervisedPartition } from './lane-supervisor.ts'
import { LedgerWriter, type Verdict } from './ledger-writer.ts'
import { checkLanesWithin, type FirstDocument, openDocument } from './open-document.ts'
import type { PartitionHost } from './partition-host.ts'
import type { LaneView, OpenLanes, PartitionLanes } from './partition-lanes.ts'
import { persist } from './persist.ts'

/** Which partition of which spout, and where a run that ends by itself stops reading. */
export interface DeskPlace {
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly partition: Partition
  readonly target: number
}

const noLanes: ReadonlyMap<number, LaneView> = new Map()

export class PartitionDesk implements SupervisedPartition {
  readonly log: EventLog
  readonly partition: Partition
  readonly #parts: EngineParts
  readonly #host: PartitionHost
  readonly #declared: SpoutPlan
  readonly #ledger: LedgerWriter
  readonly #deletes: DeleteTexts
  #lanes: PartitionLanes | undefined
  #target: number
  #isStarted = false

  private constructor(parts: EngineParts, host: PartitionHost, place: DeskPlace, doc: LedgerDocument) {
    const { plan, log, partition, target } = place
    this.#parts = parts
    this.#host = host
    this.#declared = plan
    this.log = log
    this.partition = partition
    this.#target = target
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    this.#deletes = new DeleteTexts(parts, key, host.signal)
    this.#ledger = new LedgerWriter(parts, key, doc, host.signal, (next) => this.#lanes?.follow(next))
  }

  /** Opens the ledger document (the first owner creates it) and what the lanes need; nothing runs yet. */
  static async open(
    parts: EngineParts,
    host: PartitionHost,
    place: DeskPlace,
    first: FirstDocument,
    openLanes: OpenLanes,
  ): Promise<PartitionDesk> {
    const { plan, log, partition, target } = place
    const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
    const doc = await openDocument(parts, host.signal, log, key, first)
    const desk = new PartitionDesk(parts, host, place, doc)
    const ports = { ledger: desk.#ledger, deletes: desk.#deletes }
    desk.#lanes = await openLanes({ host, plan, log, partition, target, ...ports })
    return desk
  }

  get spout(): string {
    return this.#declared.spout.name
  }

  /** The declared sinks, and the replays of them that the document holds. */
  get plan(): SpoutPlan {
    return withReplays(this.#declared, this.doc)
  }

  get doc(): LedgerDocument {
    return this.#ledger.doc
  }

  /** Of those that somebody runs, by id. */
  get lanes(): ReadonlyMap<number, LaneView> {
    return this.#lanes?.lanes ?? noLanes
  }

  /** The lanes' side, whichever it is. */
  get side(): PartitionLanes | undefined {
    return this.#lanes
  }

  /** What a listed delete says, where it is in memory. */
  deleteTextOf = (entry: DeleteEntry): DeleteText | undefined => this.#deletes.peek(entry)

  /** About how much memory is held to match what is listed. */
  get deleteBytes(): number {
    return this.#deletes.bytes
  }

  get target(): number {
    return this.#target
  }

  raiseTarget(target: number): void {
    if (target <= this.#target) return
    this.#target = target
    this.#lanes?.raiseTarget(target)
  }

  propose(proposal: Proposal): Promise<Verdict> {
    return this.#ledger.propose(proposal)
  }

  /** Brings the document in line with the log and the declared sinks, then starts every lane. Throws `logBeyondEnd` or `logTruncated` (stop). */
  async start(): Promise<void> {
    const { signal } = this.#host
    // Looked at before the log is: what is committed while that answers may lie behind the end that it tells.
    const { doc } = this
    const bounds = await persist(this.#parts, `log ${this.log.topic}`, signal, () => this.log.bounds(this.partition))
    checkLanesWithin(doc, this.log, this.partition, bounds.end)
    const { log, partition } = this
    await checkLeaders({ parts: this.#parts, log, partition, signal, ledger: this.#ledger })
    await enlistSinks(this.#ledger, this.#declared, bounds.start)
    await this.#moveStart(bounds.start)
    // So that people are told of every listed delete by its name from the first moment on.
    await this.#deletes.textsOf(this.doc.deletes)
    this.#isStarted = true
    this.#lanes?.start()
  }

  wake(): void {
    this.#lanes?.wake()
  }

  leave(): void {
    this.#lanes?.leave()
  }

  setPaused(sink: string, isPaused: boolean): void {
    this.#lanes?.setPaused(sink, isPaused)
  }

  wakeDeletes(): void {
    this.#lanes?.wakeDeletes()
  }

  setPermits(permits: LanePermits): void {
    this.#lanes?.setPermits(permits)
  }

  workerOf(slot: number): number | undefined {
    return this.#lanes?.workerOf(slot)
  }

  reports(): readonly LaneReport[] {
    return this.#lanes?.reports() ?? []
  }

  tenantReports(): readonly TenantReport[] {
    return this.#lanes?.tenantReports() ?? []
  }

  isPaused(sink: string): boolean {
    return this.#host.isPaused(sink)
  }

  hasFailed(sink: string): boolean {
    return this.#host.hasFailed(sink)
  }

  /** Whether everything below `end` is durable, and every delete within is done or rests by a person's will. */
  isCaughtUp(end: number): boolean {
    return this.#isStarted && isDocumentCaughtUp(this.doc, end, (entry) => this.#isResting(entry), this.#served)
  }

  /** Whether what comes is read: everything below `end` is durable, but for what closed lanes have to do. */
  areOpenLanesRead(end: number): boolean {
    return this.#isStarted && areOpenLanesRead(this.doc, end, this.#served)
  }

  get #served(): ServedSinks {
    return { ...servedSinks(this.plan), isHeld: this.#host.isHeld }
  }

  get isSettled(): boolean {
    return this.#lanes?.isSettled ?? true
  }

  async close(): Promise<void> {
    await this.#lanes?.close()
  }

  /** Reads the document again, where it may be older than that: another process may have begun a replay. */
  async refresh(maxAgeMs: number): Promise<void> {
    // A clock may go back.
    const ageMs = Math.abs(this.#parts.clock.nowMs() - this.#ledger.newestAtMs)
    if (ageMs >= maxAgeMs) await this.#ledger.refresh()
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

  /** Whether a person has paused it: nobody waits for it then. Of an entry whose text is not at hand nobody knows. */
  #isResting(entry: DeleteEntry): boolean {
    const text = this.#deletes.peek(entry)
    return text !== undefined && idsOfRecords(text.records).some((id) => this.#host.isDeletePaused(id))
  }
}

/** Throws `sinkChanged` (stop): a sink's rows mean one thing only, and whoever changes the meaning gives it another name. */
export const checkFingerprints = (plan: SpoutPlan, doc: LedgerDocument): void => {
  const sink = changedSink(plan, doc)
  if (sink !== undefined) throw errors.sinkChanged({ sink })
}
