/**
 * The workers of a process: how many there are, whether they live, and which slots they have. A worker that dies, is
 * silent or hangs in a call is replaced from outside; what it had in user code is charged in the ledger before that.
 *
 * Runs no user code, so it always answers. Progress stands in the ledger alone: a lost worker takes nothing along.
 */
import { slotsPerSink } from '../../../model/limits.ts'
import { plantedFaults } from '../../../model/planted-faults.ts'
import type { WaitingFor } from '../../../model/run-handle.ts'
import type { WorkerLine } from '../../../model/run-snapshot.ts'
import { errorOfPlain } from '../../../model/spillway-error.ts'
import type { WorkReport } from '../../../model/work-report.ts'
import { workerErrors } from '../../../model/worker-errors.ts'
import type { FromWorker } from '../../workers/messages.ts'
import { recentDeaths, restartPauseMs } from '../../workers/worker-health.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { HouseHooks, LanesHouse } from '../lanes-house.ts'
import type { LanesPlace, PartitionLanes } from '../partition-lanes.ts'
import { Pulse } from '../pulse.ts'
import { settleWithin } from '../settle-within.ts'
import { chargeLoss } from './charge-loss.ts'
import { endStuck } from './end-stuck.ts'
import { PartingLinks } from './parting-links.ts'
import { RemoteLanes } from './remote-lanes.ts'
import { SlotTable } from './slot-table.ts'
import type { WorkerChannel } from './worker-channel.ts'
import { WorkerLink } from './worker-link.ts'
import { emptySeat, isAway, type WorkerSeat, workerLine } from './worker-seat.ts'

/** Starts the process of a worker. */
export type ForkWorker = (worker: number) => WorkerChannel

// Often enough for the shortest bound; costs nothing.
const lookEveryMs = 100
// Later than this, this process itself stood still: nobody else is to blame.
const lateMs = 1_000
// Nobody waits longer for a worker that is told to close a partition.
const closingMs = 3_000
// Lanes wait so long for a worker that comes back, no longer.
const longRestMs = 1_000

export class WorkerPool implements LanesHouse {
  readonly #parts: EngineParts
  readonly #hooks: HouseHooks
  readonly #fork: ForkWorker
  readonly #seats = new Map<number, WorkerSeat>()
  readonly #desks = new Map<number, RemoteLanes>()
  readonly #slots = new SlotTable(slotsPerSink)
  readonly #pausedDeletes = new Set<string>()
  readonly #over = new AbortController()
  readonly #pulse = new Pulse()
  readonly #parting: PartingLinks
  #isStopping = false
  #nextDesk = 1

  constructor(parts: EngineParts, hooks: HouseHooks, fork: ForkWorker) {
    this.#parts = parts
    this.#hooks = hooks
    this.#fork = fork
    this.#parting = new PartingLinks(parts.clock)
    parts.knobs?.onChange(() => this.#tellKnobs())
    this.#resize()
    void this.#watch()
  }

  open = async (place: LanesPlace): Promise<PartitionLanes> => {
    const lanes = new RemoteLanes(this.#nextDesk++, place, {
      started: (one) => {
        this.#slots.add(one)
        this.#assign()
      },
      closed: (one) => this.#closeDesk(one),
      wakeDeletes: () => undefined,
      workerOf: (one, slot) => this.#slots.workerOf(one, slot),
      links: () => this.#links(),
    })
    this.#desks.set(lanes.desk, lanes)
    return lanes
  }

