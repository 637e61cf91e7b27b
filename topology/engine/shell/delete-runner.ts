/**
 * Performs the work of listed deletes on one sink, one entry after the other: read the covered events again, run them
 * through the same bolts with weight -1, in the slot where they live (PROTOCOL section 5).
 *
 * The log is the source: it is immutable, and what belongs to an entry is a pure function of log and document (I-3).
 * An event store may hold what the log has dropped, but it is not read here: such work ends partial in any topology.
 */
import type { EventBatch } from '../../model/decoder.ts'
import { readDeleteRequest } from '../../model/delete-request.ts'
import { parseEventId } from '../../model/event-id.ts'
import type { DeleteEntry, DeleteWork, Home } from '../../model/ledger-document.ts'
import { offset } from '../../model/position.ts'
import type { DeclaredEpoch, OpenEpoch } from '../../model/sink.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { belongsTo, idsOf } from '../delete-matcher.ts'
import { entryOffset, isDeleteReady } from '../ledger/delete-transitions.ts'
import { BatchProcessor } from './batch-processor.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { type OffsetSpan, readRetained } from './read-span.ts'
import { runBoltsAgain } from './run-bolts-again.ts'

/** Offsets of the partition that an entry names, when all its records are by id; `undefined`: the whole cover has to be read. */
const namedOffsets = (entry: DeleteEntry, partition: number): readonly number[] | undefined => {
  const offsets: number[] = []
  for (const record of entry.records) {
    const request = readDeleteRequest(record.request)
    const ids = typeof request === 'string' ? [] : idsOf(request)
    if (ids === undefined) return undefined
    for (const id of ids) {
      const place = parseEventId(id)
      if (place?.partition === partition) offsets.push(place.offset)
    }
  }
  return offsets.sort((left, right) => left - right)
}

interface Retraction {
  readonly to: number
  readonly retracted: number
  /** Offsets that the log had dropped. */
  readonly expired: number
}

export interface DeleteHooks {
  /** Whether the sink rests; a delete that is in the middle of an epoch finishes it. */
  readonly isPaused: () => boolean
  /** An error of class `stop`: no delete of this sink goes on, and the turn that one may hold is not given back. */
  readonly failed: (error: unknown) => void
}

export class DeleteRunner {
  readonly #context: PartitionContext
  readonly #node: PlannedSink
  readonly #hooks: DeleteHooks
  #state: 'idle' | 'running' | 'stopped' = 'idle'

  constructor(context: PartitionContext, node: PlannedSink, hooks: DeleteHooks) {
    this.#context = context
    this.#node = node
    this.#hooks = hooks
  }

  get sink(): string {
    return this.#node.name
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** Looks for work; called whenever the document has changed, and when the sink rests no longer. */
  poke(): void {
    if (this.#state !== 'idle' || this.#isHeld || this.#nextEntry() < 0) return
    this.#state = 'running'
    this.#run().then(
      () => {
        this.#state = 'idle'
        this.poke()
      },
      (error: unknown) => {
        this.#state = 'stopped'
        if (!(error instanceof Abandoned)) this.#hooks.failed(error)
      },
    )
  }

  get #isHeld(): boolean {
    return this.#context.signal.aborted || this.#context.isStopping() || this.#hooks.isPaused()
  }

