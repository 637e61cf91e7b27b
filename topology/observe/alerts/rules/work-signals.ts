/** Work that does not move, and those who should do it: stalls, stores, workers, deletes, the newest records, and the alert path itself. */
import type { DependencyLine, RunSnapshot } from '../../../model/run-snapshot.ts'
import type { Stall } from '../../health.ts'
import { impactOf, impactWords } from '../../impact.ts'
import { countWords, durationWords } from '../../lag-words.ts'
import { type AlertSight, growthOf } from '../alert-sight.ts'
import type { AlertSignal, AlertSymptom } from '../alert-signal.ts'

export const stallSignals = (stalls: readonly Stall[]): readonly AlertSignal[] =>
  stalls.map(({ subject, text }) => ({
    rule: 'stall',
    level: 'critical',
    subject,
    text,
    symptom: 'up, but nothing moves',
    // Whoever saw the stall has waited already.
    forMs: 0,
  }))

const dependencySymptoms: Readonly<Record<DependencyLine['kind'], AlertSymptom>> = {
  log: 'broker produce latency rises, ingest fails',
  rows: 'a sink hangs, no progress',
  objects: 'a sink hangs, no progress',
  ledger: 'a sink hangs, no progress',
}

export const dependencySignals = ({ snapshot, knob }: AlertSight): readonly AlertSignal[] =>
  snapshot.dependencies
    .filter(({ state }) => state !== 'ok')
    .map((line) => {
      const { kind, name, state, reason, latencyMs } = line
      const impact = line.impact.length > 0 ? line.impact : impactOf({ kind, name }, snapshot)
      const what = state === 'failing' ? 'does not answer' : 'is slow'
      const slow = state === 'slow' ? `: ${durationWords(latencyMs)} a call` : ''
      const why = reason === '' ? slow : `: ${reason}`
      return {
        rule: 'dependency',
        level: state === 'failing' ? 'critical' : 'warning',
        subject: `${kind} ${name}`,
        text: `${kind} ${name} ${what}${why}; it hurts ${impactWords(impact)}`,
        symptom: state === 'slow' && kind !== 'log' ? 'a sink is slow' : dependencySymptoms[kind],
        forMs: Math.min(
          knob('alert.forMs'),
          state === 'failing' ? knob('stall.afterMs') / 2 : Number.POSITIVE_INFINITY,
        ),
      }
    })

const restartWindowMs = 600_000
const manyRestarts = 3

export const workerSignals = ({ snapshot, minutes, samples }: AlertSight): readonly AlertSignal[] => {
  // Minutes reach further back than the seconds do.
  const all = [...minutes, ...samples.slice(-1)]
  return snapshot.workers.flatMap((worker): readonly AlertSignal[] => {
    const subject = `worker ${worker.worker}`
    const restarts = growthOf(all, restartWindowMs, ({ replaced }) => replaced.get(String(worker.worker)))
    if (restarts === 0) return []
    const why = worker.lastReason === '' ? '' : `: ${worker.lastReason}`
    const text = `${subject} was replaced ${restarts === 1 ? 'once' : `${restarts} times`} in the last 10 min${why}`
    const level = restarts >= manyRestarts ? 'critical' : 'warning'
    return [{ rule: 'workers', level, subject, text, symptom: 'workers die or hang on the same record', forMs: 0 }]
  })
}

// A single long call is told by the worker's own limits; an alert is for what goes on.
const loopForMs = 10_000

export const loopSignals = ({ snapshot, knob }: AlertSight): readonly AlertSignal[] =>
  snapshot.workers
    .filter(({ loopDelayMs }) => loopDelayMs > knob('loop.delayMs'))
    .map(({ worker, loopDelayMs }) => ({
      rule: 'loop-delay',
      level: 'warning',
      subject: `worker ${worker}`,
      text: `the event loop of worker ${worker} stands still for ${durationWords(loopDelayMs)} at a time`,
      symptom: 'event loop delay above `loop.delayMs`',
      forMs: Math.min(loopForMs, knob('alert.forMs')),
    }))

/** Work with something left that has done nothing since the last second; the machine waits how long that lasts. */
export const backgroundSignals = ({ snapshot, surroundings, samples, knob }: AlertSight): readonly AlertSignal[] => {
  const pair = samples.slice(-2)
  if (pair.length < 2) return []
  return surroundings.background.flatMap((work): readonly AlertSignal[] => {
    const subject = `${work.kind} ${work.name}`
    const done = pair.map(({ backgroundDone }) => backgroundDone.get(subject))
    if (work.pending === 0 || done[0] === undefined || done[0] !== done[1]) return []
    const left = `${countWords(work.pending)} left`
    const age = durationWords(Math.max(0, snapshot.atMs - work.sinceMs))
    const text = `${subject} stands still with ${left}; it began ${age} ago`
    // Rewrites gather deletes by intent before they begin.
    const gatherMs = work.kind === 'delete' ? 0 : knob('delete.rewriteMs')
    const forMs = gatherMs + knob('stall.afterMs')
    return [{ rule: 'background', level: 'warning', subject, text, symptom: 'delete storm', forMs }]
  })
}

export const canarySignals = ({ snapshot, surroundings, knob }: AlertSight): readonly AlertSignal[] =>
  surroundings.canaries
    .filter(({ ageMs }) => ageMs >= knob('canary.everyMs'))
    // What has not been read yet is late, and told as that.
    .filter(({ branch, missing }) => missing === 'not found' || freshMsOf(snapshot, branch) <= knob('alert.lagMs'))
    .map(({ branch, ageMs, missing, place }) => ({
      rule: 'canary',
      level: 'critical',
      subject: branch,
      text:
        missing === 'not found'
          ? `${branch} says it has written ${place}, and it is not there (looked for since ${durationWords(ageMs)})`
          : `${place} has not become visible in ${branch} for ${durationWords(ageMs)}`,
      symptom: 'up, but nothing moves',
      forMs: 0,
    }))

const freshMsOf = ({ branches }: RunSnapshot, name: string): number =>
  branches.find(({ branch }) => branch === name)?.freshMs ?? 0

export const alertPathSignals = ({ path }: AlertSight): readonly AlertSignal[] =>
  path.failing.map(({ channel, reason }) => ({
    rule: 'alert-path',
    level: path.isCut ? 'critical' : 'warning',
    subject: channel,
    text: `alerts do not get through by ${channel}: ${reason}`,
    symptom: 'the alert path is dead',
    forMs: 0,
  }))
