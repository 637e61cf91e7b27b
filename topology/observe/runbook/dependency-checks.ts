/** Checks about what a run depends on and what it holds: broker, stores, memory. */
import { formatBytes } from '../../model/quantity.ts'
import type { DependencyLine } from '../../model/run-snapshot.ts'
import { impactOf } from '../impact.ts'
import { countWords, durationWords, shareWords } from '../lag-words.ts'
import {
  because,
  fine,
  found,
  highestOf,
  type Look,
  linesOf,
  type RunbookView,
  sinceWords,
  stagesOf,
  unknown,
  workerName,
} from './finding.ts'

const worstDependency = (view: RunbookView, kinds?: readonly DependencyLine['kind'][]): DependencyLine | undefined => {
  const rank = { ok: 0, slow: 1, failing: 2 }
  const lines = linesOf(view, ({ dependencies }) => dependencies)
  return highestOf(
    lines.filter(({ kind }) => kinds?.includes(kind) ?? true),
    ({ state, latencyMs }) => rank[state] * 1e9 + latencyMs,
  )
}

const dependencyText = (
  view: RunbookView,
  { kind, name, state, latencyMs, failingSinceMs, reason }: DependencyLine,
): string => {
  const since = failingSinceMs === undefined ? '' : ` for ${sinceWords(view, failingSinceMs)}`
  return `${kind} ${name} is ${state}${since} (${durationWords(latencyMs)})${because(reason)}`
}

const dependencies: Look = (view) => {
  const worst = worstDependency(view)
  if (worst === undefined) return unknown('nothing was asked of a store yet')
  const text = dependencyText(view, worst)
  return worst.state === 'ok' ? fine(`all answer; the slowest: ${text}`) : found(text)
}

const brokerLatency: Look = (view) => {
  const worst = worstDependency(view, ['log'])
  if (worst === undefined) return unknown('nothing was asked of the log yet')
  const isSlow = worst.state !== 'ok' || worst.latencyMs > view.knob('broker.latencyMs')
  const state = isSlow && worst.state === 'ok' ? 'slow' : worst.state
  const text = `${dependencyText(view, { ...worst, state })}; broker.latencyMs is ${view.knob('broker.latencyMs')} ms`
  return isSlow ? found(text) : fine(text)
}

const impact: Look = (view) => {
  const worst = worstDependency(view, ['log'])
  if (worst === undefined) return unknown('nothing was asked of the log yet')
  const { kind, name, state } = worst
  // Lines of what is well name nobody: who shares it is asked here.
  const shared = new Set([...worst.impact, ...view.snapshots.flatMap((one) => impactOf({ kind, name }, one))])
  const text = `${name}: ${shared.size === 0 ? 'no branch' : [...shared].sort().join(', ')}`
  return state === 'ok' ? fine(text) : found(text)
}

const writeLatency: Look = (view) => {
  const slowest = highestOf(
    stagesOf(view).filter(({ stage }) => stage === 'write'),
    ({ recentMeanMs }) => recentMeanMs,
  )
  if (slowest === undefined || slowest.calls === 0) return unknown('nothing was written yet')
  const { name, recentMeanMs, recentMaxMs, inFlight, errors } = slowest
  const text = `${name}: ${durationWords(recentMeanMs)} on average, ${durationWords(recentMaxMs)} at most, ${inFlight} in flight, ${countWords(errors)} failed`
  return recentMeanMs > view.knob('rows.deadlineMs') / 5 ? found(text, { branch: name }) : fine(text)
}

const saturation: Look = (view) => {
  const full = view.snapshots.find(({ verdict }) => verdict.kind === 'saturated')
  const events = view.snapshots.reduce((sum, { totals }) => sum + totals.inFlightEvents, 0)
  if (full !== undefined) return found(`${full.process}: ${full.verdict.text}`)
  return fine(`${countWords(events)} events are in flight, within the bounds`)
}

interface Memory {
  readonly who: string
  readonly heldBytes: number
  readonly budgetBytes: number
}

const memories = (view: RunbookView): readonly Memory[] =>
  view.snapshots.flatMap(({ process, workers, totals }): readonly Memory[] =>
    workers.length === 0
      ? [{ who: process, ...totals }]
      : workers.map((one) => ({ who: workerName(process, one), ...one })),
  )

const memoryHeld: Look = (view) => {
  const ratioOf = ({ heldBytes, budgetBytes }: Memory): number => heldBytes / Math.max(1, budgetBytes)
  const most = highestOf(memories(view), ratioOf)
  if (most === undefined) return unknown('nobody has told')
  const text = `${most.who} holds ${formatBytes(most.heldBytes)} of ${formatBytes(most.budgetBytes)} (${shareWords(ratioOf(most))})`
  return ratioOf(most) > view.knob('alert.usedRatio') ? found(text) : fine(text)
}

// Ten times what is usual for an event.
const largeEventBytes = 10_240

const eventSize: Look = (view) => {
  const fetched = stagesOf(view).filter(({ stage }) => stage === 'fetch')
  const [records, bytes] = [
    fetched.reduce((sum, one) => sum + one.records, 0),
    fetched.reduce((sum, one) => sum + one.bytes, 0),
  ]
  if (records === 0) return unknown('nothing was fetched yet')
  const text = `${formatBytes(bytes / records)} on average`
  return bytes / records > largeEventBytes ? found(text) : fine(text)
}

/** Names of the runbook's table. */
export const dependencyChecks: Readonly<Record<string, Look>> = {
  ...{ dependencies, brokerLatency, impact, writeLatency, saturation, memoryHeld, eventSize },
}
