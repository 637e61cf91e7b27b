/**
 * One life of a worker as its supervisor knows it: when it was heard, what it has marked, and which partitions it has
 * open with the document that it was sent last.
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import type { WaitingFor } from '../../../model/run-handle.ts'
import type { WorkReport } from '../../../model/work-report.ts'
import { patchOf } from '../../workers/document-patch.ts'
import type { FromWorker, LaneLine, Mark, OpenOrder, ToWorker } from '../../workers/messages.ts'
import type { WorkerSigns } from '../../workers/worker-health.ts'
import type { WorkerChannel } from './worker-channel.ts'

/** A partition that the worker has open. */
export interface LinkedDesk {
  doc: LedgerDocument
  lanes: readonly LaneLine[]
  isSettled: boolean
  ask: number
}

export class WorkerLink {
  readonly number: number
  readonly startedAtMs: number
  readonly channel: WorkerChannel
  readonly desks: Map<number, LinkedDesk> = new Map()
  readonly #nowMs: () => number
  readonly #marks = new Map<number, { readonly mark: Mark; readonly atMs: number }>()
  isReady = false
  /** It was asked to go: its end is no loss. */
  isExpected = false
  /** Why it was ended from here. */
  killedFor: string | undefined
  report: WorkReport | undefined
  waits: readonly WaitingFor[] = []
  #heardAtMs: number | undefined
  #callSinceMs: number | undefined

  constructor(number: number, channel: WorkerChannel, nowMs: () => number) {
    this.number = number
    this.channel = channel
    this.#nowMs = nowMs
    this.startedAtMs = nowMs()
  }

  get signs(): WorkerSigns {
    const marked = [...this.#marks.values()].map(({ atMs }) => atMs)
    return {
      startedAtMs: this.startedAtMs,
      isReady: this.isReady,
      heardAtMs: this.#heardAtMs,
      markedAtMs: marked.length === 0 ? undefined : Math.min(...marked),
      callSinceMs: this.#callSinceMs,
    }
  }

  get heardAtMs(): number {
    return this.#heardAtMs ?? this.startedAtMs
  }

  /** What was in user code when it was heard last. */
  get marks(): readonly Mark[] {
    return [...this.#marks.values()].map(({ mark }) => mark)
  }

  /** Notes what every message tells of the worker itself. */
  hear(message: FromWorker): void {
    this.#heardAtMs = this.#nowMs()
    if (message.kind === 'alive') this.#callSinceMs = message.callSinceMs ?? undefined
    else if (message.kind === 'ready') this.isReady = true
    else if (message.kind === 'mark') this.#marks.set(message.id, { mark: message.mark, atMs: this.#nowMs() })
    else if (message.kind === 'unmark') this.#marks.delete(message.id)
    else if (message.kind === 'report') {
      this.report = message.report
      this.waits = message.waits
    }
  }

  /** This process was stopped, or its clock has jumped: nobody could be heard meanwhile. */
  forgive(): void {
    if (this.#heardAtMs !== undefined) this.#heardAtMs = this.#nowMs()
    for (const [id, { mark }] of this.#marks) this.#marks.set(id, { mark, atMs: this.#nowMs() })
    this.#callSinceMs = undefined
  }

  send(message: ToWorker): void {
    this.channel.send(message)
  }

  open(desk: number, order: OpenOrder): void {
    this.desks.set(desk, { doc: order.doc, lanes: [], isSettled: order.slots.length === 0, ask: 0 })
    this.send({ kind: 'open', desk, order })
  }

  /** Sends what has changed since the document that it has. */
  follow(desk: number, doc: LedgerDocument): void {
    const linked = this.desks.get(desk)
    if (linked === undefined || linked.doc === doc) return
    this.send({ kind: 'document', desk, patch: patchOf(linked.doc, doc) })
    linked.doc = doc
  }

  kill(reason: string): void {
    this.killedFor ??= reason
    this.channel.kill()
  }
}
