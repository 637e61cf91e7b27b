/** Checks about the work: what moves and what does not, workers, bolts, rejects, deletes, and what a person has set. */
import type { AlertLine } from '../../model/run-snapshot.ts'
import type { AlertRuleName } from '../alerts/alert-signal.ts'
import { countWords, drainMultipleOf, durationWords, isSlowerThanTime, shareWords } from '../lag-words.ts'
import {
  because,
  fine,
  found,
  highestOf,
  type Look,
  largest,
  linesOf,
  type RunbookView,
  sinceWords,
  stagesOf,
  sumBy,
  unknown,
  workerName,
} from './finding.ts'

const oldestCall: Look = (view) => {
  const calls = linesOf(view, ({ calls: open }) => open)
  const oldest = highestOf(calls, ({ sinceMs }) => -sinceMs)
  if (oldest === undefined) return fine('nothing is in flight')
  const { stage, name, what, tenant, sinceMs } = oldest
  const who = tenant === undefined ? '' : ` of ${tenant}`
  const text = `${stage} ${name}${who} for ${sinceWords(view, sinceMs)}: ${what}`
  if (view.nowMs - sinceMs < view.knob('rows.deadlineMs')) return fine(text)
  return found(text, { ...(stage === 'write' ? { branch: name } : {}), ...(tenant === undefined ? {} : { tenant }) })
}

const stalledBranches: Look = (view) => {
  const still = linesOf(view, ({ branches }) => branches).filter(({ state }) =>
    ['stalled', 'failed', 'waiting'].includes(state),
  )
  if (still.length === 0) return fine('none')
  const texts = still.map(
    ({ branch, state, sinceMs, reason }) => `${branch} ${state} for ${sinceWords(view, sinceMs)}${because(reason)}`,
  )
  return found([...new Set(texts)].slice(0, 5).join('; '), { branch: still[0]!.branch })
}

const pausedBranches: Look = (view) => {
  const paused = linesOf(view, ({ branches }) => branches).filter(({ state }) => state === 'paused')
  const names = [...new Set(paused.map(({ branch }) => branch))]
  return names.length === 0 ? fine('nothing') : found(names.join(', '), { branch: names[0]! })
}

const progress: Look = (view) => {
  const stuck = view.snapshots.find(({ verdict }) => verdict.kind === 'stalled' || verdict.kind === 'failed')
  if (stuck !== undefined) return found(`${stuck.process}: ${stuck.verdict.text}`)
  const rate = view.snapshots.reduce((sum, { totals }) => sum + totals.eventsPerSecond, 0)
  return fine(`${countWords(rate)} events/s are read; ${view.snapshots[0]!.verdict.text}`)
}

/** Of a rule that looks at the last minutes: what counters have of the days before says nothing of now. */
const alertOf = (view: RunbookView, rule: AlertRuleName): (AlertLine & { readonly process: string }) | undefined =>
  view.snapshots.flatMap(({ process, alerts }) =>
    alerts.filter((one) => one.rule === rule).map((one) => ({ ...one, process })),
  )[0]

const workersReplaced: Look = (view) => {
  const lines = view.snapshots.flatMap(({ process, workers }) => workers.map((one) => ({ process, one })))
  const silent = lines.find(({ one }) => one.state === 'silent')
  if (silent !== undefined) {
    const name = workerName(silent.process, silent.one)
    return found(`${name} is silent for ${sinceWords(view, silent.one.beatAtMs)}`, { process: name })
  }
  const alert = alertOf(view, 'workers')
  if (alert !== undefined) {
    const named = lines.find(
      ({ process, one }) => process === alert.process && `worker ${one.worker}` === alert.subject,
    )
    return found(alert.text, { process: named === undefined ? alert.process : workerName(named.process, named.one) })
  }
  const texts = lines
    .filter(({ one }) => one.replaced > 0)
    .map(
      ({ process, one }) =>
        `${workerName(process, one)} was replaced ${one.replaced === 1 ? 'once' : `${countWords(one.replaced)} times`} before${because(one.lastReason)}`,
    )
  return fine(
    texts.length === 0 ? 'no worker was replaced' : `none in the last minutes; ${texts.slice(0, 5).join('; ')}`,
  )
}

