/**
 * Says, before records go through user code, which ones these are, to somebody who survives what they may do: so a record
 * that ends or hangs its process is charged and found.
 */
import type { RecordBatch } from '../../model/record.ts'

export interface MarkedRange {
  readonly spout: string
  readonly partition: number
  /** Whose progress passes over the range. */
  readonly lanes: readonly number[]
  readonly from: RecordBatch['from']
  readonly to: RecordBatch['to']
  /** They were taken before, and run again: what becomes of the process is no fault of a record. */
  readonly isAgain?: true
}

export interface Marks {
  /**
   * Resolves when the mark is out of reach of whatever happens here; then the range may be processed. `isAlone`: nothing
   * else of the process runs meanwhile. What it gives takes the mark back.
   */
  set(range: MarkedRange, isAlone: boolean): Promise<() => void>
  /** Runs user code: how long one call is open is watched. */
  call<T>(work: () => Promise<T>): Promise<T>
}
