/**
 * What readers know of a topology without its file: plain data, written beside the rows by `run`.
 *
 * Every reader (`query`, `schema`, `events`, `objects`, `status`) begins here, so that none needs the program that
 * filled the tables. An operator of the user's own is found again through `file`.
 */
import type { JsonValue } from '../../topology/model/json.ts'
import type { StateTable } from '../../topology/model/operator.ts'
import type { SinkKind } from '../../topology/model/sink.ts'

export const catalogueFormat = 1

interface CatalogueSpout {
  readonly name: string
  /** Options of `log(...)`. */
  readonly options: JsonValue
}

interface CatalogueOperator {
  /** The verb: `rollup`. */
  readonly name: string
  readonly options: JsonValue
  /** What its readers go by beside the options. */
  readonly reading?: JsonValue
  readonly table: StateTable
}

export interface CatalogueSink {
  readonly name: string
  readonly kind: SinkKind
  /** The noun: `tableRows`. */
  readonly type: string
  readonly options: JsonValue
  /** The state operator above a rows sink. */
  readonly operator: CatalogueOperator | null
  /** Spouts that reach it. */
  readonly spouts: readonly string[]
  /** Bolts between the log and the sink, or the operator above it; absent in what earlier versions have written. */
  readonly behind?: readonly string[]
  /** No longer declared: nothing feeds it any more, its rows stay and can be read. */
  readonly retired?: true
  /** Name of its results where another one is read in its place; set by readers, never stored. */
  readonly storedAs?: string
}

/** A bolt, and the sinks that its tuples reach. */
interface CatalogueBolt {
  readonly name: string
  readonly sinks: readonly string[]
}

export interface CatalogueEntry {
  readonly format: typeof catalogueFormat
  readonly topology: string
  /** File that declares the topology, as `run` was given it; `null` when it was run from the library. */
  readonly file: string | null
  readonly spouts: readonly CatalogueSpout[]
  /** Absent in what earlier versions have written. */
  readonly bolts?: readonly CatalogueBolt[]
  /** The declared ones, and behind them those that earlier runs declared. */
  readonly sinks: readonly CatalogueSink[]
  /** ms since 1970; set by `writeCatalogue`. */
  readonly writtenAtMs: number
}
