/**
 * What a rule says while it sees something. Rules are pure and have no memory; whether a signal becomes an alert is the
 * machine's affair.
 */
import type { AlertLine } from '../../model/run-snapshot.ts'

export interface AlertSignal {
  readonly rule: AlertRuleName
  readonly level: AlertLine['level']
  /** A branch, worker, store: with the rule, the name of the alert. */
  readonly subject: string
  /** One sentence with numbers. */
  readonly text: string
  /** A symptom of the runbook. */
  readonly symptom: AlertSymptom
  /** It must hold so long without a break; 0 is at once. */
  readonly forMs: number
}

/** Every rule by name, with what it watches; the order is that of the page. */
export const alertRules = {
  'lag-slope': 'lag of a branch grows and will break its target',
  'lag-age': 'a branch is later than its target',
  retention: 'the log will drop records before they are read',
  stall: 'there is work and nothing moves',
  dependency: 'a log or store does not answer',
  canary: 'the newest records do not become visible',
  'dead-letters': 'more records are rejected than before',
  errors: 'more calls fail than before',
  memory: 'bytes held near their bound',
  cpu: 'workers near their share of a core',
  pool: 'calls to a store near their bound',
  disk: 'a file system is nearly full',
  workers: 'workers are replaced',
  'loop-delay': 'an event loop is blocked',
  background: 'work in the background stands still',
  'alert-path': 'alerts reach nobody',
} as const

/** The symptoms of the runbook that alerts lead to. */
export const alertSymptoms = [
  'lag grows on one or more branches',
  'retention will drop unread data',
  'broker produce latency rises, ingest fails',
  'a sink is slow',
  'a sink hangs, no progress',
  'memory high, epochs close by pressure',
  'workers die or hang on the same record',
  'dead letters jump',
  'delete storm',
  'event loop delay above `loop.delayMs`',
  'the alert path is dead',
  'up, but nothing moves',
] as const

export type AlertSymptom = (typeof alertSymptoms)[number]

export type AlertRuleName = keyof typeof alertRules

/** The rules of which users feel something: one of them opens an incident. */
export const incidentRules: ReadonlySet<string> = new Set<AlertRuleName>([
  'lag-age',
  'retention',
  'stall',
  'dependency',
  'canary',
  'dead-letters',
])

export const alertKey = ({ rule, subject }: { readonly rule: string; readonly subject: string }): string =>
  `${rule}/${subject}`
