/** A trace as lines for people, in columns, and as NDJSON for programs. */
import type { TraceEntry } from '../trace.ts'

export interface TraceTextOptions {
  /** Where time is counted from. Default: the time of the first entry. */
  readonly startMs?: number
  /** Before each line. Default nothing. */
  readonly indent?: string
}

// A name that is longer pushes its own line only.
const whoWidthMax = 16

/** `step 41  +12.250 s  process 2  declares ...`, one line for each entry. */
export const traceText = (entries: readonly TraceEntry[], options: TraceTextOptions = {}): string => {
  const { startMs = entries[0]?.timeMs ?? 0, indent = '' } = options
  const seconds = (entry: TraceEntry): string => `+${((entry.timeMs - startMs) / 1_000).toFixed(3)} s`
  const width = (of: (entry: TraceEntry) => string): number =>
    entries.reduce((widest, entry) => Math.max(widest, of(entry).length), 0)
  const widths = {
    step: width(({ step }) => String(step)),
    time: width(seconds),
    who: Math.min(
      whoWidthMax,
      width(({ who }) => who),
    ),
  }
  return entries
    .map((entry) => {
      const step = `step ${String(entry.step).padStart(widths.step)}`
      const head = `${indent}${step}  ${seconds(entry).padStart(widths.time)}  ${entry.who.padEnd(widths.who)}`
      return `${head}  ${entry.what.replace(/\s*\n\s*/g, ' ')}\n`
    })
    .join('')
}

/** One JSON value on each line: `{"step":41,"ms":12250,"who":"process 2","kind":"decision","what":"..."}`. */
export const traceJson = (entries: readonly TraceEntry[], startMs: number = entries[0]?.timeMs ?? 0): string =>
  entries
    .map(({ step, timeMs, who, kind, what }) => `${JSON.stringify({ step, ms: timeMs - startMs, who, kind, what })}\n`)
    .join('')
