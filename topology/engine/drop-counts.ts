/** Counts, while lanes leave events out, which delete took them, for the entries whose counting sink the lane serves. */
import type { EventBatch } from '../model/decoder.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import type { DeleteMatcher } from './delete-matcher.ts'
import { entryOf } from './ledger/delete-entries.ts'
import type { DeleteCount } from './ledger/proposal.ts'

export class DropCounts {
  readonly #counts = new Map<number, Map<number, number>>()

  /** Notes an event that the sink drops; `n`: the first entry that matches it. */
  note(doc: LedgerDocument, matcher: DeleteMatcher, n: number, sink: string, events: EventBatch, index: number): void {
    if (entryOf(doc, n)?.counted.sink !== sink) return
    const owner = matcher.ownerOf(events, index)
    if (owner !== undefined) this.#add(owner.n, owner.record, 1)
  }

  addAll(counts: readonly DeleteCount[]): void {
    for (const { n, byRecord } of counts) for (const [record, count] of byRecord) this.#add(n, record, count)
  }

  list(): readonly DeleteCount[] {
    return [...this.#counts].map(([n, byRecord]) => ({ n, byRecord: [...byRecord] }))
  }

  #add(n: number, record: number, count: number): void {
    const byRecord = this.#counts.get(n) ?? new Map<number, number>()
    this.#counts.set(n, byRecord)
    byRecord.set(record, (byRecord.get(record) ?? 0) + count)
  }
}
