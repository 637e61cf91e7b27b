/**
 * One delete epoch of an entry on one or several sinks that stand at the same offset, exactly like one of a lane:
 * process, declare, write, commit (PROTOCOL sections 3 and 5). The sinks share the reading; each declares, writes and
 * commits in its own slot, and what is proposed at one moment goes into one compare-and-set.
 *
 * A declared end is kept to the offset: whoever finishes the epoch of an owner that died gives the same bytes (I-1, I-3).
 */
import type { DeleteEntry, DeleteWork, Home, LedgerDocument } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { compileDeletes } from '../delete-matcher.ts'
import { openEntries } from '../delete-work.ts'
import { entryOf, entryOffset } from '../ledger/delete-entries.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { type DeleteContext, idsOfEntry, reportDelete, startDelete, writeDelete } from './delete-context.ts'
import { DeletePass, Outlet, PassShare } from './delete-pass.ts'
import { readForDelete } from './delete-reading.ts'
import { FenceGuard } from './fence-guard.ts'
import type { KeptEvents } from './kept-events.ts'

/** Where an entry's work on some sinks stands. */
export interface EpochPlace {
  readonly n: number
  readonly at: number
  readonly declared: number | null
}

export const placeOf = ({ n, work }: DeleteEntry, sink: string): EpochPlace => {
  const { at, declared } = work[sink]!
  return { n, at, declared }
}

const isAt = ({ at, declared }: DeleteWork, place: EpochPlace): boolean =>
  at === place.at && declared === place.declared

interface Member {
  readonly node: PlannedSink
  readonly home: Home
  readonly left: number
  readonly seq: number
  readonly share: PassShare
}

export class DeleteEpoch {
  readonly #parts: DeleteContext
  readonly #place: EpochPlace
  readonly #entry: DeleteEntry
  readonly #members: readonly Member[]
  readonly #doc: LedgerDocument
  readonly #end: number
  #to = 0

  private constructor(
    parts: DeleteContext,
    doc: LedgerDocument,
    entry: DeleteEntry,
    place: EpochPlace,
    nodes: readonly PlannedSink[],
  ) {
    this.#parts = parts
    this.#doc = doc
    this.#entry = entry
    this.#place = place
    // No further than all of them can go.
    this.#end = place.declared ?? Math.min(...nodes.map(({ name }) => entry.work[name]!.todo[0]!.to))
    this.#members = nodes.map((node) => this.#member(node))
  }

  /** Of those sinks that still stand at the place; `undefined` when none does. */
  static begin(parts: DeleteContext, place: EpochPlace, nodes: readonly PlannedSink[]): DeleteEpoch | undefined {
    const { doc } = parts.context.ledger
    const entry = entryOf(doc, place.n)
    if (entry === undefined) return undefined
    const there = nodes.filter(({ name }) => {
      const work = entry.work[name]
      return work?.state === 'running' && work.todo.length > 0 && isAt(work, place)
    })
    return there.length === 0 ? undefined : new DeleteEpoch(parts, doc, entry, place, there)
  }

  /** Sinks that take part. */
  get sinks(): readonly string[] {
    return this.#members.map(({ node }) => node.name)
  }

