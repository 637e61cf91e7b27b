/** Lag for people: a sentence for each branch that is behind, then its lanes, the largest first. */
import type { BranchState, LagLine, RunSnapshot } from '../model/run-snapshot.ts'
import { delayRangeOf, delayWords, durationWords, paceWords } from '../observe/lag-words.ts'
import { listWords, rangeWords, shortCount } from './figure-words.ts'
import { bar, formatBytes, formatNumber, textTable } from './text-table.ts'
import { tint } from './tint.ts'

export interface LagView {
  /** Absent: nothing runs, so nothing is known of rates. */
  readonly snapshot: RunSnapshot | undefined
  readonly nowMs: number
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
    .filter(([, own]) => eventsOf(own) > 0)
    .sort(([, left], [, right]) => eventsOf(right) - eventsOf(left))
  const even = byBranch.filter(([, own]) => eventsOf(own) === 0).map(([branch]) => branch)
  const parts = behind.map(([branch, own]) => branchText(branch, own, view))
  if (even.length > 0)
    parts.push(
      `${listWords(even)} ${even.length === 1 ? 'has' : 'have'} read all that the log holds${heldText(lines.filter(({ branch }) => even.includes(branch)))}\n`,
    )
  if (lines.length === 0) parts.push('nothing reads that\n')
  return parts.join('\n')
}

const stopped: ReadonlySet<BranchState> = new Set(['failed', 'stalled', 'waiting'])

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
    ...delayNote(behind).map((text) => `${text}\n`),
    ...retentionNote(branch, behind).map((text) => `${tint(view, 'red', text)}\n`),
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
  own: readonly LagLine[],
  { snapshot }: Pick<LagView, 'snapshot'>,
): string => {
  const events = eventsOf(own)
  if (events === 0) return `${branch} has read all that the log holds`
  const late = Math.max(...own.map(({ lagMs }) => lagMs))
  const line = snapshot?.branches.find((one) => one.branch === branch)
  // Lanes of different tenants pass over the same records; the branch counts them once.
  const once = Math.min(events, line?.lagEvents || events)
  const bytes = (own.reduce((sum, { lagBytes }) => sum + lagBytes, 0) * once) / events
  const size = bytes > 0 ? `${formatBytes(bytes)}, ` : ''
  // A run that has just begun does not know yet when that was appended.
  const details = `${size}${late === 0 ? '' : durationWords(late)}`.replace(/, $/, '')
  const what = `${branch} is ${shortCount(once)} events${details === '' ? '' : ` (${details})`} behind`
  if (snapshot === undefined) return `${what}; nothing runs, so nothing drains it`
  if (line?.state === 'paused') return `${what}, and paused: \`topology resume ${branch}\``
  if (line !== undefined && stopped.has(line.state)) return `${what}, and ${line.state}: ${line.reason}`
  const eta = line?.etaMs ?? null
  const isYoung = snapshot.atMs - snapshot.startedAtMs < youngMs && (eta === null || eta[1] > soonMs)
  if (isYoung) return `${what}; it has just begun, too early to say when it is done`
  const pace = paceWords(own, eta !== null)
  const ends = eta === null ? 'it will not catch up at this rate' : `done in ${rangeWords(eta)}`
  const isFresh = line !== undefined && line.freshMs < freshMs && own.some((one) => one.laneClass === 'live')
  const rest = isFresh && own.some((one) => one.laneClass !== 'live') ? '; fresh events do not wait for it' : ''
  if (pace === '' && eta === null) return `${what}, nothing of it is read now, so no end is in sight`
  return `${what}, ${pace === '' ? '' : `${pace}, `}${ends}${rest}`
}

/** `0.06`, `5.4`, `120`. */
export const multipleWords = (multiple: number): string => {
  if (multiple < 0.005) return '<0.01'
  if (multiple >= 10) return formatNumber(Math.round(multiple))
  return multiple >= 0.095 ? multiple.toFixed(1) : multiple.toPrecision(1)
}

/** The log drops what is not read, before or shortly after it would be read. */
const retentionNote = (branch: string, behind: readonly LagLine[]): readonly string[] => {
  const clocks = behind.filter(
    ({ retentionMsLeft, etaMs }) => retentionMsLeft !== null && (etaMs === null || etaMs[1] > retentionMsLeft),
  )
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
const doneWords = ({ etaMs, mayRead }: LagLine, snapshot: RunSnapshot): string => {
  const isYoung = snapshot.atMs - snapshot.startedAtMs < youngMs
  if (etaMs === null) return isYoung ? 'too early' : mayRead ? 'not at this rate' : 'waits'
  return isYoung && etaMs[1] > soonMs ? 'too early' : rangeWords(etaMs)
}

const shortened = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)
