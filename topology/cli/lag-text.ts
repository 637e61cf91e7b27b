/** Lag for people: a sentence for each branch that is behind, then its lanes, the largest first. */
import { formatBytes } from '../model/quantity.ts'
import type { BranchLine, BranchState, LagLine, RunSnapshot } from '../model/run-snapshot.ts'
import { isAwaited } from '../observe/lag-figures.ts'
import {
  type Drain,
  delayRangeOf,
  delayWords,
  durationWords,
  followsLog,
  isBacklogRead,
  paceWords,
} from '../observe/lag-words.ts'
import { retentionRisk } from '../observe/retention-risk.ts'
import { listWords, rangeWords, shortCount } from './figure-words.ts'
import { bar, formatNumber, textTable } from './text-table.ts'
import { tint } from './tint.ts'

export interface LagView {
  /** Absent: nothing runs, so nothing is known of rates. */
  readonly snapshot: RunSnapshot | undefined
  readonly nowMs: number
  /** Of the time that a record is kept, the share after which it is told that nobody reads it. */
  readonly guardRatio: number
  readonly columns: number
  readonly hasColour: boolean
}

// Lanes of one branch that a person looks at; the others are told in one line.
const lanesShown = 12
const barWidth = 12
// Of a branch whose live lanes follow the log.
const freshMs = 2_000
// Of a run: what was measured since says little, except of a backlog that is soon gone.
export const youngMs = 15_000
export const soonMs = 60_000

export const lagText = (lines: readonly LagLine[], view: LagView): string => {
  const byBranch = [...Map.groupBy(lines, ({ branch }) => branch)]
  const behind = byBranch
    .filter(([branch, own]) => !isEven(branch, own, view))
    .sort(([, left], [, right]) => eventsOf(right) - eventsOf(left))
  const following = byBranch.filter(([branch, own]) => eventsOf(own) > 0 && isEven(branch, own, view))
  const even = byBranch.filter(([, own]) => eventsOf(own) === 0).map(([branch]) => branch)
  const parts = behind.map(([branch, own]) => branchText(branch, own, view))
  if (following.length > 0) parts.push(followingText(following))
  if (even.length > 0)
    parts.push(
      `${listWords(even)} ${even.length === 1 ? 'has' : 'have'} read all that the log holds${heldText(lines.filter(({ branch }) => even.includes(branch)))}\n`,
    )
  if (lines.length === 0) parts.push('nothing reads that\n')
  return parts.join('\n')
}

const stopped: ReadonlySet<BranchState> = new Set(['failed', 'stalled', 'waiting'])

/** A branch that is held up says why, however little it has not read. */
const isEven = (branch: string, own: readonly LagLine[], { snapshot }: LagView): boolean => {
  const state = snapshot?.branches.find((one) => one.branch === branch)?.state
  const isHeldUp = state !== undefined && (state === 'paused' || stopped.has(state))
  return eventsOf(own) === 0 || (!isHeldUp && own.every(followsLog))
}

const followingText = (branches: readonly (readonly [branch: string, own: readonly LagLine[]])[]): string => {
  const most = Math.max(...branches.map(([, own]) => eventsOf(own)))
  const lateMs = Math.max(...branches.flatMap(([, own]) => own.map(({ lagMs }) => lagMs)))
  const verb = branches.length === 1 ? 'follows' : 'follow'
  const behind = `${shortCount(most)} events (${durationWords(lateMs)}) behind${heldText(branches.flatMap(([, own]) => own))}`
  return `${listWords(branches.map(([branch]) => branch))} ${verb} the log, at most ${behind}\n`
}

const eventsOf = (lines: readonly LagLine[]): number => lines.reduce((sum, { lagEvents }) => sum + lagEvents, 0)

const branchText = (branch: string, own: readonly LagLine[], view: LagView): string => {
  const behind = own.filter(({ lagEvents }) => lagEvents > 0)
  const shown = behind.slice(0, lanesShown)
  const rest = behind.length - shown.length
  const more =
    rest === 0
      ? ''
      : `and ${rest} more lanes with ${formatNumber(eventsOf(behind.slice(lanesShown)))} events: \`topology lag ${branch} --json\`\n`
  const head = lagSentence(branch, own, view)
  const notes = [
    ...delayNote(behind.filter(isAwaited)).map((text) => `${text}\n`),
    ...retentionNote(branch, behind, view.guardRatio).map((text) => `${tint(view, 'red', text)}\n`),
  ]
  return `${tint(view, 'bold', head)}\n${notes.join('')}\n${lanesTable(shown, view)}${more}`
}

/** Hours of delay of one lane say little about the rest: the range in which most of what is behind lies. */
const delayNote = (behind: readonly LagLine[]): readonly string[] => {
  const range = delayRangeOf(behind)
  const isWide = range !== undefined && range.highMs - range.lowMs > 60_000
  return isWide ? [delayWords(range)] : []
}

