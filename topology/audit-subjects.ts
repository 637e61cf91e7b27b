/**
 * What an audit can compare: the sinks of a topology whose contents follow from the log by rules that are known here.
 *
 * Without the topology's file no bolt of a user can be run, so a sink behind one is left out and that is said. With it,
 * the bolts run, and every sink is compared but those of the user's own.
 */
import { restoreOperator } from '../operators/restore-operator.ts'
import { definitionOf } from '../operators/rollup/rollup.ts'
import type { RollupDefinition } from '../operators/rollup/rollup-options.ts'
import type { CatalogueSink } from '../sinks/rows/catalogue-entry.ts'
import { isJsonObject, type JsonValue } from './model/json.ts'
import type { StateOperator, StateTable } from './model/operator.ts'
import type { PlannedSink, SpoutPlan } from './model/spout-plan.ts'
import { type ServedEntry, storedName } from './served-entry.ts'

export type AuditedKind = 'events' | 'objects' | 'rollup' | 'schema'

export interface AuditSubject {
  readonly name: string
  /** In the ledger, as a table, in the manifest. */
  readonly stored: string
  readonly kind: AuditedKind
  readonly spouts: readonly string[]
  /** Of a state sink: the table of its operator, and the places of its `count()` columns among the readable ones. */
  readonly state: { readonly table: StateTable; readonly counts: readonly number[] } | undefined
  /** Counts tuples per window as the rollup does, without its groups and values. */
  readonly counting: { readonly operator: StateOperator; readonly definition: RollupDefinition } | undefined
  /** By spout, where bolts stand above it: they have to be run. */
  readonly planned: ReadonlyMap<string, PlannedSink>
}

export interface AuditQuestion {
  readonly project?: string | undefined
  readonly collection?: string | undefined
  /** Event time `[startMs, endMs)`. */
  readonly timeframe?: { readonly startMs: number; readonly endMs: number } | undefined
}

export interface NotAudited {
  readonly name: string
  readonly stored: string
  /** One sentence. */
  readonly reason: string
}

export interface ChosenSubjects {
  readonly subjects: readonly AuditSubject[]
  readonly left: readonly NotAudited[]
}

/** `plans`: of the topology's file, where there is one. `fingerprintOf`: what the ledger says that a sink is. */
export const chooseSubjects = (
  entry: ServedEntry,
  plans: readonly SpoutPlan[] | undefined,
  fingerprintOf: (stored: string) => string | undefined,
  question: AuditQuestion,
): ChosenSubjects => {
  const subjects: AuditSubject[] = []
  const left: NotAudited[] = []
  for (const sink of entry.sinks) {
    const stored = storedName(sink)
    const judged = judge(sink, stored, plans, fingerprintOf(stored), question)
    if (typeof judged === 'string') left.push({ name: sink.name, stored, reason: judged })
    else subjects.push(judged)
  }
  return { subjects, left }
}

const judge = (
  sink: CatalogueSink,
  stored: string,
  plans: readonly SpoutPlan[] | undefined,
  fingerprint: string | undefined,
  question: AuditQuestion,
): AuditSubject | string => {
  if (sink.retired === true) return 'it is retired: nobody computes it any more'
  if (sink.kind === 'custom') return 'it is a sink of your own: what it keeps is not known here'
  if (fingerprint === undefined) return 'no lane has begun on it'
  const planned = plannedOf(sink.name, plans)
  const bolts = boltsAbove(sink, planned, fingerprint)
  if (typeof bolts === 'string') return bolts
  const kind = kindOf(sink)
  if (kind === undefined)
    return `${sink.operator?.name ?? 'its operator'} is not built in: what its rows count is not known here`
  if (kind === 'rollup' && question.collection !== undefined) return 'a rollup counts all collections together'
  if (kind === 'schema' && question.timeframe !== undefined) return 'a schema counts all times together'
  const counting = kind === 'rollup' ? countingOf(sink) : undefined
  if (kind === 'rollup' && counting === undefined) return 'its windows could not be read from the catalogue'
  const { name, spouts } = sink
  return { name, stored, kind, spouts, state: stateOf(sink), counting, planned: bolts ? planned : new Map() }
}

const plannedOf = (name: string, plans: readonly SpoutPlan[] | undefined): ReadonlyMap<string, PlannedSink> =>
  new Map(
    (plans ?? []).flatMap((plan) =>
      plan.sinks.filter((one) => one.name === name).map((one) => [plan.spout.name, one] as const),
    ),
  )

/** Whether bolts have to be run; a text says why they cannot be. */
const boltsAbove = (
  sink: CatalogueSink,
  planned: ReadonlyMap<string, PlannedSink>,
  fingerprint: string,
): boolean | string => {
  const [first] = planned.values()
  if (first?.fingerprint === fingerprint)
    return [...planned.values()].some(({ chain, dedupes }) => chain.length + dedupes.length > 0)
  if (sink.behind?.length === 0) return false
  if (first !== undefined) return 'the FILE declares it otherwise than it was run'
  if (sink.behind === undefined)
    return 'it was described by an earlier version: run the topology once, or give its FILE'
  return `it stands behind ${sink.behind.join(', ')}: give the FILE of the topology, so that bolts can be run`
}

const kindOf = ({ kind, operator }: CatalogueSink): AuditedKind | undefined => {
  if (kind === 'events' || kind === 'objects') return kind
  if (operator?.name === 'rollup') return 'rollup'
  return operator?.name === 'inferSchema' ? 'schema' : undefined
}

const stateOf = ({ operator }: CatalogueSink): AuditSubject['state'] => {
  if (operator === null) return undefined
  const { by, values }: Fields = isJsonObject(operator.options) ? operator.options : {}
  const before = Array.isArray(by) ? by.length : 0
  const aggregates: readonly JsonValue[] = Array.isArray(values) ? values : []
  const counts = aggregates.flatMap((value, index) =>
    isJsonObject(value) && value['aggregate'] === 'count' ? [before + index] : [],
  )
  return { table: operator.table, counts: operator.name === 'rollup' ? counts : [] }
}

type Fields = Readonly<Record<string, JsonValue | undefined>>

const countingOf = ({ operator }: CatalogueSink): AuditSubject['counting'] => {
  if (operator === null || !isJsonObject(operator.options)) return undefined
  const events = { name: 'events', aggregate: 'count', path: null, options: {} }
  const lean = restoreOperator('rollup', { ...operator.options, by: [], values: [events] })
  const definition = lean === undefined ? undefined : definitionOf(lean)
  return lean === undefined || definition === undefined ? undefined : { operator: lean, definition }
}
