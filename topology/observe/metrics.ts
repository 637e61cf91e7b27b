/**
 * What Prometheus reads: every number of a snapshot under a stable name, in seconds and bytes. Bounded: lanes are summed
 * by class, tenants beyond the largest and rejects beyond the most frequent are counted together.
 */
import type { RunSnapshot } from '../model/run-snapshot.ts'
import { alertRules } from './alerts/alert-signal.ts'
import type { Incident } from './incident.ts'
import { lagFamilies } from './metrics/lag-families.ts'
import { alone, prometheusFamilies, seconds } from './metrics/prometheus-families.ts'
import { type MetricFamily, type MetricSample, prometheusText } from './metrics/prometheus-text.ts'
import { tenantFamilies } from './metrics/tenant-families.ts'
import { branchFamilies, dependencyFamilies, stageFamilies, workerFamilies } from './metrics/work-families.ts'
import type { RejectCount, Surroundings } from './surroundings.ts'

export interface MetricsView {
  readonly snapshot: RunSnapshot
  readonly surroundings: Surroundings
  readonly incident: Incident | undefined
  /** By answer: `live`, `ready`, `progress`. */
  readonly health: Readonly<Record<string, boolean>>
  /** How often the controller has changed the profile since the start. */
  readonly profileMoves: number
}

export const metricsText = (view: MetricsView): string => {
  const { snapshot, surroundings } = view
  const families = [
    ...runFamilies(view),
    ...lagFamilies(snapshot),
    ...branchFamilies(snapshot),
    ...stageFamilies(snapshot),
    ...workerFamilies(snapshot),
    ...dependencyFamilies(snapshot, surroundings),
    ...tenantFamilies(snapshot),
    ...backgroundFamilies(surroundings),
  ]
  return prometheusText(families, { topology: snapshot.topology })
}

const runFamilies = ({ snapshot, incident, health, profileMoves }: MetricsView): readonly MetricFamily[] => {
  const { process, profile, verdict, pins, alerts, startedAtMs, atMs } = snapshot
  const isOpen = incident !== undefined && incident.state !== 'resolved'
  const info = { process, profile: profile.name, mode: profile.mode, verdict: verdict.kind }
  const healthy = Object.entries(health).map(([check, ok]) => ({ labels: { check }, value: ok ? 1 : 0 }))
  const firing = Object.keys(alertRules).map((rule) => {
    const value = alerts.filter((alert) => alert.rule === rule).length
    return { labels: { rule }, value }
  })
  return [
    ...prometheusFamilies('gauge', [
      ['info', '1; its labels tell who this is.', [{ labels: info, value: 1 }]],
      ['start_timestamp_seconds', 'When this process began.', alone(startedAtMs / 1_000)],
      ['snapshot_timestamp_seconds', 'When these numbers were taken.', alone(atMs / 1_000)],
      ['healthy', '1: yes. 0: no.', healthy],
      ['pins', 'Knobs that a person has pinned.', alone(pins.length)],
      ['alerts', 'Alerts that are firing, by rule.', firing],
      ['incident_open', '1 while an incident is open.', alone(isOpen ? 1 : 0)],
      ['incident_relapses', 'Of the incident that is open.', alone(isOpen ? incident.relapses : null)],
    ]),
    ...prometheusFamilies('counter', [['profile_moves', 'Changes of the profile.', alone(profileMoves)]]),
  ]
}

const rejectSeriesMax = 50

const backgroundFamilies = ({ background, rejects, deletes, canaries }: Surroundings): readonly MetricFamily[] => {
  const byState = [...Map.groupBy(deletes, ({ state }) => state)]
  const states = byState.map(([state, all]) => ({ labels: { state }, value: all.length }))
  const remaining = deletes.reduce((sum, one) => sum + one.remaining, 0)
  const pending = background.map((work) => ({ labels: { kind: work.kind, name: work.name }, value: work.pending }))
  const ages = canaries.map(({ branch, ageMs }) => ({ labels: { branch }, value: seconds(ageMs) }))
  return prometheusFamilies('gauge', [
    ['rejects', 'Rejected records since the start, the most frequent ones.', rejectSamples(rejects)],
    ['deletes', 'Delete requests by state.', states],
    ['delete_remaining_records', 'Records still to be read for deletes.', alone(remaining)],
    ['background_pending', 'What background work has left.', pending],
    ['canary_age_seconds', 'How long the newest record has not become visible.', ages],
  ])
}

const rejectSamples = (rejects: readonly RejectCount[]): readonly MetricSample[] => {
  const frequent = [...rejects].sort((one, other) => other.count - one.count)
  const [shown, rest] = [frequent.slice(0, rejectSeriesMax), frequent.slice(rejectSeriesMax)]
  const others = {
    labels: { operator: '(others)', cause: '', tenant: '' },
    value: rest.reduce((sum, one) => sum + one.count, 0),
  }
  const samples = shown.map(({ operator, cause, tenant, count }) => ({
    labels: { operator, cause, tenant },
    value: count,
  }))
  return rest.length === 0 ? samples : [...samples, others]
}