/** `archive is 3.1 M events (1.2 GiB, 41 min) behind, drains at 5.4 x real time, done in 6 to 9 min`. */
export const lagSentence = (
  branch: string,
  all: readonly LagLine[],
  { snapshot }: Pick<LagView, 'snapshot'>,
): string => {
  const own = all.filter(isAwaited)
  const blocked = snapshot === undefined ? '' : blockedWords(all, snapshot)
  return `${awaitedSentence(branch, own, snapshot, blocked === '' ? '' : ' else')}${blocked}`
}

/** `; 2,940 events of acme wait, blocked by ann for 59 min`. */
const blockedWords = (lines: readonly LagLine[], { tenantRules, atMs }: RunSnapshot): string => {
  const blocked = lines.filter((line) => !isAwaited(line) && line.lagEvents > 0)
  return [...Map.groupBy(blocked, ({ tenant }) => tenant)]
    .map(([tenant, own]) => {
      const events = own.reduce((sum, { ownEvents }) => sum + ownEvents, 0)
      const rule = tenantRules.find((one) => one.rule === 'block' && tenant.split(', ').includes(one.tenant))
      const until = rule === undefined || rule.untilMs === null ? '' : ` for ${durationWords(rule.untilMs - atMs)}`
      return `; ${shortCount(events)} events of ${tenant} wait, blocked${rule === undefined ? '' : ` by ${rule.author}`}${until}`
    })
    .join('')
}

const awaitedSentence = (
  branch: string,
  own: readonly LagLine[],
  snapshot: RunSnapshot | undefined,
  beside: string,
): string => {
  const events = eventsOf(own)
  const line = snapshot?.branches.find((one) => one.branch === branch)
  // Who has read all and is behind nevertheless has not written it.
  const unwritten = line?.state === 'catching-up' && own.every(followsLog) ? `; ${line.reason}` : ''
  if (events === 0) return `${branch} has read all${beside} that the log holds${unwritten}`
  const late = Math.max(...own.map(({ lagMs }) => lagMs))
  // Lanes of different tenants pass over the same records; the branch counts them once.
  const once = Math.min(events, line?.lagEvents || events)
  const bytes = (own.reduce((sum, { lagBytes }) => sum + lagBytes, 0) * once) / events
  const size = bytes > 0 ? `${formatBytes(bytes)}, ` : ''
  // A run that has just begun does not know yet when that was appended.
  const details = `${size}${late === 0 ? '' : durationWords(late)}`.replace(/, $/, '')
  const what = `${branch} is ${shortCount(once)} events${details === '' ? '' : ` (${details})`} behind`
  if (snapshot === undefined) return `${what}; nothing runs, so nothing drains it`
  if (line?.state === 'paused')
    return `${what}, and paused: ${(line.pausedBy ?? [branch]).map((name) => `\`topology resume ${name}\``).join(', ')}`
  if (line !== undefined && stopped.has(line.state)) return `${what}, and ${line.state}: ${line.reason}`
  if (own.every(followsLog)) return `${branch} follows the log${unwritten}`
  const drain = drainOf(own, line, snapshot)
  const eta = drain.etaMs
  const isYoung = snapshot.atMs - snapshot.startedAtMs < youngMs && (eta === null || eta[1] > soonMs)
  if (isYoung) return `${what}; it has just begun, too early to say when it is done`
  const pace = paceWords(own, drain)
  const ends = eta === null ? 'it will not catch up at this rate' : `done in ${rangeWords(eta)}`
  const isFresh = line !== undefined && line.freshMs < freshMs && own.some((one) => one.laneClass === 'live')
  const rest = isFresh && own.some((one) => one.laneClass !== 'live') ? '; fresh events do not wait for it' : ''
  if (pace === '' && eta === null && !isBacklogRead(own))
    return `${what}, nothing of it is read now, so no end is in sight`
  return `${what}, ${pace === '' ? '' : `${pace}, `}${ends}${rest}`
}

/** Of some lanes of a branch, how fast they drain and their own end: the others may take longer. */
const drainOf = (own: readonly LagLine[], line: BranchLine | undefined, { lag }: RunSnapshot): Drain => {
  const isBehind = (one: LagLine): boolean => !followsLog(one) && isAwaited(one)
  const behind = own.filter(isBehind)
  const whole = lag.filter((one) => one.branch === line?.branch && isBehind(one))
  // A lane may have ended since the run told of it; lanes that were left out read for others.
  const scopes = new Set(own.map(({ tenant }) => tenant))
  if (whole.every(({ tenant }) => scopes.has(tenant)))
    return { eventsPerSecond: line?.drainEventsPerSecond ?? 0, etaMs: line?.etaMs ?? null }
  const etaMs = behind.reduce<LagLine['etaMs']>(
    (end, one) =>
      end === null || one.etaMs === null ? null : [Math.max(end[0], one.etaMs[0]), Math.max(end[1], one.etaMs[1])],
    [0, 0],
  )
  // Records of other tenants are passed over.
  const rates = behind.map(({ eventsPerSecond, ownEvents, lagEvents }) => (eventsPerSecond * ownEvents) / lagEvents)
  return { eventsPerSecond: rates.reduce((sum, rate) => sum + rate, 0), etaMs }
}

/** `0.06`, `5.4`, `120`. */
export const multipleWords = (multiple: number): string => {
  if (multiple < 0.005) return '<0.01'
  if (multiple >= 10) return formatNumber(Math.round(multiple))
  return multiple >= 0.095 ? multiple.toFixed(1) : multiple.toPrecision(1)
}

/** The log drops what is not read, before or shortly after it would be read. */
const retentionNote = (branch: string, behind: readonly LagLine[], guardRatio: number): readonly string[] => {
  const clocks = behind.filter((line) => (retentionRisk(line, guardRatio) ?? 0) > 1)
  if (clocks.length === 0) return []
  const soonest = Math.min(...clocks.map(({ retentionMsLeft }) => retentionMsLeft ?? 0))
  const when = soonest <= 0 ? 'may be gone already' : `may be dropped in ${durationWords(soonest)}`
  return [`the oldest of it ${when}, before ${branch} has read it: \`topology runbook "retention"\``]
}

