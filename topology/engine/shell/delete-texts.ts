/**
 * What listed deletes say, one of these per partition. The ledger document names them; their texts stand in rows that
 * are written before the compare-and-set that names them, never change, and are named by their digest.
 *
 * So a text is a function of its name, whoever reads it and whenever: what an epoch contains stays a function of log and
 * document (I-1, I-3). What is kept in memory is bounded; the rest is read again (I-6).
 */
import { createHash } from 'node:crypto'
import { canonicalJson, type JsonValue } from '../../model/json.ts'
import type {
  ArchivedDeletes,
  DeleteBlock,
  DeleteEntry,
  DeleteRecord,
  DeleteText,
  LedgerDocument,
} from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import { DeleteMatcher } from '../delete-matcher.ts'
import { DeleteRules } from '../delete-rules.ts'
import { deletesTable, readArchivedDeletes, readDeleteTexts } from './delete-rows.ts'
import type { EngineParts } from './engine-parts.ts'
import { KeptValues } from './kept-values.ts'
import { persist } from './persist.ts'

// The row never changes, so no write of it is later than another.
const stamp = 1
// Ten thousand requests of two hundred bytes, listed in a bad hour; as objects they take about four times their text.
const textBytesMax = 8 * 1_048_576
const bytesPerTextByte = 4
// Blocks are compiled to some hundred kilobytes each: twenty full ones, for deletes of old events and for replays.
const blockBytesMax = 8 * 1_048_576

export class DeleteTexts {
  readonly #parts: EngineParts
  readonly #key: LedgerKey
  readonly #signal: AbortSignal
  readonly #texts = new KeptValues<DeleteText>(textBytesMax)
  readonly #blocks = new KeptValues<DeleteRules>(blockBytesMax)
  /** Of the list that was asked for last. */
  #listed: { deletes: readonly DeleteEntry[]; readonly rules: DeleteRules } | undefined

  constructor(parts: EngineParts, key: LedgerKey, signal: AbortSignal) {
    this.#parts = parts
    this.#key = key
    this.#signal = signal
  }

  /** About how much memory is held: texts, and what is compiled of them. */
  get bytes(): number {
    return this.#texts.bytes + this.#blocks.bytes + (this.#listed?.rules.bytes ?? 0)
  }

  /** Makes what an entry or a block says durable, and gives its name. Repeatable. */
  async store(value: DeleteText | ArchivedDeletes): Promise<{ readonly stored: string; readonly bytes: number }> {
    const text = canonicalJson(value as unknown as JsonValue) // plain data by its type
    const stored = createHash('sha256').update(text).digest('hex')
    const { topology, spout, partition } = this.#key
    const row = [topology, spout, partition, stored, text]
    const { rows } = this.#parts.resources
    if (!plantedFaults.has('delete-text-in-memory'))
      await persist(this.#parts, 'deletes', this.#signal, () => rows.write(deletesTable, [row], stamp))
    if ('records' in value) this.#texts.set(stored, value, text.length * bytesPerTextByte)
    return { stored, bytes: text.length }
  }

  async recordsOf(entry: DeleteEntry): Promise<readonly DeleteRecord[]> {
    return (await this.textsOf([entry]))[0]!.records
  }

  /** In the order of the entries. Throws `deleteTextMissing` (stop). */
  async textsOf(entries: readonly DeleteEntry[]): Promise<readonly DeleteText[]> {
    const found = entries.map(({ stored }) => this.#texts.get(stored))
    const missing = entries.flatMap(({ stored }, index) => (found[index] === undefined ? [stored] : []))
    if (missing.length === 0) return found.map((text) => text!)
    const { rows } = this.#parts.resources
    const read = await persist(this.#parts, 'deletes', this.#signal, () => readDeleteTexts(rows, this.#key, missing))
    for (const [digest, { text, bytes }] of read) this.#texts.set(digest, text, bytes * bytesPerTextByte)
    return entries.map(({ stored }, index) => found[index] ?? read.get(stored)!.text)
  }

  /** What is in memory of an entry, for people. */
  peek({ stored }: DeleteEntry): DeleteText | undefined {
    return this.#texts.get(stored)
  }

  /** What a block says; not kept, for who asks writes another one in its place. */
  blockOf({ stored }: DeleteBlock): Promise<ArchivedDeletes> {
    const { rows } = this.#parts.resources
    return persist(this.#parts, 'deletes', this.#signal, () => readArchivedDeletes(rows, this.#key, stored))
  }

  /**
   * For events of the offsets `[from, to)`. What is listed is always in it; of the archive, the blocks that may reach
   * these events are loaded. A lane that is behind all blocks loads none.
   */
  async matcherOf(doc: LedgerDocument, from: number, to: number = Number.POSITIVE_INFINITY): Promise<DeleteMatcher> {
    const rules = [await this.#rulesOfList(doc.deletes)]
    for (const block of doc.archive)
      if (block.reach[1] > from && block.reach[0] < to) rules.push(await this.#rulesOfBlock(block))
    return new DeleteMatcher(rules)
  }

  /** Compiled once per content of the list: progress of the work on it changes no rule. */
  async #rulesOfList(deletes: readonly DeleteEntry[]): Promise<DeleteRules> {
    const known = this.#listed
    if (known !== undefined && isSameList(known.deletes, deletes)) {
      known.deletes = deletes
      return known.rules
    }
    const texts = await this.textsOf(deletes)
    const listed = deletes.map(({ n }, index) => ({ n, records: texts[index]!.records }))
    const rules = new DeleteRules(listed, this.#key.partition)
    this.#listed = { deletes, rules }
    return rules
  }

  async #rulesOfBlock(block: DeleteBlock): Promise<DeleteRules> {
    const kept = this.#blocks.get(block.stored)
    if (kept !== undefined) return kept
    const rules = new DeleteRules((await this.blockOf(block)).entries, this.#key.partition)
    this.#blocks.set(block.stored, rules, rules.bytes)
    return rules
  }
}

const isSameList = (left: readonly DeleteEntry[], right: readonly DeleteEntry[]): boolean =>
  left === right ||
  (left.length === right.length &&
    left.every((entry, index) => entry.n === right[index]!.n && entry.stored === right[index]!.stored))