  #nextEntry(): number {
    const { ledger, eventStore } = this.#context
    const { doc } = ledger
    const name = this.#node.name
    // Whoever holds a turn goes first: every other entry may need that very slot.
    const holder = doc.deletes.findIndex((entry) => typeof entry.work[name]?.declared === 'number')
    if (holder >= 0) return holder
    return doc.deletes.findIndex((entry, index) => {
      const work = entry.work[name]
      if (work === undefined || work.state === 'done') return false
      return work.state === 'running' || isDeleteReady(doc, index, name, eventStore)
    })
  }

  async #run(): Promise<void> {
    for (let index = this.#nextEntry(); index >= 0; index = this.#nextEntry()) {
      if (this.#isHeld) return
      await this.#step(index)
    }
  }

  async #step(index: number): Promise<void> {
    const { ledger, eventStore } = this.#context
    const sink = this.#node.name
    const entry = ledger.doc.deletes[index]!
    const work = entry.work[sink]!
    if (work.state === 'waiting') await ledger.propose({ kind: 'startDelete', entry: index, sink, eventStore })
    else if (work.todo.length === 0) await this.#finish(index, entry, work)
    else await this.#epoch(index, entry, work, work.todo[0]!)
  }

  async #finish(index: number, entry: DeleteEntry, work: DeleteWork): Promise<void> {
    const verdict = await this.#context.ledger.propose({ kind: 'finishDelete', entry: index, sink: this.#node.name })
    if (verdict.kind !== 'applied') return
    const sink = this.#node.name
    const { partition } = this.#context
    const { retracted, expired = 0 } = work
    const name = `delete @${entryOffset(entry)}`
    const isWhole = expired === 0
    const text = isWhole
      ? `${name} is done on ${sink}/${partition}`
      : `${name} is partial on ${sink}/${partition}: the log no longer had ${expired} of its offsets`
    const fields = { sink, partition, offset: entryOffset(entry), retracted, expired }
    this.#context.parts.report({ kind: 'delete', level: isWhole ? 'info' : 'warn', text, fields })
  }

  /** One delete epoch, exactly like one of a lane: process, declare, write, commit. */
  async #epoch(index: number, entry: DeleteEntry, work: DeleteWork, home: Home): Promise<void> {
    const { ledger, eventStore, writers } = this.#context
    const sink = this.#node.name
    const effects = writers.get(sink)!.openEpoch()
    try {
      const left = work.todo.length
      const { at } = work
      const { to, retracted, expired } = await this.#retract(effects, index, entry, work, home)
      let seq = work.seq
      if (work.declared === null) {
        const verdict = await ledger.propose({ kind: 'declareDelete', entry: index, sink, at, to, left, eventStore })
        if (verdict.kind !== 'applied') return void (await ledger.refresh())
        seq = verdict.doc.deletes[index]!.work[sink]!.seq
      }
      if (!(await this.#write(entry, home, at, to, seq, effects))) return void (await ledger.refresh())
      await ledger.propose({ kind: 'commitDelete', entry: index, sink, at, to, seq, left, retracted, expired })
    } finally {
      effects.discard()
    }
  }

  /** Folds, with weight -1, what belongs to the entry in `[at, to)`; `to` is the declared end, or as far as time allows. */
  async #retract(
    effects: OpenEpoch,
    index: number,
    entry: DeleteEntry,
    work: DeleteWork,
    home: Home,
  ): Promise<Retraction> {
    const { parts, ledger } = this.#context
    const doc = ledger.doc
    const processor = new BatchProcessor(this.#context)
    const endMs = parts.clock.nowMs() + parts.knob('delete.epochMs')
    const end = work.declared ?? home.to
    let at = work.at
    let retracted = 0
    let expired = 0
    const noteExpired = (offsets: number): void => {
      expired += offsets
    }
    for (const span of this.#spans(entry, work.at, end)) {
      for await (const batch of readRetained(this.#context, span, noteExpired)) {
        const { events } = processor.decode(batch, home.tenants)
        const mine: number[] = []
        const matcher = processor.matcherOf(doc)
        for (let one = 0; one < events.length; one++)
          if (belongsTo(doc, matcher, index, this.#node.name, events, one)) mine.push(one)
        await this.#fold(effects, events, mine)
        retracted += mine.length
        at = batch.to
        await parts.giveWay()
        // A declared end is fixed; an open one bounds the time for which the slot is taken.
        const isLong = parts.clock.nowMs() >= endMs || effects.heldBytes() >= parts.knob('epoch.bytes')
        if (work.declared === null && isLong && at < end) return { to: at, retracted, expired }
      }
    }
    return { to: end, retracted, expired }
  }

  #spans(entry: DeleteEntry, from: number, to: number): readonly OffsetSpan[] {
    const named = namedOffsets(entry, this.#context.partition)
    if (named === undefined) return [{ from, to }]
    return [...new Set(named)].filter((one) => one >= from && one < to).map((one) => ({ from: one, to: one + 1 }))
  }

  async #fold(effects: OpenEpoch, events: EventBatch, indices: readonly number[]): Promise<void> {
    if (indices.length === 0) return
    for (const tuples of await runBoltsAgain(this.#context, this.#node.name, events.select(indices)))
      effects.add(tuples, -1)
    await effects.settle?.()
  }

  async #write(
    entry: DeleteEntry,
    home: Home,
    from: number,
    to: number,
    seq: number,
    effects: OpenEpoch,
  ): Promise<boolean> {
    const { parts, signal, log, plan, partition } = this.#context
    const epoch: DeclaredEpoch = {
      topology: parts.topology.name,
      sink: this.#node.name,
      log: log.id,
      spout: plan.spout.name,
      partition,
      lane: home.lane,
      from: offset(from),
      to: offset(to),
      seq,
      slot: home.slot,
      partBytes: 0,
      retracts: { deleteOffset: offset(entryOffset(entry)) },
    }
    return (
      (await persist(parts, `delete on ${this.#node.name}`, signal, () => effects.write(epoch, signal))) === 'written'
    )
  }
}
