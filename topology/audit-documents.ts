/** The ledger documents of a topology at one moment, with what their deletes match: one side of an audit. */
import { DeleteMatcher } from './engine/delete-matcher.ts'
import { DeleteRules } from './engine/delete-rules.ts'
import { loadDeleteTexts } from './engine/shell/load-delete-texts.ts'
import { SinkPresence } from './engine/sink-presence.ts'
import type { LedgerDocument } from './model/ledger-document.ts'
import type { Ledger, LedgerKey } from './model/ports/ledger.ts'
import type { RowStore } from './model/ports/row-store.ts'

export interface AuditedDocument {
  readonly key: LedgerKey
  readonly doc: LedgerDocument
  readonly matcher: DeleteMatcher
}

export class AuditDocuments {
  readonly all: readonly AuditedDocument[]
  readonly #presences = new Map<string, SinkPresence>()

  private constructor(all: readonly AuditedDocument[]) {
    this.all = all
  }

  static async read(rows: RowStore, ledger: Ledger, topology: string): Promise<AuditDocuments> {
    const all: AuditedDocument[] = []
    for (const key of await ledger.keys(topology)) {
      const doc = await ledger.read(key)
      if (doc !== undefined) all.push({ key, doc, matcher: await matcherOf(rows, key, doc) })
    }
    return new AuditDocuments(all)
  }

  of(spout: string, partition: number): AuditedDocument | undefined {
    return this.all.find(({ key }) => key.spout === spout && key.partition === partition)
  }

  /** `undefined`: no document knows the sink there. */
  presence(sink: string, spout: string, partition: number): SinkPresence | undefined {
    const key = `${partition} ${spout} ${sink}`
    const known = this.#presences.get(key)
    if (known !== undefined) return known
    const found = this.of(spout, partition)
    if (found?.doc.sinks[sink] === undefined) return undefined
    const presence = new SinkPresence(found.doc, sink)
    this.#presences.set(key, presence)
    return presence
  }

  /** The ledger as it was, for readers that ask one. */
  asLedger(): Ledger {
    return {
      read: async (key) => this.of(key.spout, key.partition)?.doc,
      keys: async () => this.all.map(({ key }) => key),
      compareAndSet: async () => 'refused',
      close: async () => undefined,
    }
  }
}

const matcherOf = async (rows: RowStore, key: LedgerKey, doc: LedgerDocument): Promise<DeleteMatcher> => {
  const { textOf, archived } = await loadDeleteTexts(rows, key, doc, Number.POSITIVE_INFINITY)
  const listed = doc.deletes.map((entry) => ({ n: entry.n, records: textOf(entry)?.records ?? [] }))
  return new DeleteMatcher([new DeleteRules(listed, key.partition), new DeleteRules(archived, key.partition)])
}
