/** The status of a topology for people: how it is in one sentence first, then what needs a look, then the rest. */
import { formatBytes } from '../model/quantity.ts'
import type { LaneStatus, SinkStatus, TopologyStatus, WaitingFor } from '../model/run-handle.ts'
import type { RunSnapshot } from '../model/run-snapshot.ts'
import { durationWords } from '../observe/lag-words.ts'
import { runbookCommand } from '../observe/runbook-command.ts'
import { lostText } from './lost-text.ts'
import type { ReadStatus } from './read-status.ts'
import { silenceText } from './silence-text.ts'
import { branchesTable, healthSentence } from './status-health.ts'
import { openDeletes } from './status-json.ts'
import { bindingText, dependenciesText, rulesText, tenantsTable, workersText } from './status-section-texts.ts'
import { waitText } from './tell-waiting.ts'
import { tenantsText } from './tenants-text.ts'
import { formatDuration, formatNumber, plural, textTable } from './text-table.ts'
import { tint } from './tint.ts'

export interface StatusView {
  readonly nowMs: number
  readonly showsAll: boolean
  readonly columns: number
  readonly hasColour: boolean
  /** From which share of all bytes on a tenant is told. */
  readonly shareRatio: number
}

// A process tells every second or two.
const lateMs = 5_000

