/**
 * Three answers to three questions. `live`: this process answers. `ready`: it has started, its workers run, and it could
 * wake somebody. `progress`: where there is work, something becomes durable. A process that is up and does nothing is
 * live and ready, and still useless: only progress says so.
 *
 * Pure: it is shown one snapshot after the other. A branch that a person has paused owes no progress.
 */
import type { BranchLine, DependencyLine, LagLine, RunSnapshot } from '../model/run-snapshot.ts'
import type { OpenCall } from '../model/work-report.ts'
import type { AlertPath } from './alerts/alert-sight.ts'
import { closeMsOf } from './close-bound.ts'
import { countWords, durationWords } from './lag-words.ts'

export interface Stall {
  /** The branch, or what hangs. */
  readonly subject: string
  readonly text: string
  readonly sinceMs: number
}

export interface HealthAnswer {
  readonly ok: boolean
  /** Why not; what is noteworthy otherwise. */
  readonly reasons: readonly string[]
}

export interface Health {
  readonly live: HealthAnswer
  readonly ready: HealthAnswer
  readonly progress: HealthAnswer
}

interface BranchMemory {
  readonly committedAtMs: number
  readonly settled: number
  /** Since when it has work and has settled nothing. */
  readonly stillSinceMs: number | undefined
  /**
   * The longest that its epochs may stay open when all is well. That they were shorter so far says nothing: in a backlog
   * they close by their size.
   */
  readonly closeMs: number
}

export class HealthWatch {
  readonly #knob: (name: string) => number
  readonly #branches = new Map<string, BranchMemory>()
  #stalls: readonly Stall[] = []

  constructor(knob: (name: string) => number) {
    this.#knob = knob
  }