  /** A process takes a second to load its program and to connect: nobody who has partitions gives them up for that. */
  usable(boundMs: number): Promise<void> {
    const isUsable = (): boolean => this.#isStopping || this.#links().some(({ isReady }) => isReady)
    return settleWithin(this.#parts, this.#pulse, boundMs, isUsable)
  }

  workers(): number {
    return Math.max(1, this.#seats.size)
  }

  reports(): readonly WorkReport[] {
    return this.#links().flatMap(({ report }) => report ?? [])
  }

  waits(): readonly WaitingFor[] {
    return this.#links().flatMap(({ waits }) => waits)
  }

  lines(): readonly WorkerLine[] {
    const heartbeatMs = this.#parts.knob('worker.heartbeatMs')
    const nowMs = this.#parts.clock.nowMs()
    return [...this.#seats.values()].map((seat) =>
      workerLine(seat, this.#slots.countOf(seat.number), heartbeatMs, nowMs),
    )
  }

  setDeletePaused(id: string, isPaused: boolean): void {
    if (isPaused) this.#pausedDeletes.add(id)
    else this.#pausedDeletes.delete(id)
    for (const link of this.#links()) link.send({ kind: 'deletePaused', id, isPaused })
  }

  setDrained(worker: number, isDrained: boolean): void {
    const seat = this.#seats.get(worker)
    const known = [...this.#seats.keys()].join(', ')
    if (seat === undefined) throw workerErrors.workerUnknown({ worker, known: known === '' ? 'none' : known })
    if (seat.isDrained === isDrained) return
    seat.isDrained = isDrained
    const text = isDrained ? `worker ${worker} gives its lanes to the others` : `worker ${worker} takes lanes again`
    this.#parts.report({ kind: 'drain', level: 'info', text, fields: { worker, drained: isDrained } })
    this.#assign()
  }

  stopping(): void {
    this.#isStopping = true
    this.#pulse.beat()
  }

  /** Lets all workers go; who does not is ended. */
  async close(): Promise<void> {
    this.#over.abort()
    this.stopping()
    for (const link of this.#links()) this.#parting.letGo(link)
    await this.#parting.gone()
  }

  #links(): readonly WorkerLink[] {
    return [...this.#seats.values()].flatMap(({ link }) => link ?? [])
  }

  async #watch(): Promise<void> {
    const { clock } = this.#parts
    let lastMs = clock.nowMs()
    while (!this.#over.signal.aborted) {
      await clock.sleep(lookEveryMs, this.#over.signal)
      const nowMs = clock.nowMs()
      if (Math.abs(nowMs - lastMs) > lateMs + lookEveryMs) for (const link of this.#links()) link.forgive()
      lastMs = nowMs
      this.#look(nowMs)
    }
  }

  #look(nowMs: number): void {
    if (this.#isStopping) return
    this.#resize()
    endStuck(this.#links(), this.#parts.knob, nowMs)
  }

  /** As many workers as the knob says; those that are too many leave when they have nothing any more. */
  #resize(): void {
    const wanted = this.#parts.knob('worker.processes')
    const before = this.#seats.size
    for (let number = 1; number <= wanted; number++) {
      const seat = this.#seats.get(number)
      if (seat === undefined) {
        this.#seats.set(number, emptySeat(number))
        this.#start(this.#seats.get(number)!)
      } else if (seat.isLeaving) {
        seat.isLeaving = false
        this.#assign()
      }
    }
    for (const seat of [...this.#seats.values()]) {
      if (seat.number <= wanted) continue
      if (!seat.isLeaving) {
        seat.isLeaving = true
        this.#assign()
      }
      if (this.#slots.countOf(seat.number) > 0) continue
      this.#seats.delete(seat.number)
      if (seat.link !== undefined) this.#parting.letGo(seat.link)
    }
    if (before === this.#seats.size) return
    this.#tellKnobs()
    this.#assign()
  }

  #start(seat: WorkerSeat): void {
    const link = new WorkerLink(seat.number, this.#fork(seat.number), () => this.#parts.clock.nowMs())
    seat.link = link
    link.channel.onMessage((message) => this.#take(seat, link, message))
    void link.channel.ended.then((reason) => this.#lost(seat, link, reason))
    this.#tellKnobs([link])
  }

  #tellKnobs(links: readonly WorkerLink[] = this.#links()): void {
    const { knobs } = this.#parts
    if (knobs === undefined) return
    for (const link of links) link.send({ kind: 'knobs', state: knobs.state(), workers: this.workers() })
  }

  #assign(): void {
    if (this.#isStopping) return
    const able = [...this.#seats.values()].filter((seat) => !isAway(seat))
    const awake = able.filter((seat) => !seat.isResting)
    this.#slots.assign((awake.length > 0 ? awake : able).map(({ number }) => number))
    this.#settle()
  }

  #settle(): void {
    if (this.#isStopping) return
    this.#slots.settle(
      (worker) => this.#seats.get(worker)?.link,
      () => [...this.#pausedDeletes],
    )
  }

  #take(seat: WorkerSeat, link: WorkerLink, message: FromWorker): void {
    // Of an earlier life.
    if (seat.link !== link && !link.isExpected) return
    link.hear(message)
    switch (message.kind) {
      case 'alive':
      case 'report':
      case 'mark':
      case 'unmark':
        return
      case 'ready':
        this.#settle()
        this.#pulse.beat()
        return
      case 'unusable':
        this.stopping()
        this.#hooks.lost(errorOfPlain(message.error))
        return
      case 'happening':
        this.#parts.report(message.happening)
        return
      default:
        this.#pass(link, message)
    }
  }

  /** What concerns one partition. */
  #pass(link: WorkerLink, message: Extract<FromWorker, { readonly desk: number }>): void {
    if (message.kind === 'gave') {
      this.#slots.gave(link, message.desk, message.slots)
      this.#settle()
    } else if (message.kind === 'closed') {
      link.desks.delete(message.desk)
      this.#pulse.beat()
    } else if (message.kind === 'deskFailed') this.#hooks.lost(errorOfPlain(message.error))
    else this.#desks.get(message.desk)?.take(link, message)
  }

  /** A worker is gone. What it had in user code is charged, durably, before another one may read it. */
  async #lost(seat: WorkerSeat, link: WorkerLink, ending: string): Promise<void> {
    if (seat.link === link) seat.link = undefined
    for (const one of this.#desks.values()) if (link.desks.has(one.desk)) one.forget()
    this.#pulse.beat()
    if (link.isExpected || this.#over.signal.aborted) return
    const reason = link.killedFor ?? ending
    const nowMs = this.#parts.clock.nowMs()
    seat.deathsMs = [...recentDeaths(seat.deathsMs, nowMs), nowMs]
    seat.replaced += 1
    seat.lastReason = reason
    await chargeLoss(link, [...this.#desks.values()], reason)
    this.#slots.lost(link)
    const pauseMs = restartPauseMs(seat.deathsMs, nowMs)
    const later = pauseMs === 0 ? '' : ` in ${pauseMs} ms`
    const text = `worker ${seat.number} is replaced${later}: ${reason}`
    this.#parts.report({ kind: 'worker', level: 'warn', text, fields: { worker: seat.number, reason, pauseMs } })
    await this.#rest(seat, pauseMs)
    if (this.#isStopping || this.#seats.get(seat.number) !== seat) return
    this.#start(seat)
    this.#assign()
  }

  /** What one that rests for long had is given to the others: a worker may be at fault, and no record. */
  async #rest(seat: WorkerSeat, pauseMs: number): Promise<void> {
    if (pauseMs === 0) return
    seat.isResting = pauseMs >= longRestMs && !plantedFaults.has('resting-keeps-slots')
    if (seat.isResting) this.#assign()
    await this.#parts.clock.sleep(pauseMs, this.#over.signal)
    seat.isResting = false
  }

  async #closeDesk(lanes: RemoteLanes): Promise<void> {
    const { desk } = lanes
    this.#slots.remove(lanes)
    const links = this.#links().filter(({ desks }) => desks.has(desk))
    for (const link of links) link.send({ kind: 'close', desk })
    const isClosed = (): boolean => this.#over.signal.aborted || !this.#links().some(({ desks }) => desks.has(desk))
    await settleWithin(this.#parts, this.#pulse, closingMs, isClosed)
    this.#desks.delete(desk)
  }
}
