/**
 * One partition in a worker: a runner for the slots that the worker was given, above a copy of the ledger document. What
 * happens to it is told to the supervisor; what the supervisor says is done in order.
 */
import type { LanePermits } from '../../../model/lane-permit.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import { partition as toPartition } from '../../../model/position.ts'
import { errorOfPlain, plainErrorOf } from '../../../model/spillway-error.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { FailedSink, FromWorker, OpenOrder, PlainVerdict } from '../../workers/messages.ts'
import { DeleteTexts } from '../delete-texts.ts'
import type { EngineParts } from '../engine-parts.ts'
import { checkFingerprints } from '../partition-desk.ts'
import type { PartitionHost } from '../partition-host.ts'
import { PartitionRunner } from '../partition-runner.ts'
import { Abandoned } from '../persist.ts'
import type { CountedRange } from '../read-tally.ts'
import { RemoteLedger } from './remote-ledger.ts'

// Often enough for people, seldom enough to cost nothing.
const tellEveryMs = 100

/** What all partitions of the worker share. */
export type SharedHost = Pick<PartitionHost, 'turns' | 'marks' | 'hasCredit' | 'noteHeld' | 'isDeletePaused'>

export interface HostedPlace {
  readonly desk: number
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly order: OpenOrder
}

export class HostedPartition {
  readonly #parts: EngineParts
  readonly #place: HostedPlace
  readonly #send: (message: FromWorker) => void
  readonly #abort = new AbortController()
  readonly #stop = new AbortController()
  readonly #paused: Set<string>
  readonly #failed: Map<string, unknown>
  readonly ledger: RemoteLedger
  #slots: ReadonlySet<number>
  #target: number
  #permits: LanePermits
  #runner: PartitionRunner | undefined
  #ask = 0
  /** Since it was told last. */
  #reads: CountedRange[] = []
  #isTelling = false
  #told = ''

