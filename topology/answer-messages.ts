/** What the thread that makes an answer and the one that asked for it say to each other. Plain data. */
import type { RollupQuery } from '../operators/query/plan-query.ts'
import type { AnswerEnd } from '../operators/query/write-answer.ts'
import type { RollupResult } from '../operators/query/write-result.ts'
import type { JsonValue } from './model/json.ts'
import type { Row, ScanRange, TableSpec } from './model/ports/row-store.ts'
import type { PlainError } from './model/spillway-error.ts'

/**
 * `json` and `csv` are whole documents. `result` and `prettyResult` are the member `result` of a JSON document alone, for
 * those who write the object around it.
 */
export type AnswerForm = 'json' | 'csv' | 'result' | 'prettyResult'

export interface AnswerOrder {
  readonly query: RollupQuery
  readonly sink: string
  readonly project: string | undefined
  /** URL of the rows; `undefined` where the asking thread reads them. */
  readonly rows: string | undefined
  /** The rollup as plain data. */
  readonly operator: { readonly name: string; readonly options: JsonValue }
  /** Module that declares it, for what is not built in. */
  readonly file: string | undefined
  readonly form: AnswerForm
  readonly budgetMs: number
}

/** What is told when all bytes are written, beside what the answer itself says. */
export type AnswerReport = AnswerEnd & Omit<RollupResult, 'result' | 'approximate'>

export type FromMaker =
  /** It works: sent at the start and for each page of rows. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly report: AnswerReport }
  | { readonly kind: 'failed'; readonly error: PlainError }
  /** Asks for the first page of a scan, or for the next one. */
  | { readonly kind: 'scan'; readonly table: TableSpec; readonly range: ScanRange | undefined }
  | { readonly kind: 'nextPage' }

export type ToMaker =
  /** One chunk has been taken. */
  | { readonly kind: 'taken' }
  /** No rows: the scan is at its end. */
  | { readonly kind: 'page'; readonly rows: readonly Row[] | undefined }
  | { readonly kind: 'scanFailed'; readonly error: PlainError }

/** Chunks that may be on their way: the maker writes ahead while they are taken. */
export const chunksAhead = 4
