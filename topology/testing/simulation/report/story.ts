/**
 * The trace of a failing history, cut down to what a person reads: records, decisions and faults in their order, and what
 * was seen at the end. Of the calls only those stay that name the failing view; where that is still too long, calls go
 * first, then decisions about other sinks, then the middle. Nothing is said that the trace does not say.
 */
import type { Topology } from '../../../model/topology.ts'
import type { TraceEntry } from '../trace.ts'
import type { Violation } from '../violation.ts'
import { progressNote } from './ledger-notes.ts'

export interface StoryOptions {
  readonly violation: Violation
  readonly topology: Pick<Topology, 'sinks' | 'bolts'>
  /** Default 60. */
  readonly linesMax?: number
}

const linesMaxInitial = 60
// A line is read, not scrolled; the trace has all of it.
const whatLengthMax = 240

// Which partitions a table has says nothing of what is in them.
const catalogues = /^(?:writes|[a-z ]+:) spillway_partitions\b/

export const storyOf = (entries: readonly TraceEntry[], options: StoryOptions): readonly TraceEntry[] => {
  const { violation, topology, linesMax = linesMaxInitial } = options
  const view = failingView(violation, topology)
  const end = endOf(entries, violation)
  const told = entries.filter(
    ({ kind, what }) => kind !== 'time' && !what.startsWith(progressNote) && !end.what.endsWith(what),
  )
  const levels: readonly ((entry: TraceEntry) => boolean)[] = [
    ({ kind, what }) => !catalogues.test(what) && (kind !== 'call' || view.isNamed(what)),
    ({ kind, what }) => !catalogues.test(what) && kind !== 'call',
    ({ kind, what }) => !catalogues.test(what) && kind !== 'call' && (kind !== 'decision' || !view.isElsewhere(what)),
  ]
  let story: readonly TraceEntry[] = told
  for (const isKept of levels) {
    story = joinRepeated(told.filter(isKept).map(clip))
    if (story.length < linesMax) break
  }
  return [...cutMiddle(story, linesMax - 1), clip(end)]
}

interface FailingView {
  /** Whether a text names the part of the topology that the violation names. */
  readonly isNamed: (what: string) => boolean
  /** Whether it names other parts only. */
  readonly isElsewhere: (what: string) => boolean
}

const failingView = (violation: Violation, topology: StoryOptions['topology']): FailingView => {
  const names = [...topology.sinks, ...topology.bolts].map(({ name }) => name)
  const mentions = (text: string, name: string): boolean =>
    new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w-])`).test(text)
  const failing = names.filter((name) => name === violation.part?.name || mentions(violation.what, name))
  const others = names.filter((name) => !failing.includes(name))
  const isNamed = (what: string): boolean => failing.some((name) => mentions(what, name))
  return {
    isNamed,
    isElsewhere: (what) => failing.length > 0 && !isNamed(what) && others.some((name) => mentions(what, name)),
  }
}

/** What was seen, at the place of the last entry. */
const endOf = (entries: readonly TraceEntry[], { invariant, what, part }: Violation): TraceEntry => {
  const { step, timeMs } = entries.at(-1) ?? { step: 0, timeMs: 0 }
  const who = part === undefined ? 'check' : `${part.kind} ${part.name}`
  return { step, timeMs, who, what: `${invariant}: ${what}`, kind: 'check' }
}

const clip = (entry: TraceEntry): TraceEntry =>
  entry.what.length <= whatLengthMax ? entry : { ...entry, what: `${entry.what.slice(0, whatLengthMax - 4)} ...` }

/** The same, again and again, is told once. */
const joinRepeated = (entries: readonly TraceEntry[]): readonly TraceEntry[] => {
  const joined: { entry: TraceEntry; times: number }[] = []
  for (const entry of entries) {
    const last = joined.at(-1)
    if (last !== undefined && last.entry.who === entry.who && last.entry.what === entry.what) last.times += 1
    else joined.push({ entry, times: 1 })
  }
  return joined.map(({ entry, times }) => (times === 1 ? entry : { ...entry, what: `${entry.what} (${times} times)` }))
}

const cutMiddle = (entries: readonly TraceEntry[], linesMax: number): readonly TraceEntry[] => {
  if (entries.length <= linesMax) return entries
  // The beginning says what was there, the end how it failed.
  const head = Math.floor(linesMax / 3)
  const tail = linesMax - head - 1
  const first = entries[head]!
  const text = `... ${entries.length - head - tail} entries are left out here; the trace has them`
  return [...entries.slice(0, head), { ...first, who: '', what: text, kind: 'time' }, ...entries.slice(-tail)]
}
