/**
 * What a user holds while declaring: streams, typed from the spout to the sink.
 *
 * The types refuse what could not run: rows sinks on plain streams, event sinks on anything but events, a bolt below a
 * state operator. `validateTopology` refuses the same for those who write without types.
 */
import type { OperatorFunction } from 'rxjs'
import type { DedupeOperator } from '../model/dedupe-operator.ts'
import type { Event } from '../model/event.ts'
import type { StateOperator } from '../model/operator.ts'
import type { RowsSink, Sink } from '../model/sink.ts'
import type { LogSource } from './log.ts'

export interface NodeOptions {
  /** Change it when the behaviour of a function changes: sinks below are then known to have another meaning. */
  readonly version?: string
}

/** Sinks that a stream of `T` can feed: those of `T`, and for events of any body those of events. */
export type SinkOf<T> = Sink<T> | (T extends Event<unknown> ? Sink<Event> : never)

/** Tuples of type `T` on their way from a spout or a bolt. */
export interface Stream<T> {
  /** The node that emits it; merged streams are joined by `+`. */
  readonly name: string
  /**
   * Adds a bolt: one RxJS operator (join several with `pipe`). It gets one subscription per batch, must complete with
   * it, and keeps nothing beyond it; an error rejects the record.
   */
  bolt<Out>(name: string, operator: OperatorFunction<T, Out>, options?: NodeOptions): Stream<Out>
  /** Adds a state operator (`rollup`, `inferSchema`, your own from `defineOperator`); its rows go to `tableRows()`. */
  bolt<State>(name: string, operator: StateOperator<T, State>, options?: NodeOptions): StateStream
  /** Adds `dedupe(...)`, directly below the spout: the stream without the repetitions. */
  bolt(name: string, operator: T extends Event<unknown> ? DedupeOperator : never, options?: NodeOptions): Stream<T>
  /** Ends in a sink. Any number of sinks may end the same stream. */
  sink(name: string, sink: SinkOf<T>, options?: NodeOptions): void
  /** Phantom: keeps `T` in the type. */
  readonly emits?: T
}

/** What a state operator keeps: rows, which only a rows sink can take. */
export interface StateStream {
  readonly name: string
  sink(name: string, sink: RowsSink, options?: NodeOptions): void
}

type TupleOf<S> = S extends Stream<infer T> ? T : never

/** Handed to the function given to `defineTopology`; of no use after that function has returned. */
export interface TopologyBuilder {
  /** Adds a spout: `t.spout('events', log())`. */
  spout<Body>(name: string, source: LogSource<Body>): Stream<Event<Body>>
  /** Joins streams into one: a tuple of either flows on. Order is kept within a stream only. */
  merge<const S extends readonly Stream<unknown>[]>(streams: S): Stream<TupleOf<S[number]>>
}