const deadLetterRatio: Look = (view) => {
  const branches = linesOf(view, ({ branches: lines }) => lines)
  const alert = alertOf(view, 'dead-letters')
  if (alert !== undefined) {
    const branch = branches.find((one) => one.branch === alert.subject)?.branch
    return found(alert.text, branch === undefined ? {} : { branch })
  }
  const worst = highestOf(branches, ({ counters }) => counters.deadLettered / Math.max(1, counters.received))
  if (worst === undefined || worst.counters.deadLettered === 0) return fine('there are none')
  const { deadLettered, received } = worst.counters
  const share = ((deadLettered / Math.max(1, received)) * 100).toFixed(2)
  return fine(
    `no jump; ${worst.branch}: ${countWords(deadLettered)} of ${countWords(received)} records ever (${share}%)`,
  )
}

const recentMs = 900_000

const recentStart: Look = (view) => {
  const newest = highestOf(view.snapshots, ({ startedAtMs }) => startedAtMs)!
  const text = `${newest.process} started ${sinceWords(view, newest.startedAtMs)} ago`
  return view.nowMs - newest.startedAtMs < recentMs ? found(text) : fine(text)
}

const rampFinished: Look = (view) => {
  const newest = highestOf(view.snapshots, ({ startedAtMs }) => startedAtMs)!
  const ageMs = view.nowMs - newest.startedAtMs
  const rampMs = view.knob('start.rampMs')
  if (ageMs < rampMs) return found(`no: ${newest.process} is at full speed in ${durationWords(rampMs - ageMs)}`)
  return fine(`yes: ${newest.process} started ${durationWords(ageMs)} ago`)
}

const deletesByTenant: Look = (view) => {
  const deletes = sumBy(
    linesOf(view, ({ tenants }) => tenants),
    ({ tenant }) => tenant,
    ({ deletes: count }) => count,
  )
  const most = largest(deletes, 3).filter(([, count]) => count > 0)
  if (most.length === 0) return fine('nobody since the start of the processes')
  return found(most.map(([tenant, count]) => `${tenant}: ${countWords(count)}`).join(', '), { tenant: most[0]![0] })
}

const deleteWork: Look = (view) => {
  const share = highestOf(
    view.snapshots.flatMap(({ deleteShare }) => deleteShare ?? []),
    (one) => one,
  )
  if (share === undefined) return unknown('nobody has told')
  const text = `${shareWords(share)} of the CPU time of the last seconds, delete.shareRatio is ${view.knob('delete.shareRatio')}`
  return share > view.knob('delete.shareRatio') ? found(text) : fine(text)
}

const loopDelay: Look = (view) => {
  const lines = view.snapshots.flatMap(({ process, workers }) => workers.map((one) => ({ process, one })))
  const worst = highestOf(lines, ({ one }) => one.loopDelayMs)
  if (worst === undefined) return unknown('nobody has told')
  const name = workerName(worst.process, worst.one)
  const text = `${name}: ${durationWords(worst.one.loopDelayMs)}, loop.delayMs is ${view.knob('loop.delayMs')}`
  return worst.one.loopDelayMs > view.knob('loop.delayMs') ? found(text, { process: name }) : fine(text)
}

const busiestBolt: Look = (view) => {
  const cpu = sumBy(
    stagesOf(view).filter(({ stage }) => stage === 'bolt'),
    ({ name }) => name,
    ({ cpuMs }) => cpuMs,
  )
  const total = stagesOf(view).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  const [first] = largest(cpu, 1)
  if (first === undefined || total === 0) return unknown('no bolt has run yet')
  const text = `${first[0]}: ${shareWords(first[1] / total)} of all CPU time`
  return first[1] / total >= 0.5 ? found(text) : fine(text)
}

