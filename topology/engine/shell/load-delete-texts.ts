/** What the deletes of a ledger document say, for readers beside a run: they hold no cache, and ask once. */
import type { ArchivedDelete, DeleteEntry, DeleteText, LedgerDocument } from '../../model/ledger-document.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import type { RowStore } from '../../model/ports/row-store.ts'
import { readArchivedDeletes, readDeleteTexts } from './delete-rows.ts'

export interface LoadedDeleteTexts {
  readonly textOf: (entry: DeleteEntry) => DeleteText | undefined
  readonly archived: readonly ArchivedDelete[]
}

/** `most`: archived deletes that are told of, the newest blocks first; a block is told of as a whole. */
export const loadDeleteTexts = async (
  rows: RowStore,
  key: LedgerKey,
  doc: LedgerDocument,
  most = 0,
): Promise<LoadedDeleteTexts> => {
  const digests = doc.deletes.map(({ stored }) => stored)
  const texts = await readDeleteTexts(rows, key, digests)
  const archived: ArchivedDelete[] = []
  let told = 0
  for (const block of doc.archive.toReversed()) {
    if (told >= most) break
    archived.push(...(await readArchivedDeletes(rows, key, block.stored)).entries)
    told += block.records
  }
  return { textOf: ({ stored }) => texts.get(stored)?.text, archived }
}
