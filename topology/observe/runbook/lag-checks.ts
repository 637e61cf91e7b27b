/** Checks about what is behind: how much, where, whose, how fast it drains, and what the log will drop. */
import { tenantRuleWords } from '../../engine/tenants/tenant-rule.ts'
import { formatBytes } from '../../model/quantity.ts'
import type { LagLine } from '../../model/run-snapshot.ts'
import { isAwaited } from '../lag-figures.ts'
import {
  countWords,
  drainWords,
  durationWords,
  etaWords,
  followsLog,
  isSlowerThanTime,
  shareWords,
} from '../lag-words.ts'
import { retentionRisk } from '../retention-risk.ts'
import { fine, found, highestOf, type Look, largest, linesOf, type RunbookView, sumBy, unknown } from './finding.ts'

const lagOf = (view: RunbookView): readonly LagLine[] => linesOf(view, ({ lag }) => lag)
const behindOf = (view: RunbookView): readonly LagLine[] => lagOf(view).filter(({ lagEvents }) => lagEvents > 0)
const totalOf = (lines: readonly LagLine[]): number => lines.reduce((sum, { lagEvents }) => sum + lagEvents, 0)

/** Replays, and what a person has blocked, are behind by intent. */
const awaitedOf = (view: RunbookView): readonly LagLine[] =>
  behindOf(view).filter((line) => line.laneClass !== 'replay' && isAwaited(line))

/** Later than people are told of by an alert. */
const isLate = (view: RunbookView): boolean => awaitedOf(view).some(({ lagMs }) => lagMs > view.knob('alert.lagMs'))

// A growth below this share of the rate is noise.
const slopeNoise = 0.01
// Of all that is behind, or of all bytes: one that has so much is the reason.
const mostShare = 0.5

const slope: Look = (view) => {
  const lines = awaitedOf(view)
  const rates = sumBy(
    lagOf(view),
    ({ branch }) => branch,
    ({ eventsPerSecond }) => eventsPerSecond,
  )
  const slopes = sumBy(
    lines,
    ({ branch }) => branch,
    ({ slopeEventsPerSecond }) => slopeEventsPerSecond,
  )
  const lags = sumBy(
    lines,
    ({ branch }) => branch,
    ({ lagEvents }) => lagEvents,
  )
  // Below a second of what comes it is the rhythm of batches.
  const growing = largest(slopes, 3).filter(([branch, size]) => {
    const rate = rates.get(branch) ?? 0
    return size > Math.max(1, rate * slopeNoise) && (lags.get(branch) ?? 0) >= rate
  })
  const [first] = growing
  if (first !== undefined)
    return found(growing.map(([branch, size]) => `${branch} grows by ${countWords(size)} events/s`).join(', '), {
      branch: first[0],
    })
  const late = highestOf(lines, ({ lagMs }) => lagMs)
  if (late === undefined) return fine('nothing is behind')
  // Every branch has the same events before it: the one that is furthest behind tells.
  const [[branch, events] = [late.branch, 0]] = largest(lags, 1)
  const known = linesOf(view, ({ branches }) => branches).find((one) => one.branch === branch)?.lagEvents
  const once = countWords(Math.min(events, known ?? events))
  const behind = `${once} events are behind, the oldest for ${durationWords(late.lagMs)}`
  if (late.lagMs <= view.knob('alert.lagMs')) return fine(`${behind}; that is within alert.lagMs`)
  return found(`${behind} (${late.branch}); it does not grow`, { branch: late.branch })
}

const bindingStage: Look = (view) => {
  const bindings = view.snapshots.flatMap(({ binding }) => (binding === null ? [] : [binding]))
  const binding = highestOf(bindings, ({ usedRatio }) => usedRatio)
  if (binding === undefined) return fine('nothing is limited by a stage now')
  const { stage, name, usedRatio, knob, advice } = binding
  return found(`${stage} ${name} is busy ${shareWords(usedRatio)} of the time: ${knob} moves it (${advice})`)
}

