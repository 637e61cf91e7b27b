/**
 * What is going on, in one word and one sentence. A rise of connections once was read as an attack; they were real
 * requests that were not being finished. So a surge (more comes in, and it is finished) is told from a stall (no more
 * comes in, and nothing is finished) by what came in and what was finished, never by how much is open.
 */
import type { BranchLine, RunSnapshot, TenantLine } from '../model/run-snapshot.ts'
import type { OpenCall } from '../model/work-report.ts'
import { RateWindow } from './rate-window.ts'

export interface VerdictFacts {
  readonly nowMs: number
  /** Records that the log has taken, and that were read, since the beginning of the watch. */
  readonly come: number
  readonly read: number
  /** Read and not durable. */
  readonly inFlight: number
  readonly branches: readonly BranchLine[]
  readonly tenants: readonly TenantLine[]
  readonly calls: readonly OpenCall[]
}

type Count = 'come' | 'read' | 'lag'

const recentMs = 10_000
// Twice as much is a busy hour; three times is told.
const surgeFactor = 3
// Fewer records a second are nobody's surge.
const surgeLeast = 50
// What comes is usual once it has been seen for a minute.
const usualMs = 60_000
// More is open, and less gets through: each by so much, since the last half minute.
const risingBy = 1.3
const fallingBy = 0.8

export class VerdictWatch {
  readonly #counts = new RateWindow<Count>(['come', 'read'])
  /** In flight and rate of reading, by the second, for half a minute. */
  #recent: { readonly atMs: number; readonly inFlight: number; readonly rate: number }[] = []

  verdict(facts: VerdictFacts): RunSnapshot['verdict'] {
    const { nowMs, come, read, inFlight, branches } = facts
    this.#counts.note(nowMs, { come, read, lag: branches.reduce((sum, { lagEvents }) => sum + lagEvents, 0) })
    this.#recent.push({ atMs: nowMs, inFlight, rate: this.#counts.perSecond('read', recentMs) ?? 0 })
    this.#recent = this.#recent.filter(({ atMs }) => atMs >= nowMs - 3 * recentMs)
    return ofFailures(facts) ?? ofStalls(facts) ?? this.#saturated(facts) ?? this.#surge(facts) ?? ofLag(facts)
  }

  /** In flight rises while the rate falls: more is begun than is finished. It shows before any memory is full. */
  #saturated({ inFlight }: VerdictFacts): RunSnapshot['verdict'] | undefined {
    const [first] = this.#recent
    const last = this.#recent.at(-1)
    if (first === undefined || last === undefined || last.atMs - first.atMs < 2 * recentMs) return undefined
    const isRising = inFlight > 100 && inFlight > first.inFlight * risingBy
    const isFalling = first.rate > 0 && last.rate < first.rate * fallingBy
    // Who has caught up reads less as well.
    if ((this.#counts.perSecond('lag', recentMs) ?? 0) <= 0) return undefined
    if (!isRising || !isFalling) return undefined
    const grown = `${count(first.inFlight)} to ${count(inFlight)} events in flight`
    const text = `saturated: ${grown}, while ${count(first.rate)} a second became ${count(last.rate)}`
    return { kind: 'saturated', text }
  }

  #surge({ tenants }: VerdictFacts): RunSnapshot['verdict'] | undefined {
    const now = this.#counts.perSecond('come', recentMs) ?? 0
    const stretches = this.#counts.stretches('come', recentMs)
    const calm = medianOf(stretches.slice(0, -1)) ?? 0
    // Where nothing came as a rule, or nobody has looked for long, nothing is usual.
    if (this.#counts.spanMs < usualMs || calm < 1) return undefined
    if (now < surgeLeast || now < calm * surgeFactor) return undefined
    const times = `${count(now / calm)} x `
    const [most] = [...tenants].sort((left, right) => right.share - left.share)
    const whose =
      most === undefined || most.share < 0.1 ? '' : `, ${Math.round(most.share * 100)} % of it from ${most.tenant}`
    return { kind: 'surge', text: `surge: ${times}the usual input (${count(now)} events a second)${whose}` }
  }
}

const ofFailures = ({ branches }: VerdictFacts): RunSnapshot['verdict'] | undefined => {
  const failed = branches.filter(({ state }) => state === 'failed')
  return failed.length === 0
    ? undefined
    : { kind: 'failed', text: `failed: ${[...Map.groupBy(failed, ({ reason }) => reason)].map(oneCause).join('; ')}` }
}

/** What has stopped several branches is told once. */
const oneCause = ([reason, branches]: readonly [string, readonly BranchLine[]]): string =>
  `${branches.map(({ branch }) => branch).join(', ')} (${reason})`

const ofStalls = ({ branches, calls, nowMs }: VerdictFacts): RunSnapshot['verdict'] | undefined => {
  const stalled = branches.filter(({ state }) => state === 'stalled')
  if (stalled.length === 0) return undefined
  const names = new Set(stalled.map(({ branch }) => branch))
  const [oldest] = calls.filter(({ name, stage }) => names.has(name) || stage === 'bolt')
  const what =
    oldest === undefined ? '' : `; oldest call: ${oldest.stage} ${oldest.what}, ${seconds(nowMs - oldest.sinceMs)}`
  const text = `stalled: ${[...names].join(', ')}: ${stalled[0]!.reason}${what}`
  return { kind: 'stalled', text }
}

const ofLag = ({ branches, tenants }: VerdictFacts): RunSnapshot['verdict'] => {
  const behind = branches.filter(({ state }) => state === 'catching-up' || state === 'detached')
  const away = branches.filter(({ state }) => state === 'waiting')
  if (away.length > 0) return { kind: 'catching-up', text: `waiting: ${away[0]!.reason}` }
  // Drained, or with fewer partitions than processes: others may know more.
  if (branches.length === 0) return { kind: 'ok', text: 'no partition is read here' }
  if (behind.length === 0) return { kind: 'ok', text: `all branches follow the log${blockedText(tenants)}` }
  const events = Math.max(...behind.map(({ lagEvents }) => lagEvents))
  const names = behind.map(({ branch }) => branch).join(', ')
  const text = events === 0 ? `${names} (${behind[0]!.reason})` : `${names}, up to ${count(events)} events behind`
  return { kind: 'catching-up', text: `catching up: ${text}` }
}

/** What waits for a person is no trouble, and not to be forgotten. */
const blockedText = (tenants: readonly TenantLine[]): string =>
  tenants
    .filter(({ place, lagEvents }) => place.startsWith('blocked') && lagEvents > 0)
    .map(({ tenant, place, lagEvents }) => `; ${tenant} is ${place}, ${count(lagEvents)} events wait`)
    .join('')

const medianOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : [...values].sort((left, right) => left - right)[values.length >> 1]

const count = (value: number): string =>
  value >= 10 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 10) / 10)

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`
