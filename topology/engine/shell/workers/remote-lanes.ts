/**
 * The lanes of one partition that run in workers, as its desk sees them: the document goes there, proposals come back,
 * and what is known of the lanes is what the workers have told last.
 */
import type { LanePermits } from '../../../model/lane-permit.ts'
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { errorOfPlain, type PlainError, plainErrorOf } from '../../../model/spillway-error.ts'
import type { LaneReport, TenantReport } from '../../../model/work-report.ts'
import { lanePosition } from '../../ledger/document.ts'
import type { AskedProposal, FailedSink, FromWorker, OpenOrder, PlainVerdict } from '../../workers/messages.ts'
import type { Verdict } from '../ledger-writer.ts'
import type { LanesPlace, LaneView, PartitionLanes } from '../partition-lanes.ts'
import { Abandoned } from '../persist.ts'
import { ReadTally } from '../read-tally.ts'
import type { WorkerLink } from './worker-link.ts'

type OfPartition = Extract<FromWorker, { readonly desk: number }>

/** What lanes of a partition ask of the pool. */
export interface LanesHooks {
  /** Its slots may be given to workers. */
  readonly started: (lanes: RemoteLanes) => void
  /** Resolves when no worker has it any more, or when they do not answer for a while. */
  readonly closed: (lanes: RemoteLanes) => Promise<void>
  readonly wakeDeletes: () => void
  readonly workerOf: (lanes: RemoteLanes, slot: number) => number | undefined
  /** Living workers. */
  readonly links: () => readonly WorkerLink[]
}

export class RemoteLanes implements PartitionLanes {
  readonly desk: number
  readonly place: LanesPlace
  readonly #hooks: LanesHooks
  readonly #failed = new Map<string, PlainError>()
  readonly #tally: ReadTally
  #permits: LanePermits = new Map()
  #target: number
  #ask = 0
  #views: ReadonlyMap<number, LaneView> | undefined

  constructor(desk: number, place: LanesPlace, hooks: LanesHooks) {
    this.desk = desk
    this.place = place
    this.#hooks = hooks
    this.#target = place.target
    this.#tally = new ReadTally(place.host.noteRead)
  }

  get spout(): string {
    return this.place.plan.spout.name
  }

  get lanes(): ReadonlyMap<number, LaneView> {
    this.#views ??= this.#viewAll()
    return this.#views
  }