const alertPath: Look = (view) => {
  const dead = linesOf(view, ({ alerts }) => alerts).find(({ symptom }) => symptom === 'the alert path is dead')
  return dead === undefined ? fine('no failed test was told') : found(dead.text)
}

const objectAges: Look = (view) => {
  const boundMs = view.knob('objects.ageMs')
  const branches = linesOf(view, ({ branches: lines }) => lines).filter(({ kind }) => kind === 'objects')
  const oldest = highestOf(branches, ({ committedAtMs }) => -committedAtMs)
  if (oldest === undefined) return fine('no branch keeps objects')
  if (oldest.committedAtMs === 0)
    return unknown(`${oldest.branch} has closed none yet; they close after ${durationWords(boundMs)} at most`)
  const held = linesOf(view, ({ lag }) => lag).filter(({ branch }) => branch === oldest.branch)
  const heldMs = Math.max(0, ...held.map((line) => line.heldMs))
  const text = `${oldest.branch}: ${sinceWords(view, oldest.committedAtMs)} ago, the oldest line waits for ${durationWords(heldMs)}; objects.ageMs is ${durationWords(boundMs)}`
  return heldMs > 1.5 * boundMs ? found(text, { branch: oldest.branch }) : fine(text)
}

const idleDrain: Look = (view) => {
  const lines = linesOf(view, ({ lag }) => lag).filter(
    ({ laneClass, lagEvents }) => laneClass === 'backlog' && lagEvents > 0,
  )
  if (lines.length === 0) return fine('there is no backlog')
  const branches = [...Map.groupBy(lines, ({ branch }) => branch).values()]
  const slowest = highestOf(branches, (own) => -(drainMultipleOf(own) ?? 0))!
  const multiple = drainMultipleOf(slowest) ?? 0
  const cpu = view.snapshots.find(({ binding }) => binding?.stage === 'cpu')
  const text = `${multiple.toFixed(1)} x real time, CPU ${cpu === undefined ? 'does not limit' : 'limits'} it`
  return multiple < 1 && cpu === undefined && slowest.some(isSlowerThanTime) ? found(text) : fine(text)
}

const drained: Look = (view) => {
  const processes = view.snapshots.filter(({ state }) => state === 'drained').map(({ process }) => process)
  const workers = view.snapshots.flatMap(({ process, workers: lines }) =>
    lines.filter(({ state }) => state === 'drained' || state === 'draining').map((one) => workerName(process, one)),
  )
  const names = [...processes, ...workers]
  return names.length === 0 ? fine('nothing') : found(names.join(', '), { process: names[0]! })
}

const pins: Look = (view) => {
  const all = new Map(linesOf(view, (one) => one.pins).map((pin) => [pin.knob, pin]))
  if (all.size === 0) return fine('nothing is pinned')
  const texts = [...all.values()].map(
    ({ knob, value, author, reason, untilMs }) =>
      `${knob} ${value} by ${author} for ${durationWords(Math.max(0, untilMs - view.nowMs))}${because(reason)}`,
  )
  return found(texts.join('; '))
}

const profile: Look = (view) => {
  const texts = view.snapshots.map(
    ({ process, profile: one }) => `${process}: ${one.name} for ${sinceWords(view, one.sinceMs)}${because(one.reason)}`,
  )
  return view.snapshots.some((one) => one.profile.name !== 'realtime')
    ? found(texts.join('; '))
    : fine(texts.join('; '))
}

/** Names of the runbook's table. */
export const workChecks: Readonly<Record<string, Look>> = {
  ...{ oldestCall, stalledBranches, pausedBranches, progress, workersReplaced, deadLetterRatio, recentStart },
  ...{ rampFinished, deletesByTenant, deleteWork, loopDelay, busiestBolt, alertPath, objectAges, idleDrain, drained },
  ...{ pins, profile },
}
