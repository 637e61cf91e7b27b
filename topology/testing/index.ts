/**
 * `spillway/testing`: what the project tests itself with, for the tests of its users.
 */
export { createMemoryObjects } from '../../sinks/objects/memory/memory-objects.ts'
export { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
export { createMemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
export { tuplesOf } from '../spouts/decode/tuples-of.ts'
export { createMemoryLog, type MemoryLog, type MemoryLogOptions } from '../spouts/memory/memory-log.ts'
export { type AggregateClause, type AggregateUnderTest, aggregateClauses } from './conformance/aggregate.ts'
export { eventLogClauses } from './conformance/event-log.ts'
export type { EventLogClause, EventLogUnderTest, MakeEventLog } from './conformance/event-log-under-test.ts'
export { type LedgerClause, ledgerClauses, type MakeLedger } from './conformance/ledger.ts'
export { type MakeObjectStore, type ObjectStoreClause, objectStoreClauses } from './conformance/object-store.ts'
export { operatorClauses } from './conformance/operator.ts'
export type { OperatorClause, OperatorUnderTest } from './conformance/operator-under-test.ts'
export { type MakeRowStore, type RowStoreClause, rowStoreClauses } from './conformance/row-store.ts'
export { type CrashableResources, type CrashPoint, crashableResources } from './crashable-resources.ts'
export { createFaultyEventLog, type FaultyEventLog } from './faults/faulty-event-log.ts'
export { createFaultyLedger, type FaultyLedger } from './faults/faulty-ledger.ts'
export { createFaultyObjectStore, type FaultyObjectStore } from './faults/faulty-object-store.ts'
export { createFaultyRowStore, type FaultyRowStore } from './faults/faulty-row-store.ts'
export { createReplicatedRows, type ReplicatedRows, type ReplicatedRowsOptions } from './replicated-rows.ts'
export { seededRandom } from './seeded-random.ts'
export type { SimulationProgress, SimulationReport } from './simulation/play-seeds.ts'
export type { SimulationFailure } from './simulation/report/explain-failure.ts'
export { traceJson, traceText } from './simulation/report/trace-text.ts'
export { type SimulationOptions, simulate, type TraceSeedOptions, traceSeed } from './simulation/simulate.ts'
export type { TraceEntry } from './simulation/trace.ts'
export { Violation } from './simulation/violation.ts'
export { TestResult } from './test-result.ts'
export {
  advance,
  CRASH,
  cut,
  type Put,
  type PutOptions,
  put,
  type ReplayOptions,
  remove,
  replay,
  settle,
  type TestStep,
} from './test-step.ts'
export { type TestOptions, type TopologyTest, testTopology } from './test-topology.ts'
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
