/** Ports of one process that count what it asks for: what a scene of scale measures and bounds. */
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { Ledger, LedgerKey } from '../../../topology/model/ports/ledger.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { Row, RowStore, TableSpec } from '../../../topology/model/ports/row-store.ts'
import type { RecordBatch } from '../../../topology/model/record.ts'

/** Of one partition. */
interface PartitionCounts {
  /** When compare-and-sets were asked for, ms. */
  readonly casAtMs: number[]
  /** Of the newest document, as the store keeps it: one text. */
  documentBytes: number
  documentBytesMax: number
  entriesMax: number
  /** Read by some process: below, everything that is fetched is fetched again. */
  readTo: number
}

export class ScaleCounts {
  readonly partitions: Map<number, PartitionCounts> = new Map()
  refused = 0
  ledgerReads = 0
  /** Texts of documents that were written. */
  ledgerBytes = 0
  fetches = 0
  fetchedBytes = 0
  fetchedRecords = 0
  againBytes = 0
  againRecords = 0
  /** Rows written and read, by table. */
  readonly rowsWritten: Map<string, number> = new Map()
  readonly rowsRead: Map<string, number> = new Map()
  readonly #written = new Set<string>()
  /** Rows that were written before with the same stamp, in tables whose name holds one of these. */
  rowsAgain = 0
  watched: readonly string[] = []
  scans = 0
  objectsCreated = 0
  objectsReplaced = 0

  of(partition: number): PartitionCounts {
    const found = this.partitions.get(partition)
    if (found !== undefined) return found
    const fresh = { casAtMs: [], documentBytes: 0, documentBytesMax: 0, entriesMax: 0, readTo: 0 }
    this.partitions.set(partition, fresh)
    return fresh
  }

  get cas(): number {
    return this.partitions.values().reduce((sum, { casAtMs }) => sum + casAtMs.length, 0)
  }

  get documentBytesMax(): number {
    return this.partitions.values().reduce((most, one) => Math.max(most, one.documentBytesMax), 0)
  }

  get entriesMax(): number {
    return this.partitions.values().reduce((most, one) => Math.max(most, one.entriesMax), 0)
  }

  /** Most compare-and-sets of one partition in any stretch of `withinMs`, from a time on. */
  burst(withinMs: number, fromMs = 0): number {
    let most = 0
    for (const { casAtMs } of this.partitions.values()) {
      let first = 0
      for (const [index, atMs] of casAtMs.entries()) {
        while (casAtMs[first]! <= atMs - withinMs) first += 1
        if (atMs >= fromMs) most = Math.max(most, index - first + 1)
      }
    }
    return most
  }

  rowWrites(...tables: readonly string[]): number {
    const wanted = [...this.rowsWritten].filter(
      ([name]) => tables.length === 0 || tables.some((one) => name.includes(one)),
    )
    return wanted.reduce((sum, [, rows]) => sum + rows, 0)
  }

  noteBatch({ partition, from, to, records, byteLength }: RecordBatch): void {
    const counts = this.of(partition)
    this.fetches += 1
    this.fetchedBytes += byteLength
    this.fetchedRecords += records.length
    const again = Math.max(0, Math.min(to, counts.readTo) - from)
    if (again > 0) {
      this.againBytes += (byteLength * again) / (to - from)
      this.againRecords += records.filter(({ offset }) => offset < counts.readTo).length
    }
    counts.readTo = Math.max(counts.readTo, to)
  }

  noteRows(table: TableSpec, rows: readonly Row[], stamps: number | readonly number[]): void {
    add(this.rowsWritten, table.name, rows.length)
    if (!this.watched.some((one) => table.name.includes(one))) return
    const keys = table.partition.length + table.cluster.length
    for (const [index, row] of rows.entries()) {
      const stamp = typeof stamps === 'number' ? stamps : stamps[index]
      const name = JSON.stringify([table.name, stamp, ...row.slice(0, keys)])
      if (this.#written.has(name)) this.rowsAgain += 1
      this.#written.add(name)
    }
  }

  noteCas({ partition }: LedgerKey, next: LedgerDocument, nowMs: number): void {
    const counts = this.of(partition)
    counts.casAtMs.push(nowMs)
    counts.documentBytes = JSON.stringify(next).length
    counts.documentBytesMax = Math.max(counts.documentBytesMax, counts.documentBytes)
    counts.entriesMax = Math.max(counts.entriesMax, next.deletes.length)
    this.ledgerBytes += counts.documentBytes
  }
}

const add = (map: Map<string, number>, name: string, count: number): void => {
  map.set(name, (map.get(name) ?? 0) + count)
}

export const countedLedger = (ledger: Ledger, counts: ScaleCounts, clock: Clock): Ledger => ({
  read: (key) => {
    counts.ledgerReads += 1
    return ledger.read(key)
  },
  compareAndSet: async (key, expected, next) => {
    counts.noteCas(key, next, clock.nowMs())
    const answer = await ledger.compareAndSet(key, expected, next)
    if (answer === 'refused') counts.refused += 1
    return answer
  },
  keys: (topology) => ledger.keys(topology),
  close: async () => {},
})

export const countedRows = (rows: RowStore, counts: ScaleCounts): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  write: (table, written, stamps) => {
    counts.noteRows(table, written, stamps)
    return rows.write(table, written, stamps)
  },
  read: (table, keys) => {
    add(counts.rowsRead, table.name, keys.length)
    return rows.read(table, keys)
  },
  scan: (table, range) => {
    counts.scans += 1
    return rows.scan(table, range)
  },
  close: async () => {},
})

export const countedObjects = (objects: ObjectStore, counts: ScaleCounts): ObjectStore => ({
  name: objects.name,
  create: async (key, body, metadata) => {
    const answer = await objects.create(key, body, metadata)
    if (answer === 'created') counts.objectsCreated += 1
    return answer
  },
  replace: (key, etag, body, metadata) => {
    counts.objectsReplaced += 1
    return objects.replace(key, etag, body, metadata)
  },
  head: (key) => objects.head(key),
  read: (key) => objects.read(key),
  list: (prefix) => objects.list(prefix),
  close: async () => {},
})