export const statusText = (found: ReadStatus, view: StatusView): string => {
  const { lanes, snapshot } = found
  const open = openDeletes(found)
  const shown = lanes.filter(
    (lane) => view.showsAll || (snapshot === undefined && lane.lagEvents + lane.heldEvents > 0),
  )
  const rest = lanes.filter((lane) => lane.lagEvents === 0 && lane.heldEvents === 0).length
  const isSilent = view.showsAll || rest === 0 || (snapshot !== undefined && rest < lanes.length)
  const parts = [
    headText(found, view),
    lostText(found.lost, view.nowMs),
    snapshot === undefined || isIdle(snapshot)
      ? sinksTable(found.sinks, view.nowMs)
      : branchesTable(found, snapshot, view),
    ...(snapshot === undefined ? [] : runningParts(snapshot, view)),
    rulesText(found, view.nowMs),
    shown.length === 0 ? '' : lanesTable(shown),
    [
      isSilent ? '' : `${rest} of ${lanes.length} lanes are caught up\n`,
      open === 0 ? '' : `${plural(open, 'delete')} not done: \`topology deletes\`\n`,
    ].join(''),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

const runningParts = (snapshot: RunSnapshot, view: StatusView): readonly string[] => [
  bindingText(snapshot),
  dependenciesText(snapshot),
  tenantsTable(snapshot, view),
  workersText(snapshot, view.nowMs),
]

/** The one sentence, without a line break. */
export const statusLine = (found: ReadStatus, nowMs: number): string => {
  const { snapshot, topology } = found
  const health = snapshot === undefined ? '' : `; ${idleText(found) ?? healthSentence(snapshot)}`
  return `topology ${topology}: ${stateText(found, nowMs)}${health}`
}

/** Its branches tell nothing of what waits: it has none. */
const isIdle = ({ state, branches }: RunSnapshot): boolean => state === 'drained' || branches.length === 0

const idleText = ({ lanes, snapshot, drains }: ReadStatus): string | undefined => {
  const unread = unreadEvents(lanes)
  const waiting = `${plural(unread, 'event')} ${unread === 1 ? 'waits' : 'wait'} in the log`
  if (snapshot?.state !== 'drained') {
    const isUnread = snapshot?.branches.length === 0 && snapshot.verdict.kind === 'ok' && unread > 0
    return isUnread ? `${waiting}, and nothing reads there yet` : undefined
  }
  const undone = drains.map(({ name }) => `\`topology undrain ${name}\``)
  return undone.length === 0 ? waiting : `${waiting}; ${undone.join(', ')}`
}

/** Every sink reads the same events: of each spout those of the sink that is furthest behind. */
const unreadEvents = (lanes: readonly LaneStatus[]): number => {
  const most = new Map<string, number>()
  for (const [key, own] of Map.groupBy(lanes, ({ spout, sink }) => JSON.stringify([spout, sink]))) {
    const [spout = ''] = JSON.parse(key)
    most.set(
      spout,
      Math.max(
        most.get(spout) ?? 0,
        own.reduce((sum, { lagEvents }) => sum + lagEvents, 0),
      ),
    )
  }
  return [...most.values()].reduce((sum, events) => sum + events, 0)
}

const headText = (found: ReadStatus, view: StatusView): string => {
  const { snapshot } = found
  const sentence = statusLine(found, view.nowMs)
  const kind = snapshot?.state === 'drained' ? 'drained' : (snapshot?.verdict.kind ?? 'ok')
  const colour = kind === 'ok' ? 'green' : kind === 'failed' || kind === 'stalled' ? 'red' : 'yellow'
  const waits = found.waitingFor.map((one) => waitLine(one, view.nowMs))
  const alerts = (snapshot?.alerts ?? []).map(
    ({ level, text, symptom }) =>
      `${tint(view, level === 'critical' ? 'red' : 'yellow', level)}: ${text}${symptom === '' ? '' : ` (\`${runbookCommand(symptom)}\`)`}\n`,
  )
  return [
    `${snapshot === undefined ? sentence : tint(view, colour, sentence)}\n`,
    ...waits,
    ...(snapshot === undefined ? [] : [runLine(snapshot, view.nowMs)]),
    ...alerts,
  ].join('')
}

/** A word that is a few seconds late is told: the store may be slow, or the process gone. */
const stateText = ({ state, toldAtMs, snapshot, drains }: ReadStatus, nowMs: number): string => {
  const isDrained = snapshot?.state === 'drained'
  const word = state !== 'running' ? 'not running now' : isDrained ? drainedText(drains, nowMs) : 'running'
  return toldAtMs === undefined || nowMs - toldAtMs < lateMs ? word : `${word}; ${silenceText(toldAtMs, nowMs)}`
}

/** A program can drain its own run without a word to anybody. */
const drainedText = (drains: ReadStatus['drains'], nowMs: number): string => {
  const [first] = [...drains].sort((left, right) => left.atMs - right.atMs)
  if (first === undefined) return 'drained'
  return `drained by ${first.author} for ${durationWords(Math.max(0, nowMs - first.atMs))}`
}

const waitLine = (one: WaitingFor, nowMs: number): string =>
  `waiting (${formatDuration(Math.max(0, nowMs - one.sinceMs))}) for ${waitText(one)}\n`

/** `12,400 events/s, 1.2 MiB/s · holds 120 MiB of 256 MiB · host#1 for 2 h`, and below it a profile that is not the usual one. */
const runLine = ({ totals, profile, process, startedAtMs }: RunSnapshot, nowMs: number): string => {
  const { eventsPerSecond, bytesPerSecond, heldBytes, budgetBytes, deadLetters } = totals
  const isUsual = profile.name === 'realtime' && (profile.reason === '' || profile.reason === 'start')
  const since = formatDuration(Math.max(0, nowMs - profile.sinceMs))
  const moved = isUsual ? '' : `profile ${profile.name}, chosen ${since} ago: ${profile.reason}\n`
  return [
    `${formatNumber(Math.round(eventsPerSecond))} events/s, ${formatBytes(bytesPerSecond)}/s`,
    `holds ${formatBytes(heldBytes)} of ${formatBytes(budgetBytes)}`,
    ...(deadLetters === 0 ? [] : [`${plural(deadLetters, 'dead letter')}`]),
    `${process} for ${formatDuration(Math.max(0, nowMs - startedAtMs))}\n${moved}`,
  ].join(' · ')
}

const sinksTable = (sinks: TopologyStatus['sinks'], nowMs: number): string =>
  textTable(
    [
      { title: 'SINK' },
      { title: 'KIND' },
      { title: 'RECEIVED', align: 'right' },
      { title: 'APPLIED', align: 'right' },
      { title: 'DEAD LETTERS', align: 'right' },
      { title: 'DROPPED', align: 'right' },
      { title: 'LAG', align: 'right' },
      { title: 'HELD', align: 'right' },
      { title: 'LAST COMMIT' },
    ],
    Object.entries(sinks).map(([name, sink]) => [
      `${name}${sink.namespace === null ? '' : ' (replay)'}${sink.retired ? ' (retired)' : ''}`,
      sink.kind,
      formatNumber(sink.counters.received),
      formatNumber(sink.counters.applied),
      formatNumber(sink.counters.deadLettered),
      formatNumber(sink.counters.dropped),
      formatNumber(sink.lagEvents),
      formatNumber(sink.heldEvents),
      commitText(sink, nowMs),
    ]),
  )

/** Lanes that have ended tell no time any more; those of a replay all end. */
export const commitText = (
  {
    namespace,
    lagEvents,
    heldEvents,
    committedAtMs,
    counters,
  }: Pick<SinkStatus, 'namespace' | 'lagEvents' | 'heldEvents' | 'committedAtMs' | 'counters'>,
  nowMs: number,
): string => {
  if (committedAtMs === 0 && counters.applied > 0 && namespace === null) return '-'
  if (committedAtMs > 0) return `${formatDuration(Math.max(0, nowMs - committedAtMs))} ago`
  return namespace !== null && lagEvents === 0 && heldEvents === 0 ? 'done' : 'never'
}

const lanesTable = (lanes: readonly LaneStatus[]): string =>
  textTable(
    [
      { title: 'SINK' },
      { title: 'LANE' },
      { title: 'PARTITION' },
      { title: 'RANGE' },
      { title: 'TENANTS' },
      { title: 'COMMITTED', align: 'right' },
      { title: 'LAG', align: 'right' },
      { title: 'HELD', align: 'right' },
    ],
    lanes.map((lane) => [
      lane.sink,
      String(lane.lane),
      `${lane.topic}/${lane.partition}`,
      `[${lane.from}, ${lane.to ?? 'open'})`,
      tenantsText(lane.tenants),
      formatNumber(lane.at),
      formatNumber(lane.lagEvents),
      formatNumber(lane.heldEvents),
    ]),
  )
