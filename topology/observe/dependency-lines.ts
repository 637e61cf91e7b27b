/**
 * The health of what a run depends on, apart from its own: a slow broker is no slow topology. How slow is told by its
 * requests where the port measures them, else by the calls that are made of them; whether it answers by what is waited
 * for, and whom it hurts by what is shared.
 */
import type { WaitingFor } from '../model/run-handle.ts'
import type { BranchLine, DependencyLine, LagLine } from '../model/run-snapshot.ts'
import type { SinkKind } from '../model/sink.ts'
import { impactOf } from './impact.ts'
import type { StageRate } from './stage-rates.ts'

export interface DependencyFacts {
  readonly topics: readonly string[]
  readonly rows: string
  readonly objects: string
  readonly rates: readonly StageRate[]
  readonly waitingFor: readonly WaitingFor[]
  readonly branches: readonly BranchLine[]
  readonly lag: readonly LagLine[]
  readonly kindOf: (sink: string) => SinkKind
  /** From which latency of a request on each counts as slow, ms. */
  readonly slowMs: Readonly<Record<DependencyLine['kind'], number>>
  /** The same of writing a whole epoch, which takes many requests. */
  readonly slowEpochMs: Readonly<Record<'rows' | 'objects', number>>
  /** Of its requests in the last seconds, where the port measures them, ms. */
  readonly requestMs?: (kind: DependencyLine['kind'], name: string) => number | undefined
}

export const dependencyLines = (facts: DependencyFacts): readonly DependencyLine[] => {
  const writes = facts.rates.filter(({ stage }) => stage === 'write')
  const ofKind = (isObjects: boolean): readonly StageRate[] =>
    writes.filter(({ name }) => (facts.kindOf(name) === 'objects') === isObjects)
  const fetches = (topic: string): readonly StageRate[] =>
    facts.rates.filter(({ stage, name }) => stage === 'fetch' && name === topic)
  const hasObjects = facts.branches.some(({ kind }) => kind === 'objects')
  return [
    ...facts.topics.map((topic) => line(facts, 'log', topic, fetches(topic))),
    line(facts, 'rows', facts.rows, ofKind(false)),
    ...(hasObjects ? [line(facts, 'objects', facts.objects, ofKind(true))] : []),
    line(
      facts,
      'ledger',
      facts.rows,
      facts.rates.filter(({ stage }) => stage === 'ledger'),
    ),
  ]
}

const line = (
  facts: DependencyFacts,
  kind: DependencyLine['kind'],
  name: string,
  rates: readonly StageRate[],
): DependencyLine => {
  const calls = rates.reduce((sum, rate) => sum + rate.callsPerSecond, 0)
  const busy = rates.reduce((sum, rate) => sum + rate.callsPerSecond * rate.latencyMs, 0)
  const open = Math.max(
    0,
    ...rates.filter(({ callsPerSecond }) => callsPerSecond === 0).map(({ latencyMs }) => latencyMs),
  )
  const requestMs = facts.requestMs?.(kind, name)
  const latencyMs = requestMs ?? (calls > 0 ? busy / calls : open)
  const failing = facts.waitingFor.find((one) => one.resource === kind && (one.name === name || kind !== 'log'))
  const impact = impactOf({ kind, name }, facts)
  if (failing !== undefined)
    return {
      ...{ kind, name, state: 'failing', latencyMs, failingSinceMs: failing.sinceMs, reason: failing.reason, impact },
    }
  const isEpoch = requestMs === undefined && (kind === 'rows' || kind === 'objects')
  const isSlow = latencyMs > (isEpoch ? facts.slowEpochMs[kind] : facts.slowMs[kind])
  const what = isEpoch ? 'an epoch' : 'a call'
  const reason = isSlow ? `${what} takes ${Math.round(latencyMs)} ms on average` : ''
  return { kind, name, state: isSlow ? 'slow' : 'ok', latencyMs, reason, impact: isSlow ? impact : [] }
}
