/**
 * What limits the drain now: the stage that is busy all the time while others wait for it, and the knob that moves it.
 *
 * A lane reads, works and writes in a chain, so the stage that is busiest for its number of lanes is the one that the
 * rest waits for. Where none is, lanes are held back: by their permits, or by a limit that a person has set.
 */
import type { WorkClass } from '../model/lane-permit.ts'
import type { Binding, LagLine } from '../model/run-snapshot.ts'
import type { StageRate } from './stage-rates.ts'

export interface BindingFacts {
  readonly lag: readonly LagLine[]
  readonly rates: readonly StageRate[]
  /** Processes that run lanes. */
  readonly workers: number
  /** Of the busiest event loop, where that is measured. */
  readonly loopUsedRatio: number | undefined
  readonly kindOf: (sink: string) => 'rows' | 'objects'
}

type Candidate = Pick<Binding, 'stage' | 'name' | 'usedRatio'>

// Below it the stage idles for so long that another one must be waited for.
const boundAt = 0.5
const worthEvents = 1

/** `null`: nothing lags, or nothing is known yet. */
export const findBinding = (facts: BindingFacts): Binding | null => {
  const behind = facts.lag.filter(({ lagEvents }) => lagEvents >= worthEvents)
  if (behind.length === 0) return null
  const classes = new Set<WorkClass>(behind.map(({ laneClass }) => laneClass))
  const rates = facts.rates.filter(({ workClass }) => classes.has(workClass))
  if (rates.length === 0) return null
  const candidates = [...ofCpu(facts), ...(rates.length === 0 ? [] : ofWaiting(rates, behind))]
  const busiest = candidates.reduce<Candidate | undefined>(
    (most, one) => (most === undefined || one.usedRatio > most.usedRatio ? one : most),
    undefined,
  )
  const held = ofPermits(behind)
  const isHeld = held.usedRatio > 0 && (busiest === undefined || busiest.usedRatio < boundAt)
  const found = isHeld ? held : busiest
  return found === undefined ? null : { ...found, ...adviceOf(found, facts) }
}

const sumOf = (rates: readonly StageRate[], value: (rate: StageRate) => number): number =>
  rates.reduce((sum, rate) => sum + value(rate), 0)

/** Of all processes together; named by what takes most of it. */
const ofCpu = ({ rates, workers, loopUsedRatio }: BindingFacts): readonly Candidate[] => {
  const measured = sumOf(rates, ({ cpuRatio }) => cpuRatio) / Math.max(1, workers)
  const usedRatio = Math.min(1, Math.max(measured, loopUsedRatio ?? 0))
  const byName = [...Map.groupBy(rates, ({ stage, name }) => `${stage} ${name}`)]
  const sums = byName.map(([, some]) => ({ some, cpu: sumOf(some, ({ cpuRatio }) => cpuRatio) }))
  const [most] = sums.sort((left, right) => right.cpu - left.cpu)
  return most === undefined ? [] : [{ stage: 'cpu', name: most.some[0]!.name, usedRatio }]
}

const ofWaiting = (rates: readonly StageRate[], behind: readonly LagLine[]): readonly Candidate[] => {
  // Lanes that stand at one place are read together.
  const cursors = new Set(behind.filter(({ mayRead }) => mayRead).map(cursorOf)).size
  return [...Map.groupBy(rates, ({ stage, name }) => `${stage} ${name}`).values()].flatMap((some) => {
    const { stage, name } = some[0]!
    if (stage === 'decode') return []
    const lanes =
      stage === 'write' || stage === 'settle' ? behind.filter((line) => line.branch === name).length : cursors
    const partitions = new Set(behind.map(({ spout, partition }) => `${spout}/${partition}`)).size
    const most = stage === 'ledger' ? partitions : lanes
    if (most === 0) return []
    return [{ stage, name, usedRatio: Math.min(1, sumOf(some, ({ waiting }) => waiting) / most) }]
  })
}

const cursorOf = ({ spout, partition, laneClass, lagEvents }: LagLine): string =>
  `${spout}/${partition}/${laneClass}/${lagEvents}`

const ofPermits = (behind: readonly LagLine[]): Candidate => {
  const held = behind.filter(({ mayRead }) => !mayRead).length
  return { stage: 'permit', name: 'backlog lanes', usedRatio: held / behind.length }
}

const adviceOf = ({ stage, name }: Candidate, { kindOf, workers }: BindingFacts): Pick<Binding, 'knob' | 'advice'> => {
  switch (stage) {
    case 'cpu':
      return {
        knob: 'worker.processes',
        advice: `the processor is the limit, ${name} takes most of it: more than ${workers} worker${workers === 1 ? '' : 's'}, or a cheaper ${name}`,
      }
    case 'fetch':
      return { knob: 'fetch.partitionBytes', advice: `lanes wait for the log ${name}: larger fetches, or more ranges` }
    case 'bolt':
      return {
        knob: 'catchUp.perPartitionRanges',
        advice: `bolt ${name} waits for something outside: more ranges let it wait for several at once`,
      }
    case 'write':
    case 'settle': {
      const kind = kindOf(name)
      return {
        knob: `${kind}.inFlightRequests`,
        advice: `lanes wait for ${kind} of ${name}: more requests at once, as long as the store answers as fast`,
      }
    }
    case 'ledger':
      return { knob: 'epoch.bytes', advice: 'lanes wait for the ledger: larger epochs need it less often' }
    case 'permit':
      return {
        knob: 'backlog.activeLanes',
        advice: 'lanes are held back although nothing is busy: let more of them read at once',
      }
    case 'decode':
      return { knob: 'worker.processes', advice: 'reading records is the limit: more workers' }
  }
}
