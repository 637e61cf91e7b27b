/**
 * Moves deletes that are done out of the ledger document, in the background: their texts and final counts into a row
 * first, durable, then one compare-and-set that names it instead of them (PROTOCOL section 5).
 *
 * Whoever dies in between leaves a row that nobody names. Two owners who archive the same write rows of their own, and
 * the document takes one. Small blocks are merged as others come, so that they are few: a full one holds ten thousand
 * records.
 */
import type { ArchivedDelete, DeleteBlock, DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { DeleteRules } from '../delete-rules.ts'
import { archivable } from '../ledger/archive-transition.ts'
import { isDeletePartial } from '../ledger/delete-entries.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned } from './persist.ts'

/** So many entries that are done are worth a row and a compare-and-set. */
const archivedTogether = 32

// What one row carries, and what a look-up loads.
const blockRecordsMax = 10_000
const blockBytesMax = 1_048_576

export class ArchiveDeletes {
  readonly #context: PartitionContext
  #state: 'idle' | 'running' | 'stopped' = 'idle'

  constructor(context: PartitionContext) {
    this.#context = context
  }

  /** Looks for work, and begins it when there is enough; called whenever the document has changed. */
  poke(together: number = archivedTogether): void {
    if (this.#state !== 'idle' || !this.#isDue(together)) return
    this.#state = 'running'
    this.#archive().then(
      (isArchived) => {
        this.#state = 'idle'
        if (isArchived) this.poke()
      },
      (error: unknown) => {
        // The list grows, and nothing is lost: the next run tries again.
        this.#state = 'stopped'
        if (error instanceof Abandoned) return
        const text = `deletes that are done stay in the ledger: ${messageOf(error)}`
        this.#context.parts.report({ kind: 'delete', level: 'warn', text, fields: {} })
      },
    )
  }

  #isDue(together: number): boolean {
    const { ledger, isStopping } = this.#context
    return !isStopping() && ledger.doc.deletes.length >= together && archivable(ledger.doc).length >= together
  }

  /** False when the document had moved on: the next change of it calls again. */
  async #archive(): Promise<boolean> {
    const { ledger, deletes } = this.#context
    const { doc } = ledger
    const fresh = await this.#firstThatFit(archivable(doc))
    const replaced = smallBlocks(doc, fresh)
    const before = await Promise.all(replaced.map((block) => deletes.blockOf(block)))
    const entries = [...before.flatMap((one) => one.entries), ...fresh].sort((left, right) => left.n - right.n)
    const block = await this.#store(entries)
    const verdict = await ledger.propose({
      kind: 'archiveDeletes',
      block,
      entries: fresh.map(({ n }) => n),
      replaced: replaced.map(({ stored }) => stored),
    })
    return verdict.kind === 'applied'
  }

  /** In list order, as many as a block carries; at least one. */
  async #firstThatFit(entries: readonly DeleteEntry[]): Promise<readonly ArchivedDelete[]> {
    const fitting: ArchivedDelete[] = []
    let [records, bytes] = [0, 0]
    for (const entry of entries) {
      const [text] = await this.#context.deletes.textsOf([entry])
      const one = { n: entry.n, isById: entry.isById, ...text!, counted: entry.counted.byRecord }
      records += entry.records
      bytes += sizeOf(one)
      if (fitting.length > 0 && (records > blockRecordsMax || bytes > blockBytesMax)) break
      fitting.push({ ...one, isPartial: isDeletePartial(entry) })
    }
    return fitting
  }

  async #store(entries: readonly ArchivedDelete[]): Promise<DeleteBlock> {
    const { deletes, partition } = this.#context
    const { reach } = new DeleteRules(entries, partition)
    const offsets = entries.flatMap((one) => [...one.records, ...one.refused].map(({ offset }) => offset))
    const from = offsets.reduce((lowest, one) => Math.min(lowest, one))
    const to = offsets.reduce((largest, one) => Math.max(largest, one)) + 1
    const records = entries.reduce((sum, one) => sum + one.records.length, 0)
    return { ...(await deletes.store({ entries })), entries: entries.length, records, from, to, reach }
  }
}

const sizeOf = (entry: object): number => JSON.stringify(entry).length

/**
 * The newest blocks that are no larger than what comes to them: so a record is written again each time its block has
 * doubled, and blocks below the bound are few.
 */
const smallBlocks = (doc: LedgerDocument, fresh: readonly ArchivedDelete[]): readonly DeleteBlock[] => {
  let records = fresh.reduce((sum, one) => sum + one.records.length, 0)
  let bytes = fresh.reduce((sum, one) => sum + sizeOf(one), 0)
  const small: DeleteBlock[] = []
  for (const block of doc.archive.toReversed()) {
    const isSmall = block.records <= 2 * records && block.bytes <= 2 * bytes
    if (!isSmall || block.records + records > blockRecordsMax || block.bytes + bytes > blockBytesMax) break
    small.push(block)
    records += block.records
    bytes += block.bytes
  }
  return small
}
