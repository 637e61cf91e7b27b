/**
 * A sink makes results durable and emits nothing.
 *
 * The engine opens one epoch after the other per lane and hands it batches in log order. When the epoch closes, its end
 * is declared in the ledger, and only then `write` is called: absolute, repeatable, stamped effects (PROTOCOL: "One
 * epoch of a lane"). `write` is called again, with the same declaration, by whoever recovers the lane: the same
 * declaration and the same tuples must give the same bytes. An effect that cannot be repeated so has no place here.
 */
import type { JsonValue } from './json.ts'
import type { OrderNeed, StateOperator } from './operator.ts'
import type { Clock } from './ports/clock.ts'
import type { EventLog } from './ports/event-log.ts'
import type { ObjectStore } from './ports/object-store.ts'
import type { RowStore, TableSpec } from './ports/row-store.ts'
import type { SpillDisk } from './ports/spill-disk.ts'
import type { Offset } from './position.ts'
import type { Tuples } from './tuples.ts'
import type { Weight } from './weight.ts'

/**
 * `rows`: state shards in slots, from a state operator. `events`: one row per event, from events. `objects`: files that
 * keep the lane in their name, from events. `custom`: a user's sink, from any tuples; treated like `objects` by the
 * ledger (no slots, homes keep their lane).
 */
export type SinkKind = 'rows' | 'events' | 'objects' | 'custom'

/** An epoch as the ledger declared it: the same for everybody who writes it. */
export interface DeclaredEpoch {
  readonly topology: string
  readonly sink: string
  /** Identity of the log. */
  readonly log: string
  readonly spout: string
  readonly partition: number
  readonly lane: number
  readonly from: Offset
  readonly to: Offset
  readonly seq: number
  /** Slot of a rows sink, 0 otherwise. */
  readonly slot: number
  /** Part size of an objects sink in bytes, 0 otherwise. */
  readonly partBytes: number
  /** A delete's work: its record's offset. Absent when events are applied. */
  readonly retracts?: { readonly deleteOffset: Offset }
}

/** `fenced`: a later epoch has been written over this one; nothing of it may be written any more, read the ledger again. */
export type WriteOutcome = 'written' | 'fenced'

/** What one lane collects between two declarations. All calls come from one lane, one at a time. */
export interface OpenEpoch<In = unknown> {
  /**
   * Takes a batch. With weight -1 the same tuples leave again: in an epoch that applies events, because a delete that was
   * listed meanwhile drops them; in an epoch of a delete, because that is its work. Never waits.
   */
  add(tuples: Tuples<In>, weight: Weight): void
  /** Bytes held in memory, and bytes spilled to disk, by this epoch. */
  heldBytes(): number
  spilledBytes(): number
  /** How many objects it would become if it closed now; a sink that writes none has none. */
  outputs?(): number
  /** Whether it is to close: where it spills to there is no room for more. */
  isFull?(): boolean
  /** Resolves when buffers are below the bound at which the lane should wait; an epoch that never spills has none. */
  settle?(): Promise<void>
  /**
   * Makes the epoch durable. Throws class `retry` (called again after a pause) or `stop`. `isFresh`: it holds what has just
   * come; where a sink has more to write than its store takes, that goes first. It decides when, never what.
   */
  write(epoch: DeclaredEpoch, signal: AbortSignal, isFresh?: boolean): Promise<WriteOutcome>
  /** Frees buffers and spill files; the last call. */
  discard(): void
}

export interface SinkContext {
  readonly topology: string
  readonly sink: string
  readonly spout: string
  readonly partition: number
  readonly rows: RowStore
  readonly objects: ObjectStore
  /** The log that the events come from, for a sink that answers with records. A repeated `write` may append them again. */
  readonly log: Pick<EventLog, 'partitions' | 'append'>
  readonly clock: Clock
  /** Folder for spill files, made when used, emptied at start. */
  readonly spillFolder: string
  /** Takes the place of the folder where no file may be a real one. Absent: files are real. */
  readonly disk?: SpillDisk | undefined
  /** The state operator above a rows sink. */
  readonly operator: StateOperator | undefined
  /** Reads a numeric knob; options of the topology stand behind it. */
  knob(name: string): number
}

/** A sink at work on one partition. Lanes of the partition share it, with one slot used by one lane at a time. */
export interface SinkWriter<In = unknown> {
  openEpoch(): OpenEpoch<In>
  close(): Promise<void>
}

export interface Sink<In = unknown> {
  readonly kind: 'sink'
  readonly sinkKind: SinkKind
  /** The noun, for messages and `describe`: `tableRows`. */
  readonly name: string
  readonly doc: string
  readonly order: OrderNeed
  /** Everything that decides what is written, as plain data: part of the fingerprint. */
  readonly options: JsonValue
  /** Options that stand behind knobs: `{ 'objects.ageMs': 60000 }`. They may change without a new fingerprint. */
  readonly knobs: Readonly<Record<string, number>>
  /** Knob that bounds the age of an open epoch. `undefined`: the operator above says. */
  readonly epochAge: string | undefined
  /** Whether `add` with weight -1 takes tuples out of an open epoch. Where not, the engine discards it and reads again. */
  readonly subtracts: boolean
  /** Tables it keeps, given its name and the operator above: created before the first epoch, printed by `describe --tables`. */
  tables(sink: string, operator: StateOperator | undefined): readonly TableSpec[]
  open(context: SinkContext): Promise<SinkWriter<In>>
  /**
   * Throws on tuples that the sink cannot take: the records behind them become its dead letters. Called before `add`; a
   * function of each tuple alone.
   */
  readonly check?: (tuples: Tuples<In>) => void
  /**
   * Everything that a reader finds now, in an order that means nothing changes when nothing has changed. Asked by
   * simulations and tests, never by a run: they see by it that a repeated write changes nothing, where the sink writes to
   * what they cannot look at themselves (another database, a service).
   */
  contents?(): Promise<JsonValue>
  /** Phantom: keeps `In` in the type. */
  readonly accepts?: (tuple: In) => void
}

declare const folded: unique symbol

/**
 * A sink that keeps a state operator's rows: `tableRows()`. It takes what no value is, so that the types keep it off
 * plain streams, as `Sink<Event>` keeps the others off state operators.
 */
export interface RowsSink extends Omit<Sink, 'accepts'> {
  readonly accepts?: (tuple: { readonly [folded]: true }) => void
}

export const defineSink = <In>(definition: Omit<Sink<In>, 'kind' | 'accepts'>): Sink<In> =>
  Object.freeze({ kind: 'sink', ...definition })
