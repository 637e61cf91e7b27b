/**
 * Which deletes match an event, whose it is, and whether the lanes of a sink drop it (PROTOCOL section 5).
 *
 * Everything here is a pure function of the list and the event, which is what keeps I-3 whoever asks. An event behind all
 * records costs a comparison, so a lane at the end of the log pays nothing for what is listed.
 */
import type { EventBatch } from '../model/decoder.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import { plantedFaults } from '../model/planted-faults.ts'
import { DeleteRules, type ListedDelete } from './delete-rules.ts'
import { coverOf } from './ledger/delete-entries.ts'
import { isIn } from './ledger/document.ts'

/** Whose an event is: the first entry in the list that matches it, and the first of its records that does. */
export interface DeleteOwner {
  readonly n: number
  /** Place of the record in the stored row. */
  readonly record: number
}

interface Candidate extends DeleteOwner {
  /** Offset of the record. */
  readonly at: number
}

const isListedBefore = (left: Candidate, right: Candidate): boolean =>
  left.n < right.n || (left.n === right.n && left.record < right.record)
const standsBefore = (left: Candidate, right: Candidate): boolean => left.at < right.at

const noEntries: readonly number[] = []

export class DeleteMatcher {
  readonly #rules: readonly DeleteRules[]
  readonly #top: number

  constructor(rules: readonly DeleteRules[]) {
    this.#rules = rules.filter((one) => !one.isEmpty)
    this.#top = this.#rules.reduce((top, one) => Math.max(top, one.top), 0)
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0
  }

  /** Whether no event at the offset or behind it is matched. */
  isAbove(offset: number): boolean {
    return offset >= this.#top
  }

  /** List numbers of entries with a record behind the event that matches it, ascending. */
  entriesOf(events: EventBatch, index: number): readonly number[] {
    if (events.offsets[index]! >= this.#top) return noEntries
    let found: Set<number> | undefined
    for (const rules of this.#rules) {
      rules.find(events, index, (n) => {
        found ??= new Set()
        found.add(n)
      })
    }
    return found === undefined ? noEntries : [...found].sort((left, right) => left - right)
  }

  ownerOf(events: EventBatch, index: number): DeleteOwner | undefined {
    let owner: Candidate | undefined
    const isFirst = plantedFaults.has('exclude-by-offset') ? standsBefore : isListedBefore
    for (const rules of this.#rules) {
      rules.find(events, index, (n, record, at) => {
        const one = { n, record, at }
        if (owner === undefined || isFirst(one, owner)) owner = one
      })
    }
    return owner && { n: owner.n, record: owner.record }
  }
}

export const compileDeletes = (deletes: readonly ListedDelete[], partition: number): DeleteMatcher =>
  new DeleteMatcher([new DeleteRules(deletes, partition)])

/**
 * The first entry that matches an event which a lane of the sink leaves out, because some delete matches that had not
 * found it taken. `undefined`: the lane takes it. `listed`: only entries below this number count, as if the list ended.
 *
 * Covers only grow from entry to entry. So where any entry has not covered the event, the first has not.
 */
export const droppedBy = (
  doc: LedgerDocument,
  matcher: DeleteMatcher,
  sink: string,
  events: EventBatch,
  index: number,
  listed: number = Number.POSITIVE_INFINITY,
): number | undefined => {
  const matching = matcher.entriesOf(events, index)
  if (matching.length === 0) return undefined
  const entries = matching.filter((n) => n < listed)
  const offset = events.offsets[index]!
  const tenant = events.projects()[index]!
  if (plantedFaults.has('recover-with-latest-list')) return entries[0]
  return entries.some((n) => !isIn(coverOf(doc, n, sink), offset, tenant)) ? entries[0] : undefined
}