const tenantShare: Look = (view) => {
  const bytes = sumBy(
    linesOf(view, ({ tenants }) => tenants),
    ({ tenant }) => tenant,
    ({ bytesPerSecond }) => bytesPerSecond,
  )
  const total = [...bytes.values()].reduce((sum, one) => sum + one, 0)
  if (total === 0) return unknown('nothing has come in the last seconds')
  const text = largest(bytes, 3)
    .map(([tenant, rate]) => `${tenant} ${shareWords(rate / total)} (${formatBytes(rate)}/s)`)
    .join(', ')
  const [name, rate] = largest(bytes, 1)[0]!
  if (bytes.size < 2 || rate / total < mostShare) return fine(text)
  // Somebody always has most; it matters when others may wait for it.
  const isHarm = isLate(view) || view.snapshots.some(({ verdict }) => verdict.kind === 'surge')
  return isHarm ? found(`most of the bytes: ${text}`, { tenant: name }) : fine(`${text}; nothing is late`)
}

const tenantLag: Look = (view) => {
  const own = behindOf(view).filter(({ laneClass }) => laneClass === 'tenant')
  const late = highestOf(own, ({ lagMs }) => lagMs)
  if (late === undefined) return fine('no tenant has a lane of its own behind')
  const others = behindOf(view).filter(({ laneClass }) => laneClass === 'live')
  const fresh = Math.max(0, ...others.map(({ lagMs }) => lagMs))
  const text = `${late.tenant} is ${durationWords(late.lagMs)} behind in a lane of its own, live lanes ${durationWords(fresh)}`
  return found(text, { tenant: late.tenant, branch: late.branch })
}

const heldTenants: Look = (view) => {
  const rules = new Map(
    linesOf(view, ({ tenantRules }) => tenantRules).map((one) => [`${one.tenant}/${one.branch}`, one]),
  )
  if (rules.size === 0) return fine('no tenant is limited or blocked')
  const texts = [...rules.values()].map((rule) => {
    const { tenant, branch, author, untilMs } = rule
    const until = untilMs === null ? '' : ` for ${durationWords(untilMs - view.nowMs)}`
    return `${tenant} is ${tenantRuleWords(rule)}${branch === undefined ? '' : ` in ${branch}`} by ${author}${until}`
  })
  return found(texts.slice(0, 5).join(', '), { tenant: [...rules.values()][0]!.tenant })
}

const partitionShare: Look = (view) => {
  const lines = behindOf(view)
  const total = totalOf(lines)
  if (total === 0) return fine('nothing is behind')
  const sums = sumBy(
    lines,
    ({ topic, partition }) => `${topic}/${partition}`,
    ({ lagEvents }) => lagEvents,
  )
  const [name, events] = largest(sums, 1)[0]!
  const text = `${name} has ${shareWords(events / total)} of the events behind`
  return view.partitions > 1 && events / total >= mostShare && isLate(view) ? found(text) : fine(text)
}

const orderedBranches: Look = (view) => {
  const names = new Set(
    linesOf(view, ({ branches }) => branches)
      .filter(({ isOrdered }) => isOrdered)
      .map(({ branch }) => branch),
  )
  return names.size === 0 ? fine('none') : found(`${[...names].join(', ')}: their backlog is not cut`)
}

const laneDrain = (line: LagLine): string => {
  const { drainMultiple: multiple, eventsPerSecond } = line
  const isTold = multiple !== null && (multiple >= 1 || isSlowerThanTime(line))
  return isTold || eventsPerSecond < 1 ? drainWords(multiple) : `drains at ${countWords(eventsPerSecond)} events/s`
}

const drainMultiple: Look = (view) => {
  const reading = behindOf(view).filter((line) => line.mayRead && !followsLog(line))
  if (reading.length === 0) return fine('nothing is behind')
  const slow = reading.filter(isSlowerThanTime)
  const lines = slow.length > 0 ? slow : reading
  // Records that came all at once have no multiple of real time.
  const measured = lines.filter((line) => line.drainMultiple !== null)
  const slowest = highestOf(measured.length > 0 ? measured : lines, (line) => -(line.drainMultiple ?? 0))!
  const branches = linesOf(view, ({ branches }) => branches).filter(({ lagEvents }) => lagEvents > 0)
  const last = highestOf(branches, ({ etaMs }) => etaMs?.[1] ?? Number.POSITIVE_INFINITY)
  const eta = last === undefined ? '' : `; ${last.branch} is ${etaWords(last.etaMs)}`
  const text = `the slowest lane (${slowest.branch}, partition ${slowest.partition}): ${laneDrain(slowest)}${eta}`
  return slow.length > 0 ? found(text, { branch: slowest.branch }) : fine(text)
}

