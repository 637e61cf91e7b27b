/**
 * Where an event stands in a sink by one version of the ledger document: what `topology audit` expects to find there.
 *
 * Asked of the document alone, so whoever reads stores beside a run knows what may stand in them at that version: what is
 * committed does, what is declared and not committed may (PROTOCOL section 9). Pure; it keeps the wording of I-2 and I-3.
 */
import type { EventBatch } from '../model/decoder.ts'
import type { DeleteEntry, DeleteWork, LedgerDocument, Segment } from '../model/ledger-document.ts'
import type { DeleteMatcher } from './delete-matcher.ts'
import { isSwept } from './delete-work.ts'
import { entryOf } from './ledger/delete-entries.ts'
import { isDeadLettered, isIn, lanesOf, taken } from './ledger/document.ts'
import { lostOf } from './ledger/lost-ranges.ts'
import { inScope } from './ledger/tenant-scope.ts'

/**
 * `unread`: no lane has taken it. `in`: it stands there. `moving`: it may or may not, an epoch that holds it is open.
 * `dead`: a dead letter of the sink. `gone`: a delete has taken it out, or the lanes have dropped it.
 */
export type Presence = 'unread' | 'in' | 'moving' | 'dead' | 'gone'

/** Of two versions of the document, with stores read in between. What was taken is never read anew. */
export const presenceBetween = (before: Presence, after: Presence): Presence => {
  if (before === after || before === 'dead' || before === 'gone') return before
  return before === 'unread' && after === 'dead' ? 'dead' : 'moving'
}

/** The first entry in the list that matches each event; `undefined` where nothing matches any of them. */
export const ownersIn = (matcher: DeleteMatcher, events: EventBatch): readonly (number | undefined)[] | undefined => {
  if (events.length === 0 || matcher.isAbove(events.offsets[0]!)) return undefined
  const owners = Array.from({ length: events.length }, (_, index) => matcher.entriesOf(events, index)[0])
  return owners.some((one) => one !== undefined) ? owners : undefined
}

const overlapping = (segments: readonly Segment[], from: number, to: number): readonly Segment[] =>
  segments.filter((one) => one.from < to && one.to > from)

export class SinkPresence {
  readonly #doc: LedgerDocument
  readonly #sink: string
  readonly #committed: readonly Segment[]
  readonly #open: readonly Segment[]
  /** Those of the range that was asked for last: an event is looked for in a few, whatever the number of cuts. */
  #near: { readonly committed: readonly Segment[]; readonly open: readonly Segment[] }

  constructor(doc: LedgerDocument, sink: string) {
    this.#doc = doc
    this.#sink = sink
    this.#committed = taken(doc, sink, true)
    const declared = lanesOf(doc, sink).flatMap(([, { at, declared: to, tenants }]) =>
      to === null ? [] : [{ from: at, to, tenants }],
    )
    // Of an epoch that was declared and let go some part may have been written.
    const halves = lostOf(doc, sink).flatMap(({ from, declared: to, tenants }) =>
      to === undefined ? [] : [{ from, to, tenants }],
    )
    this.#open = [...declared, ...halves]
    this.#near = { committed: this.#committed, open: this.#open }
  }

  /** One behind the last offset that some lane has taken on. */
  get position(): number {
    return [...this.#committed, ...this.#open].reduce((most, { to }) => Math.max(most, to), 0)
  }

  /** The lowest offset that it has committed; infinite where there is none. */
  get begin(): number {
    return this.#committed.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY)
  }

  get committed(): readonly Segment[] {
    return this.#committed
  }

  /** The events that are asked about next lie in `[from, to)`. */
  near(from: number, to: number): void {
    this.#near = { committed: overlapping(this.#committed, from, to), open: overlapping(this.#open, from, to) }
  }

  isCommitted(offset: number, tenant: string): boolean {
    return isIn(this.#near.committed, offset, tenant)
  }

  /** How often a record that names no tenant was counted: once by each lane that passed it. */
  passes(offset: number): number {
    return this.#near.committed.filter(({ from, to }) => offset >= from && offset < to).length
  }

  /** `owner`: the first entry of the document that matches the event. */
  of(offset: number, tenant: string, owner: number | undefined): Presence {
    if (!this.isCommitted(offset, tenant)) {
      if (!isIn(this.#near.open, offset, tenant)) return 'unread'
      return isDeadLettered(this.#doc, this.#sink, offset) ? 'dead' : 'moving'
    }
    if (isDeadLettered(this.#doc, this.#sink, offset)) return 'dead'
    if (owner === undefined) return 'in'
    const entry = entryOf(this.#doc, owner)
    // Of the archive: done everywhere. Not covered: the lanes have dropped it, or the work is done.
    if (entry === undefined || !isIn(entry.cover[this.#sink] ?? [], offset, tenant)) return 'gone'
    return this.#leaving(entry, offset, tenant)
  }

  #leaving(entry: DeleteEntry, offset: number, tenant: string): Presence {
    const work = entry.work[this.#sink]
    if (work === undefined || work.state === 'done') return 'gone'
    if (work.state === 'waiting') return 'in'
    if (!isLeft(work, offset, tenant)) return 'gone'
    const { kind } = this.#doc.sinks[this.#sink]!
    // What is swept is told to the ledger afterwards.
    if (isSwept(kind)) return 'moving'
    return work.declared !== null && isFirst(work, offset, tenant) && offset < work.declared ? 'moving' : 'in'
  }
}

const isLeft = (work: DeleteWork, offset: number, tenant: string): boolean =>
  work.todo.some(
    (home, index) => offset >= (index === 0 ? work.at : home.from) && offset < home.to && inScope(home.tenants, tenant),
  )

const isFirst = ({ todo }: DeleteWork, offset: number, tenant: string): boolean => {
  const home = todo[0]!
  return offset >= home.from && offset < home.to && inScope(home.tenants, tenant)
}
