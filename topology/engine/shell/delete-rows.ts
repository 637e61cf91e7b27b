/** The table of what listed deletes say: a row per entry of the list or block of its archive, named by its digest. */
import { errors } from '../../model/errors.ts'
import type { ArchivedDeletes, DeleteText } from '../../model/ledger-document.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import type { RowStore, TableSpec } from '../../model/ports/row-store.ts'

export const deletesTable: TableSpec = {
  name: 'spillway_deletes',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'spout', type: 'text' },
    { name: 'log_partition', type: 'integer' },
    { name: 'digest', type: 'text' },
  ],
  cluster: [],
  columns: [{ name: 'text', type: 'text' }],
}

// A row is about a megabyte at most.
const rowsPerRead = 16

/** Throws `deleteTextMissing` (stop): a row is durable before the ledger names it. */
async function* readRows(
  rows: RowStore,
  { topology, spout, partition }: LedgerKey,
  digests: readonly string[],
): AsyncGenerator<readonly [digest: string, text: string], void, undefined> {
  for (let from = 0; from < digests.length; from += rowsPerRead) {
    const asked = digests.slice(from, from + rowsPerRead)
    const found = await rows.read(
      deletesTable,
      asked.map((digest) => [topology, spout, partition, digest]),
    )
    for (const [index, digest] of asked.entries()) {
      const text = found[index]?.[4]
      if (typeof text !== 'string') throw errors.deleteTextMissing({ store: rows.name, partition, digest })
      yield [digest, text]
    }
  }
}

export interface StoredText {
  readonly text: DeleteText
  readonly bytes: number
}

/** What entries say, by digest. */
export const readDeleteTexts = async (
  rows: RowStore,
  key: LedgerKey,
  digests: readonly string[],
): Promise<ReadonlyMap<string, StoredText>> => {
  const found = new Map<string, StoredText>()
  for await (const [digest, text] of readRows(rows, key, digests))
    found.set(digest, { text: JSON.parse(text) as DeleteText, bytes: text.length }) // an entry names a row of this shape
  return found
}

/** What a block says. */
export const readArchivedDeletes = async (rows: RowStore, key: LedgerKey, digest: string): Promise<ArchivedDeletes> => {
  for await (const [, text] of readRows(rows, key, [digest])) return JSON.parse(text) as ArchivedDeletes // a block names a row of this shape
  throw errors.deleteTextMissing({ store: rows.name, partition: key.partition, digest })
}