  constructor(parts: EngineParts, place: HostedPlace, send: (message: FromWorker) => void) {
    const { order, desk } = place
    this.#parts = parts
    this.#place = place
    this.#send = send
    this.#paused = new Set(order.paused)
    this.#failed = new Map(order.failed.map(({ sink, error }) => [sink, errorOfPlain(error)]))
    this.#slots = new Set(order.slots)
    this.#target = order.target
    this.#permits = order.permits
    this.ledger = new RemoteLedger(desk, order.doc, send, (doc) => this.#runner?.follow(doc))
  }

  get runner(): PartitionRunner | undefined {
    return this.#runner
  }

  /** Opens the sinks and begins the lanes; what cannot be opened is told. */
  async open(shared: SharedHost): Promise<void> {
    const { plan, log, order, desk } = this.#place
    const partition = toPartition(order.partition)
    const key = { topology: this.#parts.topology.name, spout: plan.spout.name, partition }
    const host = this.#host(shared)
    const deletes = new DeleteTexts(this.#parts, key, host.signal)
    const { ledger } = this
    try {
      // The file may have been edited since the supervisor has loaded it.
      checkFingerprints(plan, order.doc)
      const place = { host, plan, log, partition, target: this.#target, ledger, deletes }
      // None yet: which slots are its own is known when it is open.
      const runner = await PartitionRunner.open(this.#parts, place, new Set())
      if (this.#abort.signal.aborted) return await runner.close()
      this.#begin(runner)
    } catch (error) {
      if (!(error instanceof Abandoned)) this.#send({ kind: 'deskFailed', desk, error: plainErrorOf(error) })
    }
  }

  /** What came meanwhile is done now. */
  #begin(runner: PartitionRunner): void {
    this.#runner = runner
    runner.setPermits(this.#permits)
    runner.raiseTarget(this.#target)
    runner.takeSlots(this.#slots)
    runner.start()
    for (const [sink, error] of this.#failed) runner.stopSink(sink, error)
    if (this.#stop.signal.aborted) runner.wake()
    this.#tellSoon()
  }

  takeSlots(slots: readonly number[]): void {
    this.#slots = this.#slots.union(new Set(slots))
    this.#runner?.takeSlots(slots)
    this.#tellSoon()
  }

  async giveSlots(slots: readonly number[], mostMs: number): Promise<void> {
    const given = new Set(slots)
    this.#slots = this.#slots.difference(given)
    await this.#runner?.giveSlots(given, mostMs)
    this.#tell()
    this.#send({ kind: 'gave', desk: this.#place.desk, slots })
  }

  settle(id: number, ver: number, verdict: PlainVerdict): void {
    this.ledger.settle(id, ver, verdict)
  }

  raiseTarget(target: number): void {
    this.#target = Math.max(this.#target, target)
    this.#runner?.raiseTarget(target)
  }

  setPaused(sink: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(sink)
    else this.#paused.delete(sink)
    this.#runner?.setPaused(sink, isPaused)
  }

  setPermits(permits: LanePermits): void {
    this.#permits = permits
    this.#runner?.setPermits(permits)
  }

  stopSink({ sink, error }: FailedSink): void {
    this.#failed.set(sink, errorOfPlain(error))
    this.#runner?.stopSink(sink, errorOfPlain(error))
  }

  wake(ask: number): void {
    this.#ask = ask
    this.#stop.abort()
    this.#runner?.wake()
    this.#tell()
  }

  leave(ask: number): void {
    this.#ask = ask
    this.#stop.abort()
    this.#runner?.leave()
    this.#tell()
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.ledger.end()
    this.#tell()
    await this.#runner?.close().catch(() => undefined)
    this.#send({ kind: 'closed', desk: this.#place.desk })
  }

  #host(shared: SharedHost): PartitionHost {
    const { desk } = this.#place
    return {
      ...shared,
      signal: this.#abort.signal,
      stopSignal: this.#stop.signal,
      isStopping: () => this.#stop.signal.aborted,
      isPaused: (sink) => this.#paused.has(sink),
      hasFailed: (sink) => this.#failed.has(sink),
      noteRead: (counted) => this.#noteRead(counted),
      noteDeadLetter: (letter) => this.#send({ kind: 'deadLetter', desk, letter }),
      sinkStopped: (sink, error) => {
        if (this.#failed.has(sink)) return
        this.#failed.set(sink, error)
        this.#send({ kind: 'sinkStopped', desk, failed: { sink, error: plainErrorOf(error) } })
      },
      changed: () => this.#tellSoon(),
    }
  }

  #noteRead(counted: CountedRange): void {
    const last = this.#reads.at(-1)
    if (last === undefined || last.to !== counted.from) this.#reads.push(counted)
    else {
      const [records, bytes] = [last.records + counted.records, last.bytes + counted.bytes]
      this.#reads[this.#reads.length - 1] = { from: last.from, to: counted.to, records, bytes }
    }
    this.#tellSoon()
  }

  /** Who waits for an end hears of every change; else people are content with less. */
  #tellSoon(): void {
    if (this.#stop.signal.aborted) {
      this.#tell()
      return
    }
    if (this.#isTelling) return
    this.#isTelling = true
    void this.#parts.clock.sleep(tellEveryMs, this.#abort.signal).then(() => {
      this.#isTelling = false
      this.#tell()
    })
  }

  #tell(): void {
    const lanes = [...(this.#runner?.lanes.values() ?? [])].map(({ id, position, isActive, isPaused, isSettled }) => {
      return { lane: id, position, isActive, isPaused, isSettled }
    })
    const isSettled = this.#runner?.isSettled ?? true
    const line = JSON.stringify([lanes, isSettled, this.#ask])
    const reads = this.#reads
    if (reads.length === 0 && line === this.#told) return
    this.#told = line
    this.#reads = []
    const { desk } = this.#place
    this.#send({ kind: 'lanes', desk, lanes, isSettled, ask: this.#ask, reads })
  }
}
