/** `spillway/sinks`: the sinks, what a sink of one's own needs, and the readers of what the sinks keep. */
export type { OrderNeed } from '../topology/model/operator.ts'
export type {
  DeclaredEpoch,
  OpenEpoch,
  Sink,
  SinkContext,
  SinkKind,
  SinkWriter,
  WriteOutcome,
} from '../topology/model/sink.ts'
export { defineSink } from '../topology/model/sink.ts'
export type { EventColumns, Tuples } from '../topology/model/tuples.ts'
export type { Weight } from '../topology/model/weight.ts'
export { type ObjectsOptions, objects } from './objects/objects.ts'
export { type ObjectsQuery, readObjects } from './objects/read-objects.ts'
export { type ObjectsVerdict, type ObjectsVerification, verifyObjects } from './objects/verify-objects.ts'
export { type DeleteMatch, type PropagateDeletesOptions, propagateDeletes } from './propagate-deletes.ts'
export { type EventRowsOptions, eventRows } from './rows/event-rows.ts'
export { type EventsQuery, readEvents } from './rows/read-events.ts'
export { type RollupRead, readRollup } from './rows/read-rollup.ts'
export { readSchema, type SchemaQuery } from './rows/read-schema.ts'
export { type KeyState, readState, type StateQuery } from './rows/read-state.ts'
export { type TableRowsOptions, tableRows } from './rows/table-rows.ts'
