/**
 * How far the tries of one declaration have come, so that a failure among many objects does not begin anew (I-9).
 *
 * Parts come in an order that follows from the declaration, so a number says which of them are durable.
 */
import type { Row, RowStore } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import { objectTable } from './object-manifest.ts'

export class WriteProgress {
  /** Objects that are durable, in the order of parts; the rows of the last of them may still be missing. */
  objects = 0
  rows: Row[] = []
  /** Keys that a delete has dealt with. */
  readonly done = new Set<string>()
  private stamps: number[] = []
  private readonly declaration: string

  constructor(declaration: string) {
    this.declaration = declaration
  }

  /** This progress, or none where the declaration is another one. */
  of(epoch: DeclaredEpoch): WriteProgress {
    const declaration = JSON.stringify(epoch)
    return declaration === this.declaration ? this : new WriteProgress(declaration)
  }

  add(row: Row, stamp: number): void {
    this.rows.push(row)
    this.stamps.push(stamp)
    this.objects++
  }

  async flush(store: RowStore): Promise<void> {
    if (this.rows.length > 0) await store.write(objectTable, this.rows, this.stamps)
    this.rows = []
    this.stamps = []
  }
}
