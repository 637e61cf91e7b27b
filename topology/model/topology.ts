/**
 * A declared topology: frozen plain data, typed on the outside by the builder (`declare/`). Nothing connects until it runs.
 */
import type { OperatorFunction } from 'rxjs'
import type { DedupeOperator } from './dedupe-operator.ts'
import type { StateOperator } from './operator.ts'
import type { Path } from './path.ts'
import type { Sink } from './sink.ts'

/** Where a property of every record comes from. A bare string is a constant. */
export type Source = string | { readonly header: string } | { readonly key: true } | { readonly path: string }

export interface LogOptions {
  /** URL or name of the log; default: the run's `log` resource. */
  readonly log?: string
  /** Default: header `project`, else the key, else `default`. */
  readonly project?: Source
  /** Another name for `project`. */
  readonly tenant?: Source
  /** Default: header `collection`, else the topic. */
  readonly collection?: Source
  /** Event time: a path, with its unit where the value is a number. Default: header `spillway-time`, `keen.timestamp`, append time. */
  readonly time?: string | { readonly path: string; readonly unit?: 'ms' | 's' }
  /**
   * How much later than its event time a record may be appended, as a text with a unit or in ms. What comes later is a dead
   * letter. Default: no limit. Judged by the record alone, so every reading of it, a delete's too, judges the same.
   */
  readonly lateness?: string | number
  /** Where bodies carry the client's own id, which deletes name as `keen.client_id`; the header `spillway-id` goes first. */
  readonly clientId?: string
  /** Where a topology that has no position yet begins. Default `earliest`. */
  readonly from?: 'earliest' | 'latest' | string
  /** What a null value means. `delete`: a delete of the events whose client id is its key. Default `ignore`: a dead letter. */
  readonly tombstones?: 'delete' | 'ignore'
  /**
   * How values are written. Default `json`. `avro`: each begins with what names its schema, which stands in a folder
   * (`schemas`: single-object encoding) or in a registry (`registry`: the Confluent wire format).
   */
  readonly format?: 'json' | 'avro'
  /** Folder of `.avsc` files. Looked for in the current folder, then beside the topology. */
  readonly schemas?: string
  /** URL of a schema registry. Credentials come from the environment. */
  readonly registry?: string
  /** `keen`: refuse what Keen's API refused. */
  readonly limits?: 'keen'
  /** Paths whose strings are times (type `datetime` in the schema). */
  readonly datetimes?: readonly string[]
}

export interface SpoutNode {
  readonly kind: 'spout'
  readonly name: string
  readonly options: LogOptions
}

export interface BoltNode {
  readonly kind: 'bolt'
  readonly name: string
  /** Names of the nodes that feed it: one, or several through `t.merge`. */
  readonly inputs: readonly string[]
  readonly operator: OperatorFunction<unknown, unknown> | StateOperator | DedupeOperator
  /** Changes the fingerprint of what is below when the function's behaviour changes. */
  readonly version: string | undefined
}

export interface SinkNode {
  readonly kind: 'sink'
  readonly name: string
  readonly inputs: readonly string[]
  readonly sink: Sink
  readonly version: string | undefined
}

export type TopologyNode = SpoutNode | BoltNode | SinkNode

export interface Topology {
  readonly kind: 'topology'
  readonly name: string
  readonly spouts: readonly SpoutNode[]
  readonly bolts: readonly BoltNode[]
  readonly sinks: readonly SinkNode[]
}

/** What the decoder must lift for a spout: known before the first byte is read. */
export interface Wanted {
  readonly paths: readonly Path[]
  readonly shapes: boolean
}

export const isStateOperator = (operator: BoltNode['operator']): operator is StateOperator =>
  typeof operator !== 'function' && operator.kind === 'operator'

export const isDedupe = (operator: BoltNode['operator']): operator is DedupeOperator =>
  typeof operator !== 'function' && operator.kind === 'dedupe'
