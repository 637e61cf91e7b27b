/**
 * What is written down of a history, when somebody wants to read it: who did what at which step, at which virtual time.
 *
 * Texts are made only for who reads them: without a trace nothing of this costs anything. The text of a trace follows from
 * the history alone, so two plays of one seed give the same bytes.
 */
import type { FaultKind } from './stage/fault-kinds.ts'

export interface TraceEntry {
  readonly step: number
  /** Virtual time, ms since 1970. */
  readonly timeMs: number
  /** A process, a store, the log, or the world. */
  readonly who: string
  readonly what: string
  readonly kind: FaultKind | 'call' | 'decision' | 'time' | 'record' | 'check'
}

/** Texts are made only for who reads them. */
export type Note = (kind: TraceEntry['kind'], who: string, what: () => string) => void

export class Trace {
  readonly entries: TraceEntry[] = []
  /** The world moves it on. */
  step = 0
  #nowMs: () => number = () => 0

  /** The world says once, before the first entry, what time is told by. */
  begin(nowMs: () => number): void {
    this.#nowMs = nowMs
  }

  /** A function of its own, so that it may be handed on as a `Note`. */
  readonly note: Note = (kind, who, what) => {
    this.entries.push({ step: this.step, timeMs: this.#nowMs(), who, what: what(), kind })
  }
}
