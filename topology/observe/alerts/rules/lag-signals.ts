/**
 * Lag: its growth before its age, its age before users notice, and the clock of the log's retention. What a person has
 * paused or blocked, and what a replay has before it, is behind by intent and raises neither growth nor age.
 */
import type { BranchLine, LagLine, RunSnapshot } from '../../../model/run-snapshot.ts'
import { isAwaited } from '../../lag-figures.ts'
import { countWords, durationWords, etaWords, isBacklogRead, paceWords } from '../../lag-words.ts'
import { retentionRisk } from '../../retention-risk.ts'
import { type AlertSight, slopeOf } from '../alert-sight.ts'
import type { AlertSignal } from '../alert-signal.ts'

const slopeWindowMs = 20_000
// A growth that is less than this share of the rate is noise.
const slopeNoise = 0.01
const leastForMs = 5_000

export const lagSlopeSignals = (sight: AlertSight): readonly AlertSignal[] =>
  watchedBranches(sight.snapshot).flatMap((branch) => {
    const name = branch.branch
    const slope = slopeOf(sight.samples, slopeWindowMs, ({ lagEvents }) => lagEvents.get(name))
    const rate = sight.samples.at(-1)?.eventsPerSecond.get(name) ?? 0
    const isGrowing = slope !== undefined && slope > Math.max(1, rate * slopeNoise) && branch.lagEvents >= rate
    return isGrowing ? [slopeSignal(sight, branch, slope, rate)] : []
  })

/**
 * Of each second that passes, the share `slope / (rate + slope)` is added to the delay: from that follows when the target
 * breaks. The nearer that is, the less the alert waits for the growth to last, so that it always comes before.
 */
const slopeSignal = (sight: AlertSight, branch: BranchLine, slope: number, rate: number): AlertSignal => {
  const [targetMs, forMs] = [sight.knob('alert.lagMs'), sight.knob('alert.forMs')]
  const leftMs = Math.max(0, targetMs - branch.lagMs) * ((rate + slope) / slope)
  const isBroken = branch.lagMs >= targetMs
  const growth = `lag of ${branch.branch} grows by ${countWords(slope)} events/s`
  const when = isBroken
    ? `it is ${durationWords(branch.lagMs)} late already`
    : `at ${durationWords(targetMs)} in ${durationWords(leftMs)}`
  return {
    rule: 'lag-slope',
    level: 'warning',
    subject: branch.branch,
    text: `${growth} (${countWords(branch.lagEvents)} behind): ${when}`,
    symptom: 'lag grows on one or more branches',
    forMs: isBroken ? forMs : Math.min(forMs, Math.max(leastForMs, leftMs / 2)),
  }
}

export const lagAgeSignals = ({ snapshot, knob }: AlertSight): readonly AlertSignal[] => {
  const [targetMs, cutMs, forMs] = [knob('alert.lagMs'), knob('catchUp.afterMs'), knob('alert.forMs')]
  return watchedBranches(snapshot)
    .filter(({ lagMs }) => lagMs > targetMs)
    .map((branch) => ({
      rule: 'lag-age',
      // Fresh data that is late although what lies behind has been cut off: users feel it.
      level: branch.freshMs > cutMs ? 'critical' : 'warning',
      subject: branch.branch,
      text: ageText(branch, snapshot),
      symptom: 'lag grows on one or more branches',
      forMs,
    }))
}

const ageText = (branch: BranchLine, snapshot: RunSnapshot): string => {
  const own = snapshot.lag.filter((line) => line.branch === branch.branch && isAwaited(line))
  const pace = paceWords(own, { eventsPerSecond: branch.drainEventsPerSecond, etaMs: branch.etaMs })
  const drain = pace === '' ? (branch.etaMs === null && !isBacklogRead(own) ? 'nothing is read, ' : '') : `${pace}, `
  const fresh = branch.freshMs < branch.lagMs ? `, its fresh data ${durationWords(branch.freshMs)}` : ''
  const behind = `${branch.branch} is ${durationWords(branch.lagMs)} late${fresh}, ${countWords(branch.lagEvents)} events behind`
  return `${behind}; ${drain}${etaWords(branch.etaMs)}`
}

export const retentionSignals = ({ snapshot, knob }: AlertSight): readonly AlertSignal[] => {
  const worst = new Map<string, AlertSignal & { readonly ratio: number }>()
  for (const line of snapshot.lag) {
    const signal = retentionSignal(line, knob)
    const known = worst.get(line.branch)
    if (signal !== undefined && (known === undefined || signal.ratio > known.ratio)) worst.set(line.branch, signal)
  }
  return [...worst.values()].map(({ ratio: _, ...signal }) => signal)
}

// So near to the end that nobody waits to see whether reading begins again.
const closeMs = 600_000

const retentionSignal = (
  line: LagLine,
  knob: AlertSight['knob'],
): (AlertSignal & { readonly ratio: number }) | undefined => {
  const leftMs = line.retentionMsLeft
  const guardRatio = knob('retention.guardRatio')
  const ratio = retentionRisk(line, guardRatio)
  if (leftMs === null || ratio === undefined || ratio < guardRatio) return undefined
  const isLost = ratio >= 1
  const isSure = isLost && (line.etaMs !== null || leftMs < closeMs)
  const place = `${line.topic}/${line.partition}`
  const verb = isLost ? 'will drop' : 'may drop'
  const end = line.etaMs === null && line.eventsPerSecond < 1 ? 'nothing is read' : etaWords(line.etaMs)
  const when = leftMs <= 0 ? 'now' : `in ${durationWords(leftMs)}`
  return {
    rule: 'retention',
    level: isLost ? 'critical' : 'warning',
    subject: line.branch,
    text: `the log ${verb} what ${line.branch} has not read of ${place} ${when}; ${end}`,
    symptom: 'retention will drop unread data',
    forMs: isSure ? 0 : knob('alert.forMs'),
    ratio,
  }
}

const watchedBranches = (snapshot: RunSnapshot): readonly BranchLine[] =>
  snapshot.branches.filter(({ state, namespace }) => namespace === null && state !== 'paused' && state !== 'failed')
