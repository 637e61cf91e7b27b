/**
 * The public entry `spillway`: declaring topologies and the words they are made of.
 *
 * Public is what stands here and in the entries `spillway/operators`, `spillway/sinks` and `spillway/testing`.
 */
export { type Admission, type AdmissionOptions, admission } from './admission.ts'
export type { AnswerForm, AnswerReport } from './answer-messages.ts'
export { type AuditOptions, auditTopology } from './audit.ts'
export type { AuditDifference, AuditedCell, AuditedCounters, AuditedSink, AuditReport } from './audit-report.ts'
export { defineTopology } from './declare/define-topology.ts'
export { describeJson } from './declare/describe-json.ts'
export { describeMermaid } from './declare/describe-mermaid.ts'
export { describeText } from './declare/describe-text.ts'
export {
  type BoltDescription,
  type BoundDescription,
  type Description,
  describeTopology,
  type OperatorDescription,
  type SinkDescription,
  type SpoutDescription,
} from './declare/describe-topology.ts'
export { fingerprintsOf } from './declare/fingerprints-of.ts'
export { lintTopology, type SourceText } from './declare/lint-topology.ts'
export { type LogSource, log } from './declare/log.ts'
export { formatProblem, type Problem, type SourceLocation } from './declare/problem.ts'
export type { NodeOptions, StateStream, Stream, TopologyBuilder } from './declare/stream.ts'
export { TopologyProblems } from './declare/topology-problems.ts'
export { validateTopology } from './declare/validate-topology.ts'
export type { DeleteFilter, DeleteInput } from './delete-input.ts'
export type { DeleteReceipt } from './delete-writing.ts'
export type { AdmissionAnswer, AdmissionRequest } from './engine/tenants/admission-gate.ts'
export { type Aggregate, defineAggregate } from './model/aggregate.ts'
export type { DedupeOperator } from './model/dedupe-operator.ts'
export type { Event, TypeName } from './model/event.ts'
export type { Filter, FilterOperator } from './model/filter.ts'
export type { JsonObject, JsonScalar, JsonValue } from './model/json.ts'
export {
  defineOperator,
  type OrderNeed,
  type Retraction,
  type StateDelta,
  type StateDeltas,
  type StateOperator,
  type StateTable,
} from './model/operator.ts'
export type { Path } from './model/path.ts'
export type { Clock } from './model/ports/clock.ts'
export type { AppendedRange, EventLog, LogBounds } from './model/ports/event-log.ts'
export type { Ledger, LedgerKey } from './model/ports/ledger.ts'
export type { ObjectBody, ObjectMetadata, ObjectStore, StoredObject } from './model/ports/object-store.ts'
export type { Random } from './model/ports/random.ts'
export type {
  Cell,
  ColumnSpec,
  ColumnType,
  Row,
  RowKey,
  RowStore,
  ScanRange,
  TableSpec,
} from './model/ports/row-store.ts'
export type { Offset, OffsetRange, Partition, Seq } from './model/position.ts'
export type { Headers, LogRecord, NewRecord, RecordBatch } from './model/record.ts'
export type {
  Happening,
  LaneStatus,
  Resources,
  RunHandle,
  RunOptions,
  RunOutcome,
  SinkStatus,
  TopologyStatus,
} from './model/run-handle.ts'
export {
  type DeclaredEpoch,
  defineSink,
  type OpenEpoch,
  type RowsSink,
  type Sink,
  type SinkContext,
  type SinkKind,
  type SinkWriter,
  type WriteOutcome,
} from './model/sink.ts'
export { type ErrorClass, SpillwayError } from './model/spillway-error.ts'
export type { LogOptions, Source, Topology } from './model/topology.ts'
export type { Column, EventColumns, ShapeNames, Shapes, Tuples } from './model/tuples.ts'
export type { Weight } from './model/weight.ts'
export { type DeleteSettings, requestDelete } from './request-delete.ts'
export type { Environment } from './resource-environment.ts'
export {
  type OpenLogOptions,
  type OpenOptions,
  type OpenRows,
  openLog,
  openObjects,
  openRows,
  type ResourceMode,
} from './resources.ts'
export { type RunSettings, run } from './run.ts'
export { servedNamespaces, servedSink } from './served.ts'
export { type RollupStreamQuery, streamRollup } from './stream-rollup.ts'