  get isSettled(): boolean {
    return this.#linked().every(({ desks }) => {
      const { isSettled, ask } = desks.get(this.desk)!
      return isSettled && ask >= this.#ask
    })
  }

  start(): void {
    this.#hooks.started(this)
  }

  follow(doc: LedgerDocument): void {
    this.#views = undefined
    for (const link of this.#linked()) link.follow(this.desk, doc)
    this.place.host.changed()
  }

  raiseTarget(target: number): void {
    this.#target = target
    for (const link of this.#linked()) link.send({ kind: 'target', desk: this.desk, target })
  }

  wake(): void {
    this.#ask += 1
    for (const link of this.#linked()) link.send({ kind: 'wake', desk: this.desk, ask: this.#ask })
  }

  leave(): void {
    this.#ask += 1
    for (const link of this.#linked()) link.send({ kind: 'leave', desk: this.desk, ask: this.#ask })
  }

  setPaused(sink: string, isPaused: boolean): void {
    for (const link of this.#linked()) link.send({ kind: 'paused', desk: this.desk, sink, isPaused })
  }

  wakeDeletes(): void {
    this.#hooks.wakeDeletes()
  }

  setPermits(permits: LanePermits): void {
    this.#permits = permits
    for (const link of this.#linked()) link.send({ kind: 'permits', desk: this.desk, permits })
  }

  workerOf(slot: number): number | undefined {
    return this.#hooks.workerOf(this, slot)
  }

  reports(): readonly LaneReport[] {
    const told = this.#linked().flatMap(({ report }) => report?.lanes.filter((lane) => this.#isOf(lane)) ?? [])
    // Positions come more often than reports.
    const { lanes } = this
    return told.map((one) => ({ ...one, position: Math.max(one.position, lanes.get(one.lane)?.position ?? 0) }))
  }

  tenantReports(): readonly TenantReport[] {
    const sums = new Map<string, TenantReport>()
    for (const { report } of this.#linked()) {
      for (const one of report?.tenants.filter((tenant) => this.#isOf(tenant)) ?? []) {
        const key = `${one.laneClass} ${one.tenant}`
        const sum = sums.get(key)
        sums.set(key, sum === undefined ? one : addTenants(sum, one))
      }
    }
    return [...sums.values()]
  }

  close(): Promise<void> {
    return this.#hooks.closed(this)
  }

  /** What a worker needs to begin with these slots. */
  order(slots: readonly number[], pausedDeletes: readonly string[]): OpenOrder {
    const { plan, partition, ledger, host } = this.place
    const sinks = Object.keys(ledger.doc.sinks)
    const failed = [...this.#failed].map(([sink, error]) => ({ sink, error }))
    const paused = sinks.filter((sink) => host.isPaused(sink))
    const place = { spout: plan.spout.name, partition, target: this.#target, doc: ledger.doc }
    return { ...place, slots, paused, failed, pausedDeletes, permits: this.#permits }
  }

  /** Nothing new begins there; asked of a worker that has come late. */
  stopAt(link: WorkerLink): void {
    if (this.#ask > 0) link.send({ kind: 'wake', desk: this.desk, ask: this.#ask })
  }

  /** What a worker says of this partition. */
  take(link: WorkerLink, message: Exclude<OfPartition, { readonly kind: 'gave' | 'closed' | 'deskFailed' }>): void {
    const { host } = this.place
    switch (message.kind) {
      case 'propose':
        this.#propose(link, message.proposals)
        return
      case 'refresh':
        this.#refresh(link, message.id)
        return
      case 'lanes':
        this.#noteLanes(link, message)
        return
      case 'deadLetter':
        host.noteDeadLetter(message.letter)
        return
      case 'sinkStopped':
        host.sinkStopped(message.failed.sink, errorOfPlain(message.failed.error))
        this.#stopSink(link, message.failed)
        return
      default:
        message satisfies never
    }
  }

  #propose(link: WorkerLink, proposals: readonly AskedProposal[]): void {
    for (const { id, proposal } of proposals) {
      this.place.ledger.propose(proposal).then(
        (verdict) => this.#answer(link, id, verdict.doc.ver, plainVerdict(verdict)),
        (error: unknown) => this.#answer(link, id, 0, plainFailure(error)),
      )
    }
  }

  #refresh(link: WorkerLink, id: number): void {
    this.place.ledger.refresh().then(
      (doc) => this.#answer(link, id, doc.ver, { kind: 'applied' }),
      (error: unknown) => this.#answer(link, id, 0, plainFailure(error)),
    )
  }

  #noteLanes(link: WorkerLink, told: Extract<FromWorker, { kind: 'lanes' }>): void {
    const linked = link.desks.get(this.desk)
    if (linked === undefined) return
    Object.assign(linked, { lanes: told.lanes, isSettled: told.isSettled, ask: told.ask })
    for (const one of told.reads) this.#tally.addCounted(one)
    this.forget()
  }

  /** What is known of its lanes has changed. */
  forget(): void {
    this.#views = undefined
    this.place.host.changed()
  }

  /** Who stopped may hold the turn of a slot that lanes of other workers wait for. */
  #stopSink(link: WorkerLink, failed: FailedSink): void {
    this.#failed.set(failed.sink, failed.error)
    for (const one of this.#linked()) if (one !== link) one.send({ kind: 'stopSink', desk: this.desk, failed })
  }

  #answer(link: WorkerLink, id: number, ver: number, verdict: PlainVerdict): void {
    link.send({ kind: 'verdict', desk: this.desk, id, ver, verdict })
  }

  #linked(): readonly WorkerLink[] {
    return this.#hooks.links().filter(({ desks }) => desks.has(this.desk))
  }

  #isOf({ spout, partition }: { readonly spout: string; readonly partition: number }): boolean {
    return spout === this.spout && partition === this.place.partition
  }

  /** Of lanes that nobody has told of, what the document says. */
  #viewAll(): ReadonlyMap<number, LaneView> {
    const { ledger, host } = this.place
    const views = new Map<number, LaneView>()
    for (const [id, lane] of Object.entries(ledger.doc.lanes)) {
      if (ledger.doc.sinks[lane.sink]?.retired !== false) continue
      const isPaused = host.isPaused(lane.sink)
      views.set(Number(id), { position: lanePosition(lane), isActive: true, isPaused, isSettled: false })
    }
    for (const { desks } of this.#linked())
      for (const { lane, ...view } of desks.get(this.desk)!.lanes) views.set(lane, view)
    return views
  }
}

const plainVerdict = (verdict: Verdict): PlainVerdict =>
  verdict.kind === 'refused' ? { kind: 'refused', why: verdict.why } : { kind: verdict.kind }

const plainFailure = (error: unknown): PlainVerdict =>
  error instanceof Abandoned ? { kind: 'abandoned' } : { kind: 'failed', error: plainErrorOf(error) }

const addTenants = (left: TenantReport, right: TenantReport): TenantReport => ({
  ...left,
  records: left.records + right.records,
  bytes: left.bytes + right.bytes,
  cpuMs: left.cpuMs + right.cpuMs,
  deletes: left.deletes + right.deletes,
})
