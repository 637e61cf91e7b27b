/**
 * One incident from the first trouble to the end of it: investigating, identified, catching-up, monitoring, resolved.
 * Pure: facts and the time go in, the next incident comes out.
 *
 * Each step forward needs a dwell time without a break, each step back is at once. Trouble that comes again belongs to the same incident and is
 * counted as a relapse. An incident whose cause nobody has named stays open for hours after things are calm: being
 * restored is not being understood.
 */
export type IncidentState = 'investigating' | 'identified' | 'catching-up' | 'monitoring' | 'resolved'

export interface Incident {
  readonly openedAtMs: number
  readonly state: IncidentState
  readonly sinceMs: number
  readonly relapses: number
  /** A sentence; `null` while it is not known. Once known it stays known. */
  readonly cause: string | null
  /** What it began with, and everything that joined it. */
  readonly troubles: readonly string[]
  /** Since when the next step could be taken; `null`: it cannot. */
  readonly readySinceMs: number | null
}

export interface IncidentFacts {
  readonly nowMs: number
  /** What is wrong now, without lag that is only left over. */
  readonly troubles: readonly string[]
  readonly cause: string | null
  /** Lag over its target. */
  readonly isBehind: boolean
  /** Lag that shrinks. */
  readonly isDraining: boolean
}

export interface IncidentDwell {
  /** Trouble must be gone so long before it counts as gone. */
  readonly calmMs: number
  /** Watched so long before it is resolved. */
  readonly monitorMs: number
  /** The same, while no cause is known. */
  readonly unknownMs: number
}

export const incidentDwell: IncidentDwell = { calmMs: 60_000, monitorMs: 15 * 60_000, unknownMs: 4 * 3_600_000 }

const troublesMax = 50

/** `undefined` without an incident; one that is resolved stays to be shown until the next begins. */
export const stepIncident = (
  incident: Incident | undefined,
  facts: IncidentFacts,
  dwell: IncidentDwell = incidentDwell,
): Incident | undefined => {
  if (incident === undefined || incident.state === 'resolved') return open(incident, facts)
  const cause = incident.cause ?? facts.cause
  const known = [...new Set([...incident.troubles, ...facts.troubles])].slice(0, troublesMax)
  const told = { ...incident, cause, troubles: known }
  if (facts.troubles.length > 0) return inTrouble(told, facts)
  return calm(told, facts, dwell)
}

const open = (last: Incident | undefined, { nowMs, troubles, cause }: IncidentFacts): Incident | undefined => {
  if (troubles.length === 0) return last
  const state = cause === null ? 'investigating' : 'identified'
  return { openedAtMs: nowMs, state, sinceMs: nowMs, relapses: 0, cause, troubles, readySinceMs: null }
}

const inTrouble = (incident: Incident, { nowMs }: IncidentFacts): Incident => {
  const { state, cause } = incident
  const isRelapse = state === 'catching-up' || state === 'monitoring'
  const next = cause === null ? 'investigating' : 'identified'
  const relapses = incident.relapses + (isRelapse ? 1 : 0)
  return { ...moved(incident, next, nowMs), relapses, readySinceMs: null }
}

const calm = (incident: Incident, facts: IncidentFacts, dwell: IncidentDwell): Incident => {
  const { nowMs } = facts
  const next = nextState(incident.state, facts)
  if (next === undefined) return { ...incident, readySinceMs: null }
  // Behind again is a step back: at once, and no relapse, for what is wrong is gone.
  if (next === 'catching-up' && incident.state === 'monitoring') return moved(incident, next, nowMs)
  const readySinceMs = incident.readySinceMs ?? nowMs
  const waited = nowMs - readySinceMs
  if (waited < dwellOf(incident, dwell)) return { ...incident, readySinceMs }
  return moved(incident, next, nowMs)
}

const nextState = (state: IncidentState, { isBehind, isDraining }: IncidentFacts): IncidentState | undefined => {
  if (state === 'monitoring') return isBehind ? 'catching-up' : 'resolved'
  if (!isBehind) return 'monitoring'
  return state === 'catching-up' || !isDraining ? undefined : 'catching-up'
}

const dwellOf = ({ state, cause }: Incident, dwell: IncidentDwell): number => {
  if (state !== 'monitoring') return dwell.calmMs
  return cause === null ? dwell.unknownMs : dwell.monitorMs
}

const moved = (incident: Incident, state: IncidentState, nowMs: number): Incident =>
  state === incident.state ? incident : { ...incident, state, sinceMs: nowMs, readySinceMs: null }
