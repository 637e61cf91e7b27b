/**
 * The bucket catalogue as a writer sees it: a bucket is written there, durably, before its first row (PROTOCOL section 6).
 *
 * The write is blind and always the same bytes. The writer remembers the buckets that it has written, up to a bound;
 * what it forgets it writes again. Before it go project, collection and month, into the catalogue of partitions.
 */
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { EventBucket } from './event-buffer.ts'
import { bucketStamp, hourText, monthText } from './event-table.ts'
import { KnownNames } from './known-names.ts'
import { KnownPartitions } from './known-partitions.ts'
import { nameOfCell } from './partition-catalogue.ts'

const chunkRows = 500

export class KnownBuckets {
  readonly #rows: RowStore
  readonly #table: TableSpec
  readonly #partition: number
  readonly #months: KnownPartitions
  readonly #known = new KnownNames()

  constructor(rows: RowStore, table: TableSpec, partition: number) {
    this.#rows = rows
    this.#table = table
    this.#partition = partition
    this.#months = new KnownPartitions(rows, table.name)
  }

  /** Resolves when all of them stand in the catalogue. */
  async ensure(buckets: readonly EventBucket[], signal: AbortSignal): Promise<void> {
    const missing = buckets.filter((bucket) => !this.#known.has(keyOf(bucket)))
    const months = missing.map((bucket) => [bucket.project, bucket.collection, monthText(bucket.hour)].map(nameOfCell))
    await this.#months.ensure(months, signal)
    for (let from = 0; from < missing.length; from += chunkRows) {
      signal.throwIfAborted()
      const chunk = missing.slice(from, from + chunkRows)
      if (plantedFaults.has('bucket-known-too-early')) for (const bucket of chunk) this.#known.add(keyOf(bucket))
      await this.#write(chunk)
      for (const bucket of chunk) this.#known.add(keyOf(bucket))
    }
  }

  #write(buckets: readonly EventBucket[]): Promise<void> {
    const rows = buckets.map(({ project, collection, hour, block }) => [
      project,
      collection,
      monthText(hour),
      this.#partition,
      hourText(hour),
      block,
      true,
    ])
    return this.#rows.write(
      this.#table,
      rows,
      buckets.map(({ hour }) => bucketStamp(hour)),
    )
  }
}

const keyOf = ({ project, collection, hour, block }: EventBucket): string =>
  `${project}\n${collection}\n${hour}\n${block}`
