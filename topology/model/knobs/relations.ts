/**
 * What has to hold between knobs, as data, and the one function that asks it. All relations are asked at once: at the
 * start of a run and with each change.
 *
 * Every relation bounds a sum from above. So what nobody has set gives way: it is lowered, and that is told; only values
 * that somebody has set can disagree.
 */
import { knobs } from '../knobs.ts'

type ValueOf = (knob: string) => number

interface Relation {
  readonly text: string
  /** Knobs whose sum is bounded. */
  readonly low: readonly string[]
  /** The knob that bounds it; absent: a number does. */
  readonly high?: string
  /** The highest sum that holds. */
  readonly most: (of: ValueOf) => number
  /** To what it is lowered, where the highest would be of no use. */
  readonly fit?: (of: ValueOf) => number
  /** The value of `high` from which a sum holds. */
  readonly least?: (sum: number) => number
}

/** A later one may build on what an earlier one has lowered. */
export const relations: readonly Relation[] = [
  {
    text: '`catchUp.leaveMs` <= `catchUp.afterMs` / 2',
    low: ['catchUp.leaveMs'],
    high: 'catchUp.afterMs',
    most: (of) => Math.floor(of('catchUp.afterMs') / 2),
    least: (sum) => 2 * sum,
  },
  {
    text: '`alert.lagMs` < `catchUp.afterMs`',
    low: ['alert.lagMs'],
    high: 'catchUp.afterMs',
    most: (of) => of('catchUp.afterMs') - 1,
    fit: (of) => Math.floor(of('catchUp.afterMs') / 2),
    least: (sum) => sum + 1,
  },
  {
    text: '`live.reserveRatio` + `replay.shareRatio` + `delete.shareRatio` <= 0.95',
    low: ['live.reserveRatio', 'replay.shareRatio', 'delete.shareRatio'],
    most: () => 0.95,
  },
  {
    text: '`fetch.totalBytes` <= `memory.budgetBytes` / 4',
    low: ['fetch.totalBytes'],
    high: 'memory.budgetBytes',
    most: (of) => Math.floor(of('memory.budgetBytes') / 4),
    least: (sum) => 4 * sum,
  },
  {
    text: '`fetch.partitionBytes` <= `fetch.totalBytes`',
    low: ['fetch.partitionBytes'],
    high: 'fetch.totalBytes',
    most: (of) => of('fetch.totalBytes'),
    least: (sum) => sum,
  },
  {
    text: '`admission.softLagMs` < `admission.hardLagMs`',
    low: ['admission.softLagMs'],
    high: 'admission.hardLagMs',
    most: (of) => of('admission.hardLagMs') - 1,
    fit: (of) => Math.floor(of('admission.hardLagMs') / 2),
    least: (sum) => sum + 1,
  },
  {
    text: '`breaker.probeMs` <= `retry.maxMs`',
    low: ['breaker.probeMs'],
    high: 'retry.maxMs',
    most: (of) => of('retry.maxMs'),
    least: (sum) => sum,
  },
]

/** A value that was lowered so that a relation holds. */
export interface LoweredKnob {
  readonly knob: string
  readonly from: number
  readonly to: number
  /** The relation, in words. */
  readonly relation: string
}

export interface Related {
  readonly lowered: readonly LoweredKnob[]
  /** One sentence for each relation that cannot hold, saying which value to change. */
  readonly broken: readonly string[]
}

/** `mayLower`: whether nobody has set the knob. */
export const relate = (valueNow: ValueOf, mayLower: (knob: string) => boolean): Related => {
  const lowered = new Map<string, LoweredKnob>()
  const broken: string[] = []
  const of = (knob: string): number => lowered.get(knob)?.to ?? valueNow(knob)
  for (const relation of relations) {
    const most = relation.most(of)
    if (sumOf(relation.low, of) <= most + rounding) continue
    const free = relation.low.filter(mayLower)
    const held = sumOf(
      relation.low.filter((knob) => !free.includes(knob)),
      of,
    )
    const room = Math.min(most, relation.fit?.(of) ?? most) - held
    const factor = room / sumOf(free, of)
    const next = free.map((knob) => [knob, lowerTo(knob, of(knob) * factor)] as const)
    const isFit = free.length > 0 && held + next.reduce((sum, [, to]) => sum + to, 0) <= most + rounding
    if (isFit)
      for (const [knob, to] of next) lowered.set(knob, { knob, from: valueNow(knob), to, relation: relation.text })
    else broken.push(brokenText(relation, of))
  }
  return { lowered: [...lowered.values()], broken }
}

// Sums of ratios are not exact.
const rounding = 1e-9

const sumOf = (names: readonly string[], of: ValueOf): number => names.reduce((sum, knob) => sum + of(knob), 0)

const lowerTo = (name: string, value: number): number => {
  const knob = knobs.get(name)!
  // Ratios to a thousandth, everything else whole.
  const rounded = knob.max <= 1 ? Math.floor(value * 1_000 + rounding * 1_000) / 1_000 : Math.floor(value)
  return Math.max(knob.min, rounded)
}

const brokenText = (relation: Relation, of: ValueOf): string => {
  const { low, high, most } = relation
  const shown = (value: number): string => String(Math.round(value * 1_000) / 1_000)
  const sum = sumOf(low, of)
  if (high === undefined || relation.least === undefined)
    return `${low.map((knob) => `${knob} ${shown(of(knob))}`).join(' + ')} is ${shown(sum)}, at most ${shown(most(of))}: lower one of them`
  return `${low.join()} is ${shown(sum)}, with ${high} ${shown(of(high))} at most ${shown(most(of))}: lower ${low.join()}, or set ${high} to ${shown(relation.least(sum))} or more`
}
