/**
 * The sink of state operators: one row per key and shard, in a table of the sink's name.
 *
 * Rows are absolute values that carry the epoch they stand at, so that a crash, a repetition or a second owner changes
 * nothing (I-1, I-2, I-4). A reader sums the shards of a key (`readState`).
 */
import { errors } from '../../topology/model/errors.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import { defineSink, type RowsSink, type SinkContext, type SinkWriter } from '../../topology/model/sink.ts'
import { KnownPartitions } from './known-partitions.ts'
import { catalogueOfPartitions } from './partition-catalogue.ts'
import { SlotCaches } from './slot-cache.ts'
import { StateEpoch } from './state-epoch.ts'
import { stateLayout, stateTable } from './state-table.ts'

export interface TableRowsOptions {
  /** Bytes of row states kept between epochs, for each sink and partition at most. Default 8 MiB; 0 reads every row anew. */
  readonly cacheBytes?: number
  /** Rows of one read or write call. Default 500. */
  readonly chunkRows?: number
}

// Rows of a rollup of 50 groups x 100 open minutes with a percentile each fit; all of a process share 16 MiB.
const cacheBytesDefault = 8_388_608
// A call of 500 rows of 400 bytes is 200 KB: the cost of the call is spread, its memory is small.
const chunkRowsDefault = 500

/** Keeps the state of the operator above in rows. `run` creates the table. */
export const tableRows = (options: TableRowsOptions = {}): RowsSink =>
  defineSink<unknown>({
    sinkKind: 'rows',
    name: 'tableRows',
    doc: 'one row per key of the operator above, in a table of the name of the sink',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: undefined,
    subtracts: true,
    tables: (sink, operator) => [stateTable(sink, needOperator(sink, operator)), catalogueOfPartitions],
    open: async (context) => openWriter(context, options),
  })

const openWriter = (context: SinkContext, options: TableRowsOptions): SinkWriter => {
  const operator = needOperator(context.sink, context.operator)
  const place = {
    rows: context.rows,
    table: stateTable(context.sink, operator),
    partitions: new KnownPartitions(context.rows, context.sink),
    layout: stateLayout(operator),
    operator,
    chunkRows: options.chunkRows ?? chunkRowsDefault,
    clock: context.clock,
  }
  const caches = new SlotCaches<unknown>(options.cacheBytes ?? cacheBytesDefault)
  return {
    openEpoch: () => new StateEpoch(place, caches),
    close: async () => caches.close(),
  }
}

const needOperator = (sink: string, operator: StateOperator | undefined): StateOperator => {
  if (operator !== undefined) return operator
  throw errors.badConfiguration({
    problem: `sink ${sink}: tableRows() keeps the state of an operator, and the bolt above it is none; use eventRows() or a rollup`,
  })
}