const retentionClock: Look = (view) => {
  const guardRatio = view.knob('retention.guardRatio')
  const clocks = behindOf(view).flatMap((line) => {
    const risk = retentionRisk(line, guardRatio)
    return line.retentionMsLeft === null || risk === undefined ? [] : [{ line, leftMs: line.retentionMsLeft, risk }]
  })
  const most = highestOf(clocks, ({ risk }) => risk)?.risk
  // Of those that are no risk, or a sure one, the one whose end is nearest.
  const worst = highestOf(
    clocks.filter(({ risk }) => risk === most),
    ({ leftMs }) => -leftMs,
  )
  if (worst === undefined) return fine('nothing unread has an end in the log')
  const { line, leftMs, risk } = worst
  const eta = line.etaMs === null ? 'no end is known' : `the drain needs ${durationWords(line.etaMs[1])}`
  const text = `${line.branch}, partition ${line.partition}: the log drops unread data in ${durationWords(leftMs)}, ${eta}`
  return risk >= guardRatio ? found(text, { branch: line.branch }) : fine(text)
}

const freshLag: Look = (view) => {
  const live = behindOf(view).filter(({ laneClass }) => laneClass === 'live')
  const late = highestOf(live, ({ lagMs }) => lagMs)
  if (late === undefined) return fine('fresh data is read at once')
  const text = `fresh data of ${late.branch} is ${durationWords(late.lagMs)} late`
  return late.lagMs > view.knob('alert.lagMs') ? found(text, { branch: late.branch }) : fine(text)
}

const backlogFetch: Look = (view) => {
  const behind = lagOf(view).filter(({ laneClass }) => laneClass !== 'live')
  const rate = behind.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
  const text = `backlog, tenant and replay lanes read ${formatBytes(rate)}/s in ${behind.filter(({ mayRead }) => mayRead).length} lanes`
  return rate > 0 ? found(text) : fine(text)
}

const readingLanes: Look = (view) => {
  const backlog = behindOf(view).filter(({ laneClass }) => laneClass === 'backlog')
  if (backlog.length === 0) return fine('there is no backlog lane')
  const text = `${backlog.filter(({ mayRead }) => mayRead).length} of ${backlog.length} backlog lanes read`
  const bound = view.knob('backlog.activeLanes')
  return bound === 0
    ? fine(`${text}, found by measuring`)
    : found(`${text}, bounded to ${bound} ${whoSet(view, 'backlog.activeLanes')}`)
}

const whoSet = (view: RunbookView, knob: string): string => {
  const pin = linesOf(view, ({ pins }) => pins).find((one) => one.knob === knob)
  if (pin !== undefined) return `by ${pin.author}`
  if (view.snapshots.some(({ settings }) => settings?.[knob] !== undefined)) return 'as the run was set'
  return `by profile ${[...new Set(view.snapshots.map(({ profile }) => profile.name))].join(', ')}`
}

const openLanes: Look = (view) => {
  const open = behindOf(view).filter(({ laneClass }) => laneClass !== 'live')
  if (open.length === 0) return fine('none: results are whole up to the live lanes')
  const text = largest(
    sumBy(
      open,
      ({ branch, laneClass }) => `${laneClass} lanes of ${branch}`,
      ({ lagEvents }) => lagEvents,
    ),
    4,
  ).map(([name, events]) => `${name}: ${countWords(events)} events`)
  return found(text.join(', '))
}

/** Names of the runbook's table. */
export const lagChecks: Readonly<Record<string, Look>> = {
  ...{ slope, bindingStage, tenantShare, tenantLag, heldTenants, partitionShare, orderedBranches, drainMultiple },
  ...{ retentionClock, freshLag, backlogFetch, readingLanes, openLanes },
}
