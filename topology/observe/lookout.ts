/**
 * Whoever looks at a run from outside: is shown a snapshot a second, finds what is wrong, and keeps the answers for
 * health, metrics, page and alerts. Knows the run by its snapshots alone, so it answers also while nothing moves.
 */
import type { AlertLine, BranchLine, RunSnapshot } from '../model/run-snapshot.ts'
import { AlertDesk } from './alerts/alert-desk.ts'
import type { AlertNews } from './alerts/alert-machine.ts'
import { type AlertPath, noAlertPath } from './alerts/alert-sight.ts'
import { alertKey, incidentRules } from './alerts/alert-signal.ts'
import { type Health, HealthWatch } from './health.ts'
import { type Incident, type IncidentFacts, stepIncident } from './incident.ts'
import { LagHistory } from './lag-history.ts'
import { noSurroundings, type Surroundings } from './surroundings.ts'

/** Where news of alerts go. */
export interface AlertOutlet {
  tell(news: readonly AlertNews[], snapshot: RunSnapshot): void
  path(): AlertPath
}

export interface LookoutParts {
  readonly knob: (name: string) => number
  readonly outlet?: AlertOutlet
}

export interface LookoutView {
  /** `undefined` before the first one. */
  readonly snapshot: RunSnapshot | undefined
  readonly surroundings: Surroundings
  readonly health: Health
  readonly incident: Incident | undefined
  readonly history: Pick<LagHistory, 'points' | 'doneRatio'>
  readonly profileMoves: number
}

export class Lookout {
  readonly #parts: LookoutParts
  readonly #desk: AlertDesk
  readonly #health: HealthWatch
  readonly #history = new LagHistory()
  #snapshot: RunSnapshot | undefined
  #surroundings: Surroundings = noSurroundings
  #incident: Incident | undefined
  #profileMoves = 0

  constructor(parts: LookoutParts) {
    this.#parts = parts
    this.#desk = new AlertDesk({ knob: parts.knob })
    this.#health = new HealthWatch(parts.knob)
  }

  /** The same snapshot with its alerts. */
  see(snapshot: RunSnapshot, surroundings: Surroundings = noSurroundings): RunSnapshot {
    const stalls = this.#health.see(snapshot)
    const { alerts, news } = this.#desk.see(snapshot, surroundings, stalls, this.#path())
    const told = { ...snapshot, alerts }
    if (this.#snapshot !== undefined && this.#snapshot.profile.sinceMs !== snapshot.profile.sinceMs)
      this.#profileMoves += 1
    this.#incident = stepIncident(this.#incident, incidentFacts(told))
    this.#history.see(told)
    this.#snapshot = told
    this.#surroundings = surroundings
    if (news.length > 0) this.#parts.outlet?.tell(news, told)
    return told
  }

  view(nowMs: number): LookoutView {
    return {
      snapshot: this.#snapshot,
      surroundings: this.#surroundings,
      health: this.#health.health(this.#snapshot, nowMs, this.#path()),
      incident: this.#incident,
      history: this.#history,
      profileMoves: this.#profileMoves,
    }
  }

  #path(): AlertPath {
    return this.#parts.outlet?.path() ?? noAlertPath
  }
}

const incidentFacts = (snapshot: RunSnapshot): IncidentFacts => {
  // Lag that is told at all is felt; of the rest, what is critical.
  const felt = snapshot.alerts.filter(
    ({ rule, level }) => incidentRules.has(rule) && (level === 'critical' || rule === 'lag-age'),
  )
  const behind = felt.filter(({ rule }) => rule === 'lag-age')
  const isDraining = behind.every(({ subject }) => drains(snapshot.branches.find(({ branch }) => branch === subject)))
  // Lag that shrinks is left over from a trouble; lag that does not is one.
  const troubles = felt.filter(({ rule }) => rule !== 'lag-age' || !isDraining)
  return {
    nowMs: snapshot.atMs,
    troubles: troubles.map(alertKey),
    cause: causeOf(snapshot),
    isBehind: behind.length > 0,
    isDraining,
  }
}

const drains = (branch: BranchLine | undefined): boolean => branch !== undefined && branch.etaMs !== null

// What explains others stands first.
const causes: readonly string[] = ['dependency', 'workers', 'disk']

const causeOf = ({ alerts, tenants }: RunSnapshot): string | null => {
  const found = causes.flatMap((rule) => alerts.filter((alert: AlertLine) => alert.rule === rule))[0]
  if (found !== undefined) return found.text
  const tenant = tenants.find(({ place }) => place !== 'live')
  return tenant === undefined ? null : `tenant ${tenant.tenant} over its share (${tenant.place})`
}