  /** Reads the range for all; false when it is abandoned because a delete was paused. */
  async read(): Promise<boolean> {
    const { n, at } = this.#place
    // By id a record costs one look-up, and stands in the cache.
    const kept = this.#entry.isById ? undefined : this.#parts.kept.open(n, at)
    let isRead = false
    try {
      isRead = await this.#read(kept)
    } finally {
      const isComplete = isRead && this.#members.every(({ share }) => share.expired === 0)
      if (kept !== undefined) this.#parts.kept.close(n, isComplete ? this.#to : undefined)
      if (!isRead) for (const { share } of this.#members) share.outlet.effects.discard()
    }
    return isRead
  }

  async #read(kept: KeptEvents | undefined): Promise<boolean> {
    const { context, cache, isDeletePaused } = this.#parts
    const { deletes, parts } = context
    const records = await deletes.recordsOf(this.#entry)
    const ids = await idsOfEntry(context, this.#entry)
    // The planted work asks its own entry alone, as if no other could have taken the event.
    const matcher = plantedFaults.has('no-exclusion')
      ? compileDeletes([{ n: this.#entry.n, records }], context.partition)
      : await deletes.matcherOf(this.#doc, this.#place.at)
    const shares = this.#members.map(({ share }) => share)
    const to = await readForDelete(context, cache, {
      pass: new DeletePass(context, this.#doc, matcher, shares, records, kept),
      shares: shares.map((share) => ({ share, records })),
      to: this.#end,
      maySuspend: this.#place.declared === null,
      workMs: parts.knob('delete.epochMs'),
      isPaused: () => ids.some(isDeletePaused),
    })
    this.#to = to ?? this.#place.at
    return to !== undefined
  }

  /** Declares, writes and commits for one sink, and lets go of what it held. Throws what stops it. */
  async conclude(sink: string): Promise<void> {
    const member = this.#members.find(({ node }) => node.name === sink)!
    try {
      await this.#conclude(member, sink)
    } finally {
      member.share.outlet.effects.discard()
    }
  }

  async #conclude(member: Member, sink: string): Promise<void> {
    const { ledger, eventStore } = this.#parts.context
    const { n, at, declared } = this.#place
    const { node, home, left, share } = member
    if (share.outlet.failure !== undefined) throw share.outlet.failure.error
    const to = this.#to
    let { seq } = member
    if (declared === null) {
      const verdict = await ledger.propose({ kind: 'declareDelete', entry: n, sink, at, to, left, eventStore })
      if (verdict.kind !== 'applied') return void (await ledger.refresh())
      seq = entryOf(verdict.doc, n)!.work[sink]!.seq
    }
    const epoch = { from: at, to, seq, slot: home.slot, lane: home.lane }
    const isWritten = await writeDelete(
      this.#parts.context,
      node,
      share.outlet.effects,
      epoch,
      entryOffset(this.#entry),
    )
    if (!isWritten) return this.#meetFence(sink, { at, declared: to, seq })
    this.#parts.fences.delete(sink)
    await this.#commit(member, seq)
  }

  /** Overtaken: the document says more now, or the rows are ahead of it. Throws `rowsAhead` (stop). */
  async #meetFence(sink: string, fenced: Pick<DeleteWork, 'at' | 'declared' | 'seq'>): Promise<void> {
    const { context, fences } = this.#parts
    const guard = fences.get(sink) ?? new FenceGuard()
    fences.set(sink, guard)
    guard.note()
    const work = entryOf(await context.ledger.refresh(), this.#place.n)?.work[sink]
    if (work === undefined) fences.delete(sink)
    else guard.check(sink, fenced, work)
  }

  #member(node: PlannedSink): Member {
    const { todo, seq } = this.#entry.work[node.name]!
    const home = todo[0]!
    const range = { from: this.#place.at, to: this.#end, tenants: home.tenants }
    const outlet = new Outlet(node.name, this.#parts.context.writers.get(node.name)!.openEpoch())
    return { node, home, left: todo.length, seq, share: new PassShare(node, this.#entry, [range], outlet) }
  }

  /** In one compare-and-set: the commit, and behind the last epoch the end of the entry and the start of the next. */
  async #commit({ node, home, left, share }: Member, seq: number): Promise<void> {
    const { context } = this.#parts
    const { ledger } = context
    const { n, at } = this.#place
    const [sink, to] = [node.name, this.#to]
    const isLast = left === 1 && to >= home.to
    const next = isLast ? await this.#startOfNext(sink) : undefined
    const counts = { retracted: share.retracted, byRecord: [...share.byRecord], expired: share.expired }
    const committed = ledger.propose({ kind: 'commitDelete', entry: n, sink, at, to, seq, left, ...counts })
    if (!isLast) return void (await committed)
    const finished = ledger.propose({ kind: 'finishDelete', entry: n, sink })
    const [verdict] = await Promise.all([finished, committed, next === undefined ? undefined : ledger.propose(next)])
    if (verdict.kind === 'applied') reportDelete(context, this.#entry, sink)
  }

  async #startOfNext(sink: string): Promise<Proposal | undefined> {
    const { context, isDeletePaused } = this.#parts
    const { ledger, eventStore } = context
    for (const entry of openEntries(ledger.doc, sink, eventStore)) {
      if (entry.n === this.#entry.n) continue
      if (entry.work[sink]!.state !== 'waiting') return undefined
      const ids = await idsOfEntry(context, entry)
      if (!ids.some(isDeletePaused)) return startDelete(context, entry, sink)
    }
    return undefined
  }
}
