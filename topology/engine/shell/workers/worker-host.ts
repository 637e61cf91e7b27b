/**
 * A worker: runs the lanes of the slots that its supervisor gives it, with its own fetches, bolts and writes. It owns
 * nothing that a loss would take along: progress stands in the ledger, which the supervisor writes.
 */

import { errors } from '../../../model/errors.ts'
import type { Happening } from '../../../model/run-handle.ts'
import { KnobDesk } from '../../knob-desk.ts'
import type { FromWorker, OpenOrder, ToWorker } from '../../workers/messages.ts'
import { beatEveryMs } from '../../workers/worker-health.ts'
import { logOf } from '../begin-places.ts'
import type { EngineParts } from '../engine-parts.ts'
import { LaneCredit } from '../lane-credit.ts'
import type { PartitionRunner } from '../partition-runner.ts'
import { tellKnobs } from '../tell-knobs.ts'
import { Turns } from '../turns.ts'
import { Waits } from '../waits.ts'
import { workReportOf } from '../work-report-of.ts'
import { HostedPartition, type SharedHost } from './hosted-partition.ts'
import type { SupervisorChannel } from './worker-channel.ts'
import { WorkerMarks } from './worker-marks.ts'

export type HostParts = Omit<EngineParts, 'knob' | 'knobs' | 'report'>

const reportEveryMs = 1_000

/** What all workers have together: each has its part. */
const sharedKnobs: ReadonlySet<string> = new Set([
  'memory.budgetBytes',
  'memory.spillBytes',
  'fetch.totalBytes',
  'fetch.backlogBytesPerSecond',
])

export class WorkerHost {
  readonly #number: number
  readonly #channel: SupervisorChannel
  readonly #parts: EngineParts
  readonly #knobs = new KnobDesk()
  readonly #credit: LaneCredit
  readonly #marks: WorkerMarks
  readonly #shared: SharedHost
  readonly #partitions = new Map<number, HostedPartition>()
  readonly #pausedDeletes = new Set<string>()
  readonly #over = new AbortController()
  #workers = 1
  #end!: () => void

  /** Resolves when the supervisor has let go of it and nothing is open any more. */
  readonly ended: Promise<void> = new Promise((resolve) => {
    this.#end = resolve
  })

  constructor(number: number, given: HostParts, channel: SupervisorChannel) {
    this.#number = number
    this.#channel = channel
    const waits = given.waits ?? new Waits(given.clock)
    this.#parts = {
      ...given,
      waits,
      knobs: this.#knobs,
      knob: (name, options, laneClass) => this.#knob(name, this.#knobs.value(name, options, laneClass)),
      report: (happening: Omit<Happening, 'atMs'>) => this.#send({ kind: 'happening', happening }),
    }
    tellKnobs(given.resources, this.#parts.knob)
    const turns = new Turns(this.#parts)
    this.#credit = new LaneCredit(this.#parts, turns.reads)
    this.#marks = new WorkerMarks(
      (message) => channel.send(message),
      () => given.clock.nowMs(),
    )
    this.#shared = {
      turns,
      marks: this.#marks,
      hasCredit: (bytes, laneClass) => this.#credit.hasRoom(bytes, laneClass),
      noteHeld: (holder) => this.#credit.note(holder),
      isDeletePaused: (id) => this.#pausedDeletes.has(id),
    }
  }

  get runners(): readonly PartitionRunner[] {
    return [...this.#partitions.values()].flatMap(({ runner }) => runner ?? [])
  }

  /** Listens, and says that it is there. */
  start(): void {
    this.#channel.onMessage((message) => this.#take(message))
    void this.#beat()
    this.#send({ kind: 'ready' })
  }

  /** As if the process had died: nothing is sent, done or answered any more. For tests. */
  abandon(): void {
    this.#over.abort()
    for (const one of this.#partitions.values()) void one.close()
  }

  #knob(name: string, value: number): number {
    return sharedKnobs.has(name) ? Math.floor(value / this.#workers) : value
  }

  #send(message: FromWorker): void {
    if (!this.#over.signal.aborted) this.#channel.send(message).catch(() => undefined)
  }

  async #beat(): Promise<void> {
    const { clock, knob, waits } = this.#parts
    let reportedMs = Number.NEGATIVE_INFINITY
    while (!this.#over.signal.aborted) {
      this.#send({ kind: 'alive', callSinceMs: this.#marks.callSinceMs ?? null })
      if (clock.nowMs() - reportedMs >= reportEveryMs) {
        reportedMs = clock.nowMs()
        const report = workReportOf(this.#parts, this.#number, this.#credit, this.runners)
        this.#send({ kind: 'report', report, waits: waits?.list() ?? [] })
      }
      const bounds = { heartbeatMs: knob('worker.heartbeatMs'), callMs: knob('worker.callMs') }
      await clock.sleep(beatEveryMs(bounds), this.#over.signal)
    }
  }

  #take(message: ToWorker): void {
    if (this.#over.signal.aborted) return
    if (message.kind === 'knobs') {
      this.#workers = message.workers
      this.#knobs.load(message.state)
    } else if (message.kind === 'deletePaused') this.#setDeletePaused(message.id, message.isPaused)
    else if (message.kind === 'open') this.#open(message.desk, message.order)
    else if (message.kind === 'end') void this.#close()
    else this.#pass(message)
  }

  #pass(message: Exclude<ToWorker, { kind: 'knobs' | 'deletePaused' | 'open' | 'end' }>): void {
    const hosted = this.#partitions.get(message.desk)
    // What was on its way to a partition that is closed by now.
    if (hosted === undefined) return
    switch (message.kind) {
      case 'takeSlots':
        hosted.takeSlots(message.slots)
        return
      case 'giveSlots':
        void hosted.giveSlots(message.slots, message.mostMs)
        return
      case 'document':
        hosted.ledger.follow(message.patch)
        return
      case 'verdict':
        hosted.settle(message.id, message.ver, message.verdict)
        return
      case 'target':
        hosted.raiseTarget(message.target)
        return
      case 'paused':
        hosted.setPaused(message.sink, message.isPaused)
        return
      case 'permits':
        hosted.setPermits(message.permits)
        return
      case 'stopSink':
        hosted.stopSink(message.failed)
        return
      case 'wake':
        hosted.wake(message.ask)
        return
      case 'leave':
        hosted.leave(message.ask)
        return
      case 'close':
        this.#partitions.delete(message.desk)
        void hosted.close()
        return
      default:
        message satisfies never
    }
  }

  #open(desk: number, order: OpenOrder): void {
    const plan = this.#parts.plans.find((one) => one.spout.name === order.spout)
    if (plan === undefined) throw errors.badConfiguration({ problem: `no spout is named ${order.spout}` })
    const log = logOf(this.#parts, order.spout)
    for (const id of order.pausedDeletes) this.#pausedDeletes.add(id)
    const hosted = new HostedPartition(this.#parts, { desk, plan, log, order }, (message) => this.#send(message))
    this.#partitions.set(desk, hosted)
    void hosted.open(this.#shared)
  }

  #setDeletePaused(id: string, isPaused: boolean): void {
    if (isPaused) this.#pausedDeletes.add(id)
    else this.#pausedDeletes.delete(id)
    for (const { runner } of this.#partitions.values()) runner?.wakeDeletes()
  }

  async #close(): Promise<void> {
    const open = [...this.#partitions.values()]
    this.#partitions.clear()
    await Promise.allSettled(open.map((one) => one.close()))
    this.#over.abort()
    this.#end()
  }
}
