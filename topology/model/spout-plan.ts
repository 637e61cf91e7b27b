/**
 * What the engine needs to know of a spout before the first byte is read: bolts in order, sinks with what feeds them,
 * and the values that the decoder must lift. `declare` makes it, as a pure function of the topology.
 */
import type { OperatorFunction } from 'rxjs'
import type { ReplayOrigin } from './ledger-document.ts'
import type { OrderNeed, StateOperator } from './operator.ts'
import type { Path } from './path.ts'
import type { Sink, SinkKind } from './sink.ts'
import type { SpoutNode, Wanted } from './topology.ts'

/** A user's bolt. It runs when one of the sinks at work has it in its `chain`. */
export interface PlannedBolt {
  readonly name: string
  /** Where its tuples come from: the spout or bolts before it. Several: one subscription over all of them. */
  readonly feeds: readonly string[]
  readonly operator: OperatorFunction<unknown, unknown>
}

/** A bolt below the spout that holds back duplicates. It is no bolt that runs: the engine leaves out what it holds back. */
export interface PlannedDedupe {
  readonly bolt: string
  readonly path: Path
  readonly windowMs: number
  /** Of everything that its decisions follow from: names what has been decided, in the store. */
  readonly fingerprint: string
}

export interface PlannedSink {
  readonly name: string
  readonly kind: SinkKind
  readonly sink: Sink
  /** The state operator above a rows sink, and the bolt that it was declared as. */
  readonly operator: StateOperator | undefined
  readonly operatorBolt: string | undefined
  /** Where the tuples come from that the sink, or the operator above it, takes: the spout or user bolts. */
  readonly feeds: readonly string[]
  /** User bolts between the spout and the feeds, each behind what feeds it. */
  readonly chain: readonly string[]
  /** Bolts whose duplicates the sink leaves out. */
  readonly dedupes: readonly PlannedDedupe[]
  /** What the whole branch needs of the order of tuples. */
  readonly order: OrderNeed
  readonly fingerprint: string
  /** Of a replay's sink: what it recomputes, and for whom. */
  readonly replay?: ReplayOrigin
  /** The namespace that readers see in its place. Absent: they see the sink itself. */
  readonly promotedIn?: string
  /** Its own rows are those of an earlier definition: the namespace alone is served. */
  readonly isSuperseded?: true
}

export interface SpoutPlan {
  readonly topology: string
  readonly spout: SpoutNode
  /** User bolts, each behind what feeds it. */
  readonly bolts: readonly PlannedBolt[]
  readonly sinks: readonly PlannedSink[]
  readonly wanted: Wanted
  readonly hasUserBolts: boolean
  /** These sinks alone are served, with their replays, or replays by their own names; others are left as they are. Absent: all. */
  readonly only?: readonly string[]
  /** The event store, where it is not among the sinks: who serves it is somebody else. */
  readonly eventStore?: PlannedSink
}
