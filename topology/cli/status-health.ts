/** How a running topology is: the one sentence that comes first, and its branches with state, freshness and backlog. */
import type { LaneStatus } from '../model/run-handle.ts'
import type { BranchLine, BranchState, RunSnapshot } from '../model/run-snapshot.ts'
import { durationWords } from '../observe/lag-words.ts'
import { listWords, rangeWords } from './figure-words.ts'
import { lagSentence, soonMs, youngMs } from './lag-text.ts'
import type { ReadStatus } from './read-status.ts'
import { bar, formatNumber, textTable } from './text-table.ts'

/** What is wrong, or how far behind it is, or that all is well. */
export const healthSentence = (snapshot: RunSnapshot): string => {
  const { verdict, branches } = snapshot
  // What was appended when is not known yet: nothing looks late.
  const isYoung = snapshot.atMs - snapshot.startedAtMs < youngMs
  const unread = branches.filter(
    ({ lagEvents, namespace, etaMs }) => lagEvents > 0 && namespace === null && etaMs?.[1] !== 0,
  )
  if (verdict.kind === 'ok' && isYoung && unread.length > 0) return behindText(unread, snapshot)
  if (verdict.kind !== 'catching-up') return verdict.text
  const all = branches.filter(({ state }) => state === 'catching-up' || state === 'detached')
  if (all.length === 0) return verdict.text
  // A replay is behind by intent: it is told where nothing else is.
  const own = all.filter(({ namespace }) => namespace === null)
  return own.length > 0 ? behindText(own, snapshot) : `all branches follow the log; ${behindText(all, snapshot)}`
}

const behindText = (behind: readonly BranchLine[], snapshot: RunSnapshot): string => {
  const { branches } = snapshot
  const worst = behind.reduce((most, one) => (one.lagEvents > most.lagEvents ? one : most))
  const own = snapshot.lag.filter(({ branch }) => branch === worst.branch)
  const isReplay = worst.namespace !== null
  const rest = isReplay ? 0 : branches.filter(({ state, namespace }) => state === 'ok' && namespace === null).length
  const names = behind.filter((one) => one !== worst).map(({ branch }) => branch)
  const others = names.length === 0 ? '' : `; ${listWords(names)} ${names.length === 1 ? 'is' : 'are'} behind as well`
  const even =
    rest === 0 ? '' : `; ${rest === 1 ? 'one other branch follows' : `${rest} other branches follow`} the log`
  return `${lagSentence(worst.branch, own, { snapshot })}${others}${even}`
}

const barWidth = 12

export const branchesTable = (
  found: ReadStatus,
  { branches, atMs, startedAtMs }: RunSnapshot,
  { columns }: { readonly columns: number },
): string => {
  const isWide = columns >= 100
  const isYoung = atMs - startedAtMs < youngMs
  const rows = branches.map((line) => branchRow(line, found, { isWide, isYoung }))
  const told = branches.filter(({ reason, state }) => reason !== '' && state !== 'ok' && state !== 'catching-up')
  const table = textTable(
    [
      { title: 'BRANCH' },
      { title: 'STATE' },
      { title: 'FRESH', align: 'right' },
      { title: 'BACKLOG' },
      { title: 'EVENTS', align: 'right' },
      { title: 'DONE IN' },
      ...(isWide
        ? [
            { title: 'APPLIED', align: 'right' as const },
            { title: 'DEAD', align: 'right' as const },
          ]
        : []),
      { title: 'COMMIT', align: 'right' },
    ],
    rows.map((row) => row.cells(found)),
  )
  const causes = Map.groupBy(told, ({ state, reason }) => `${state} ${reason}`)
  return `${table}${[...causes.values()].map(causeText).join('')}`
}

/** One line for all that have the same cause. */
const causeText = (own: readonly BranchLine[]): string => {
  const [{ state, reason } = { state: 'ok' as const, reason: '' }] = own
  const isOne = own.length === 1
  const how = state === 'failed' ? `${isOne ? 'has' : 'have'} failed` : `${isOne ? 'is' : 'are'} ${stateWords[state]}`
  // Nothing but a new start clears a failure.
  const todo = state === 'failed' ? '; once that is mended, a new start of `topology run` goes on from here' : ''
  return `${listWords(own.map(({ branch }) => branch))} ${how}: ${reason}${todo}\n`
}

const stateWords: Readonly<Record<BranchState, string>> = {
  ok: 'ok',
  'catching-up': 'catching up',
  detached: 'detached',
  paused: 'paused',
  stalled: 'stalled',
  waiting: 'waiting',
  failed: 'failed',
}

const branchRow = (
  line: BranchLine,
  { lanes }: ReadStatus,
  { isWide, isYoung }: { readonly isWide: boolean; readonly isYoung: boolean },
): { readonly cells: (found: ReadStatus) => readonly string[] } => {
  const done = doneShare(line, lanes)
  const width = isWide ? barWidth : 8
  const progress =
    line.lagEvents === 0 || done === undefined
      ? ''
      : `${bar(done, width).padEnd(width, '░')} ${String(Math.floor(done * 100)).padStart(2)} %`
  const isStopped = line.state === 'paused' || line.state === 'failed'
  const none = isStopped ? '-' : isYoung ? 'too early' : 'not at this rate'
  const { etaMs } = line
  const known = etaMs === null || (isYoung && etaMs[1] > soonMs) ? none : rangeWords(etaMs)
  // Who follows the log has no end to come to.
  const isEven = line.lagEvents === 0 || etaMs?.[1] === 0 || (line.state === 'ok' && !isYoung)
  const ends = isEven ? '' : known
  return {
    cells: ({ toldAtMs }) => [
      `${line.branch}${line.namespace === null ? '' : ' (replay)'}`,
      stateWords[line.state],
      durationWords(line.freshMs),
      progress,
      formatNumber(line.lagEvents),
      ends,
      ...(isWide ? [formatNumber(line.counters.applied), formatNumber(line.counters.deadLettered)] : []),
      line.committedAtMs === 0
        ? line.counters.applied > 0
          ? '-'
          : 'never'
        : `${durationWords(Math.max(0, (toldAtMs ?? line.committedAtMs) - line.committedAtMs))} ago`,
    ],
  }
}

/** Of the ranges that are behind, the share that is read; a live lane that lags has no beginning that means anything. */
const doneShare = ({ branch, lagEvents }: BranchLine, lanes: readonly LaneStatus[]): number | undefined => {
  const bounded = lanes.filter(({ sink, to }) => sink === branch && to !== null)
  if (bounded.length === 0) return undefined
  // What lies before the lowest range that is open is done, as far as it was cut with it.
  const spans = [...Map.groupBy(bounded, ({ spout, partition }) => `${spout}/${partition}`).values()].map((own) => ({
    size: Math.max(...own.map(({ to }) => to ?? 0)) - Math.min(...own.map(({ from }) => from)),
    left: own.reduce((sum, { lagEvents }) => sum + lagEvents, 0),
  }))
  const size = spans.reduce((sum, span) => sum + span.size, 0)
  // Lanes of different tenants pass over the same records; the branch counts them once.
  const left = Math.min(
    lagEvents,
    spans.reduce((sum, span) => sum + span.left, 0),
  )
  return size === 0 ? undefined : Math.max(0, 1 - left / size)
}
