/**
 * Performs the work of listed deletes on one sink, one entry after the other: read the covered events again, run them
 * through the same bolts with weight -1, in the slot where they live (PROTOCOL section 5).
 *
 * The log is the source: it is immutable, and what belongs to an entry is a pure function of log and document (I-3).
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
import { type OffsetSpan, readSpan } from './read-span.ts'
import { runBoltsAgain } from './run-bolts-again.ts'

/** Offsets that an entry names, when all its records are by id; `undefined`: the whole cover has to be read. */
const namedOffsets = (entry: DeleteEntry): readonly number[] | undefined => {
  const offsets: number[] = []
  for (const record of entry.records) {
    const request = readDeleteRequest(record.request)
    const ids = typeof request === 'string' ? [] : idsOf(request)
    if (ids === undefined) return undefined
    for (const id of ids) {
      const place = parseEventId(id)?.offset
      if (place !== undefined) offsets.push(place)
    }
  }
  return offsets.sort((left, right) => left - right)
}

interface Retraction {
  readonly effects: OpenEpoch
  readonly to: number
  readonly retracted: number
}

export class DeleteRunner {
  readonly #context: PartitionContext
  readonly #node: PlannedSink
  #isRunning = false

  constructor(context: PartitionContext, node: PlannedSink) {
    this.#context = context
    this.#node = node
  }

  /** Whether an entry's work on this sink could go on now. */
  get hasWork(): boolean {
    return this.#nextEntry() >= 0
  }

  /** Looks for work; called whenever the document has changed. */
  poke(): void {
    const { signal } = this.#context
    if (this.#isRunning || signal.aborted || this.#context.isStopping() || this.#nextEntry() < 0) return
    this.#isRunning = true
    this.#run().then(
      () => {
        this.#isRunning = false
        this.poke()
      },
      (error: unknown) => {
        if (!(error instanceof Abandoned)) this.#context.laneStopped(this.#node.name, error)
      },
    )
  }

  #nextEntry(): number {
    const { ledger, eventStore } = this.#context
    const { doc } = ledger
    const name = this.#node.name
    return doc.deletes.findIndex((entry, index) => {
      const work = entry.work[name]
      if (work === undefined || work.state === 'done') return false
      return work.state === 'running' || isDeleteReady(doc, index, name, eventStore)
    })
  }

  async #run(): Promise<void> {
    for (let index = this.#nextEntry(); index >= 0; index = this.#nextEntry()) {
      if (this.#context.isStopping()) return
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
    const text = `delete @${entryOffset(entry)} is done on ${this.#node.name}/${this.#context.partition}`
    const fields = {
      sink: this.#node.name,
      partition: this.#context.partition,
      offset: entryOffset(entry),
      retracted: work.retracted,
    }
    this.#context.parts.report({ kind: 'delete', level: 'info', text, fields })
  }

  /** One delete epoch, exactly like one of a lane: process, declare, write, commit. */
  async #epoch(index: number, entry: DeleteEntry, work: DeleteWork, home: Home): Promise<void> {
    const { ledger, eventStore } = this.#context
    const sink = this.#node.name
    const retraction = await this.#retract(index, entry, work, home)
    try {
      const left = work.todo.length
      const { at } = work
      const { to, retracted } = retraction
      let seq = work.seq
      if (work.declared === null) {
        const verdict = await ledger.propose({ kind: 'declareDelete', entry: index, sink, at, to, left, eventStore })
        if (verdict.kind !== 'applied') return void (await ledger.refresh())
        seq = verdict.doc.deletes[index]!.work[sink]!.seq
      }
      if (!(await this.#write(entry, home, at, to, seq, retraction.effects))) return void (await ledger.refresh())
      await ledger.propose({ kind: 'commitDelete', entry: index, sink, at, to, seq, left, retracted })
    } finally {
      retraction.effects.discard()
    }
  }

  /** Folds, with weight -1, what belongs to the entry in `[at, to)`; `to` is the declared end, or as far as time allows. */
  async #retract(index: number, entry: DeleteEntry, work: DeleteWork, home: Home): Promise<Retraction> {
    const { parts, ledger, writers } = this.#context
    const doc = ledger.doc
    const effects = writers.get(this.#node.name)!.openEpoch()
    const processor = new BatchProcessor(this.#context)
    const endMs = parts.clock.nowMs() + parts.knob('delete.epochMs')
    const end = work.declared ?? home.to
    let at = work.at
    let retracted = 0
    for (const span of this.#spans(entry, work.at, end)) {
      for await (const batch of readSpan(this.#context, span)) {
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
        if (work.declared === null && isLong && at < end) return { effects, to: at, retracted }
      }
    }
    return { effects, to: end, retracted }
  }

  #spans(entry: DeleteEntry, from: number, to: number): readonly OffsetSpan[] {
    const named = namedOffsets(entry)
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
