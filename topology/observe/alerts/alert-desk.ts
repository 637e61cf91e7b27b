/**
 * The rules over time: remembers a few minutes of samples, asks every rule once a second, and keeps the alerts. Pure
 * but for its memory; who is told is not its affair.
 */
import type { AlertLine, RunSnapshot } from '../../model/run-snapshot.ts'
import type { Stall } from '../health.ts'
import type { Surroundings } from '../surroundings.ts'
import { type AlertNews, type AlertState, noAlerts, stepAlerts } from './alert-machine.ts'
import { type AlertSample, alertSampleOf } from './alert-sample.ts'
import type { AlertPath, AlertSight } from './alert-sight.ts'
import type { AlertSignal } from './alert-signal.ts'
import { callErrorSignals, deadLetterSignals } from './rules/error-signals.ts'
import { lagAgeSignals, lagSlopeSignals, retentionSignals } from './rules/lag-signals.ts'
import { diskSignals, usedSignals } from './rules/used-signals.ts'
import {
  alertPathSignals,
  backgroundSignals,
  canarySignals,
  dependencySignals,
  loopSignals,
  stallSignals,
  workerSignals,
} from './rules/work-signals.ts'

type Rule = (sight: AlertSight) => readonly AlertSignal[]

const rules: readonly Rule[] = [
  lagSlopeSignals,
  lagAgeSignals,
  retentionSignals,
  dependencySignals,
  canarySignals,
  deadLetterSignals,
  callErrorSignals,
  usedSignals,
  diskSignals,
  workerSignals,
  loopSignals,
  backgroundSignals,
  alertPathSignals,
]

const secondsMs = 180_000
const minutesMs = 3_600_000
const minuteMs = 60_000
// So long a signal is away before its alert ends, at least.
const leastClearMs = 10_000

export interface AlertDeskParts {
  readonly knob: (name: string) => number
  /** What the rules are asked; only tests leave some out. */
  readonly rules?: readonly Rule[]
}

export class AlertDesk {
  readonly #parts: AlertDeskParts
  #state: AlertState = noAlerts
  #samples: readonly AlertSample[] = []
  #minutes: readonly AlertSample[] = []

  constructor(parts: AlertDeskParts) {
    this.#parts = parts
  }

  see(
    snapshot: RunSnapshot,
    surroundings: Surroundings,
    stalls: readonly Stall[],
    path: AlertPath,
  ): { readonly alerts: readonly AlertLine[]; readonly news: readonly AlertNews[] } {
    this.#remember(alertSampleOf(snapshot, surroundings, this.#samples.at(-1)))
    const { knob } = this.#parts
    const sight = { snapshot, surroundings, samples: this.#samples, minutes: this.#minutes, knob, path }
    const signals = [...(this.#parts.rules ?? rules).flatMap((rule) => rule(sight)), ...stallSignals(stalls)]
    const clearMs = Math.max(leastClearMs, knob('alert.forMs'))
    const { state, alerts, news } = stepAlerts(this.#state, signals, snapshot.atMs, {
      clearMs,
      remindMs: knob('status.updateMs'),
    })
    this.#state = state
    return { alerts, news }
  }

  #remember(sample: AlertSample): void {
    // A clock that was set back makes the memory useless.
    if (sample.atMs < (this.#samples.at(-1)?.atMs ?? 0)) [this.#samples, this.#minutes] = [[], []]
    this.#samples = [...this.#samples.filter(({ atMs }) => sample.atMs - atMs <= secondsMs), sample]
    if (sample.atMs - (this.#minutes.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) < minuteMs) return
    this.#minutes = [...this.#minutes.filter(({ atMs }) => sample.atMs - atMs <= minutesMs), sample]
  }
}
