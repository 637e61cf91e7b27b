/** Public operators: `spillway/operators`. */
export { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
export { defineOperator, type StateOperator } from '../topology/model/operator.ts'
export { average } from './average.ts'
export { count } from './count.ts'
export { countUnique } from './count-unique.ts'
export { inferSchema } from './infer-schema/infer-schema.ts'
export {
  type CollectionSchema,
  readSchemaState,
  type SchemaBounds,
  type SchemaProperty,
} from './infer-schema/read-schema-state.ts'
export type { SchemaState } from './infer-schema/schema-state.ts'
export { maximum } from './maximum.ts'
export { median } from './median.ts'
export { minimum } from './minimum.ts'
export { percentile } from './percentile.ts'
export { queryRollup, type RollupQuery } from './query/query-rollup.ts'
export { type RollupRow, rollupRowOf, sumRollupShards } from './query/rollup-rows.ts'
export { readTimeframe, type Timeframe, type TimeframeInput } from './query/timeframe.ts'
export type { Fill, RollupResult } from './query/write-result.ts'
export { restoreOperator } from './restore-operator.ts'
export { rollup } from './rollup/rollup.ts'
export type { RollupOptions } from './rollup/rollup-options.ts'
export type { RollupState } from './rollup/rollup-state.ts'
export { stddev } from './stddev.ts'
export { sum } from './sum.ts'