  /** What stands still now, and what has stopped. */
  see(snapshot: RunSnapshot): readonly Stall[] {
    const names = new Set(snapshot.branches.map(({ branch }) => branch))
    for (const name of [...this.#branches.keys()]) if (!names.has(name)) this.#branches.delete(name)
    const silent = snapshot.branches.filter(owesProgress).flatMap((branch) => this.#silence(branch, snapshot))
    this.#stalls = together(silent, this.#hanging(snapshot))
    return [...stoppedBranches(snapshot), ...this.#stalls]
  }

  health(snapshot: RunSnapshot | undefined, nowMs: number, path: AlertPath): Health {
    const live = { ok: true, reasons: [] }
    if (snapshot === undefined) {
      const starting = { ok: false, reasons: ['starting'] }
      return { live, ready: starting, progress: { ok: true, reasons: ['starting'] } }
    }
    return { live, ready: readyAnswer(snapshot, path), progress: this.#progress(snapshot, nowMs) }
  }

  #progress(snapshot: RunSnapshot, nowMs: number): HealthAnswer {
    const ageMs = nowMs - snapshot.atMs
    const old = ageMs > this.#knob('stall.afterMs') ? [`the last numbers are ${durationWords(ageMs)} old`] : []
    const stopped = stoppedBranches(snapshot).map(({ text }) => text)
    const reasons = [...old, ...stopped, ...this.#stalls.map(({ text }) => text)]
    return { ok: reasons.length === 0, reasons }
  }

  #silence(branch: BranchLine, snapshot: RunSnapshot): readonly Stall[] {
    const { atMs } = snapshot
    const lines = snapshot.lag.filter((line) => line.branch === branch.branch)
    const held = Math.max(0, ...lines.map(({ heldMs }) => heldMs))
    const unread = lines.filter((line) => line.mayRead && line.lagEvents > 0 && line.eventsPerSecond === 0)
    const last = this.#branches.get(branch.branch)
    const closeMs = closeMsOf(branch, lines, this.#knob)
    const next = remember(last, branch, { isUnread: unread.length > 0, closeMs }, atMs)
    this.#branches.set(branch.branch, next)
    const limitMs = this.#knob('stall.afterMs')
    // An epoch that has been open since a while when it hangs is told no later than one that hangs at its start.
    const isLong = held >= Math.max(limitMs, next.closeMs + limitMs / 2)
    // Who commits in other lanes makes something durable.
    const isOverdue = isLong && atMs - branch.committedAtMs >= limitMs
    const isStill = next.stillSinceMs !== undefined && atMs - next.stillSinceMs >= limitMs
    if (!isOverdue && !isStill) return []
    const ms = Math.max(isOverdue ? held : 0, isStill ? atMs - next.stillSinceMs! : 0)
    // Lanes of different tenants pass over the same records; the branch counts them once.
    const unreadEvents = Math.min(
      branch.lagEvents,
      sumOf(lines, (line) => line.lagEvents),
    )
    const events = unreadEvents + sumOf(lines, ({ heldEvents }) => heldEvents)
    return [{ subject: branch.branch, sinceMs: atMs - ms, text: silenceText(branch.branch, ms, events, snapshot) }]
  }

  #hanging(snapshot: RunSnapshot): readonly Stall[] {
    const limitMs = this.#knob('stall.afterMs')
    const worst = new Map<string, OpenCall>()
    for (const call of snapshot.calls) {
      // At its end the log answers when something comes.
      if (call.stage === 'fetch' || snapshot.atMs - call.sinceMs < limitMs) continue
      const known = worst.get(`${call.stage} ${call.name}`)
      if (known === undefined || call.sinceMs < known.sinceMs) worst.set(`${call.stage} ${call.name}`, call)
    }
    return [...worst].map(([call, { name, stage, sinceMs, what }]) => ({
      subject: stage === 'write' ? name : call,
      sinceMs,
      text: `stalled: ${call} has not answered for ${durationWords(snapshot.atMs - sinceMs)} (${what})${blame(snapshot)}`,
    }))
  }
}

/** Those that do nothing more by themselves. What has stopped several is told once in full. */
const stoppedBranches = ({ branches }: RunSnapshot): readonly Stall[] => {
  const failed = branches.filter(({ state }) => state === 'failed')
  return failed.map(({ branch, reason, sinceMs }) => {
    const first = failed.find((one) => one.reason === reason)?.branch
    const text =
      first === branch ? `${branch} has stopped: ${reason}` : `${branch} has stopped, for the same reason as ${first}`
    return { subject: branch, text, sinceMs }
  })
}

const sumOf = (lines: readonly LagLine[], value: (line: LagLine) => number): number =>
  lines.reduce((sum, line) => sum + value(line), 0)

/** A branch that is silent because of a call that hangs is one stall: the call says more. */
const together = (silent: readonly Stall[], hanging: readonly Stall[]): readonly Stall[] => {
  const named = new Set(hanging.map(({ subject }) => subject))
  return [...hanging, ...silent.filter(({ subject }) => !named.has(subject))]
}

const remember = (
  last: BranchMemory | undefined,
  branch: BranchLine,
  { isUnread, closeMs }: { readonly isUnread: boolean; readonly closeMs: number },
  nowMs: number,
): BranchMemory => {
  const { committedAtMs } = branch
  const { received, deadLettered, dropped, applied } = branch.counters
  const settled = received + deadLettered + dropped + applied
  const moved = last === undefined || settled !== last.settled || committedAtMs !== last.committedAtMs
  const stillSinceMs = moved || !isUnread ? undefined : (last.stillSinceMs ?? nowMs)
  // What was collected by a longer bound is not late the moment that it becomes shorter.
  return { committedAtMs, settled, stillSinceMs, closeMs: moved ? closeMs : Math.max(closeMs, last.closeMs) }
}

const owesProgress = ({ state }: BranchLine): boolean => state !== 'paused' && state !== 'failed'

const silenceText = (branch: string, ms: number, events: number, snapshot: RunSnapshot): string =>
  `stalled: ${branch} has made nothing durable for ${durationWords(ms)}, ${countWords(events)} events wait${blame(snapshot)}`

/** A dependency that fails is the first suspect, and is named as such. */
const blame = ({ dependencies }: RunSnapshot): string => {
  const failing = dependencies.filter(({ state }) => state === 'failing').map(dependencyWords)
  return failing.length === 0 ? '' : `; ${failing.join(', ')}`
}

export const dependencyWords = ({ kind, name, state, reason }: DependencyLine): string => {
  const what = state === 'failing' ? 'does not answer' : `is ${state}`
  return `${kind} ${name} ${what}${reason === '' ? '' : ` (${reason})`}`
}

const readyAnswer = (snapshot: RunSnapshot, path: AlertPath): HealthAnswer => {
  const running = snapshot.workers.filter(({ state }) => state === 'running').length
  const reasons = [
    ...(snapshot.state === 'running' ? [] : [snapshot.state]),
    ...(snapshot.workers.length > 0 && running === 0 ? ['no worker is running'] : []),
    ...path.failing.map(({ channel, reason }) => `alerts do not get through by ${channel}: ${reason}`),
  ]
  return { ok: reasons.length === 0, reasons }
}