const heldText = (lines: readonly LagLine[]): string => {
  const held = lines.reduce((sum, { heldEvents }) => sum + heldEvents, 0)
  return held === 0 ? '' : `; ${formatNumber(held)} events are held until their epochs close`
}

const lanesTable = (lines: readonly LagLine[], { snapshot, columns }: LagView): string => {
  const most = Math.max(...lines.map(({ lagEvents }) => lagEvents))
  const isWide = columns >= 100
  const hasClock = lines.some(({ retentionMsLeft }) => retentionMsLeft !== null)
  const hasTenants = lines.some(({ tenant }) => tenant !== 'all')
  const hasRates = snapshot !== undefined
  const room = isWide ? barWidth : 6
  const table = [
    { title: 'LANE', cell: (one: LagLine) => `${one.laneClass} ${one.lane}` },
    { title: 'PARTITION', cell: (one: LagLine) => `${one.topic}/${one.partition}` },
    ...(hasTenants ? [{ title: 'TENANT', cell: (one: LagLine) => shortened(one.tenant, isWide ? 24 : 12) }] : []),
    { title: '', cell: (one: LagLine) => bar(one.lagEvents / most, room).padEnd(room) },
    { title: 'EVENTS', right: true, cell: (one: LagLine) => formatNumber(one.lagEvents) },
    { title: 'BYTES', right: true, cell: (one: LagLine) => formatBytes(one.lagBytes) },
    { title: 'BEHIND', right: true, cell: (one: LagLine) => durationWords(one.lagMs) },
    ...(hasRates && isWide
      ? [{ title: 'EVENTS/S', right: true, cell: (one: LagLine) => formatNumber(Math.round(one.eventsPerSecond)) }]
      : []),
    ...(hasRates
      ? [
          {
            title: 'x TIME',
            right: true,
            cell: (one: LagLine) =>
              one.drainMultiple === null ? (one.mayRead ? '-' : 'waits') : multipleWords(one.drainMultiple),
          },
        ]
      : []),
    ...(hasRates
      ? [
          {
            title: 'DONE IN',
            cell: (one: LagLine) => doneWords(one, snapshot),
          },
        ]
      : []),
    ...(hasClock
      ? [
          {
            title: 'KEPT FOR',
            right: true,
            cell: (one: LagLine) => (one.retentionMsLeft === null ? '' : durationWords(one.retentionMsLeft)),
          },
        ]
      : []),
  ]
  return textTable(
    table.map(({ title, ...more }) => ({ title, align: 'right' in more ? ('right' as const) : ('left' as const) })),
    lines.map((line) => table.map(({ cell }) => cell(line))),
  )
}

/** A lane that waits for its turn has no rate of its own. */
const doneWords = (line: LagLine, snapshot: RunSnapshot): string => {
  const { etaMs, mayRead } = line
  if (followsLog(line)) return 'follows'
  if (!isAwaited(line)) return 'blocked'
  const isYoung = snapshot.atMs - snapshot.startedAtMs < youngMs
  if (etaMs === null) return isYoung ? 'too early' : mayRead ? 'not at this rate' : 'waits'
  return isYoung && etaMs[1] > soonMs ? 'too early' : rangeWords(etaMs)
}

const shortened = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)
