/**
 * The partition catalogue as a writer sees it: a partition is named there, durably, before its first row.
 *
 * The write is blind and always the same bytes. The writer remembers the names that it has written, up to a bound; what
 * it forgets it writes again.
 */
import type { Row, RowStore } from '../../topology/model/ports/row-store.ts'
import { KnownNames } from './known-names.ts'
import { type CataloguePath, catalogueOfPartitions, catalogueRow, catalogueStamp } from './partition-catalogue.ts'

const chunkRows = 500

export class KnownPartitions {
  readonly #rows: RowStore
  readonly #table: string
  readonly #firstLevel: number
  readonly #known = new KnownNames()

  /** `firstLevel`: names above it are known to every reader and need not be listed. */
  constructor(rows: RowStore, table: string, firstLevel = 0) {
    this.#rows = rows
    this.#table = table
    this.#firstLevel = firstLevel
  }

  /** Resolves when all of them stand in the catalogue. */
  async ensure(paths: Iterable<CataloguePath>, signal?: AbortSignal): Promise<void> {
    const missing = new Map<string, Row>()
    for (const path of paths) this.#addMissing(path, missing)
    const keys = [...missing.keys()]
    const rows = [...missing.values()]
    for (let from = 0; from < rows.length; from += chunkRows) {
      signal?.throwIfAborted()
      await this.#rows.write(catalogueOfPartitions, rows.slice(from, from + chunkRows), catalogueStamp)
    }
    // Not before all of them are there: a whole path stands for the names above it.
    for (const key of keys) this.#known.add(key)
  }

  #addMissing(path: CataloguePath, missing: Map<string, Row>): void {
    for (let length = path.length; length > this.#firstLevel; length--) {
      const names = path.slice(0, length)
      const key = JSON.stringify(names)
      if (this.#known.has(key) || missing.has(key)) return
      missing.set(key, catalogueRow(this.#table, names))
    }
  }
}
