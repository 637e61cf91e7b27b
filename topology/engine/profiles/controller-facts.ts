/** What the controller is told, taken from what everybody is told. */
import type { LagLine, RunSnapshot } from '../../model/run-snapshot.ts'
import type { ControllerFacts, Trouble } from './controller.ts'

// Of the memory budget: above the first it is short, below the second it is at ease.
const memoryShort = 0.9
const memoryAtEase = 0.75
// Of the latency at which it began: trouble has to go further back than it came.
const fadingRatio = 0.8

export const controllerFacts = (snapshot: RunSnapshot, brokerLatencyMs: number): ControllerFacts => {
  const behind = laggingLanes(snapshot)
  const first = behind.reduce<LagLine | undefined>(
    (most, line) => (most === undefined || line.lagMs > most.lagMs ? line : most),
    undefined,
  )
  return {
    lagMs: first?.lagMs ?? 0,
    lagAt: first === undefined ? '' : `${first.branch}, partition ${first.partition},`,
    troubles: [...memoryTroubles(snapshot), ...dependencyTroubles(snapshot, brokerLatencyMs)],
  }
}

/** Lanes that would go faster if they could: no replays, nothing that a person holds back. */
export const laggingLanes = ({ lag, branches, tenantRules }: RunSnapshot): readonly LagLine[] => {
  const resting = new Set(
    branches.filter(({ state }) => state === 'paused' || state === 'failed').map(({ branch }) => branch),
  )
  const held = new Set(tenantRules.map(({ tenant }) => tenant))
  return lag.filter(
    ({ branch, laneClass, tenant, lagEvents }) =>
      lagEvents > 0 && laneClass !== 'replay' && !resting.has(branch) && !(laneClass === 'tenant' && held.has(tenant)),
  )
}

const memoryTroubles = ({ totals, workers }: RunSnapshot): readonly Trouble[] => {
  const budgets = workers.length > 0 ? workers : [totals]
  const used = Math.max(0, ...budgets.map(({ heldBytes, budgetBytes }) => heldBytes / Math.max(1, budgetBytes)))
  if (used <= memoryAtEase) return []
  const text = `${Math.round(used * 100)} % of the memory budget is held`
  return [{ kind: 'memory', text, isFading: used < memoryShort }]
}

const dependencyTroubles = ({ dependencies }: RunSnapshot, brokerLatencyMs: number): readonly Trouble[] =>
  dependencies.flatMap(({ kind, name, state, latencyMs, reason }): readonly Trouble[] => {
    const because = reason === '' ? '' : ` (${reason})`
    if (kind !== 'log')
      return state === 'ok' ? [] : [{ kind: 'store', text: `${kind} ${name} is ${state}${because}`, isFading: false }]
    if (state === 'failing') return [{ kind: 'broker', text: `log ${name} is failing${because}`, isFading: false }]
    if (latencyMs <= brokerLatencyMs * fadingRatio) return []
    const text = `log ${name} answers in ${Math.round(latencyMs)} ms, broker.latencyMs is ${brokerLatencyMs}`
    return [{ kind: 'broker', text, isFading: latencyMs <= brokerLatencyMs }]
  })
