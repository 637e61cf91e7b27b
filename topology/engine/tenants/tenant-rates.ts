/**
 * Rates of tenants over a window, from the counts that whoever runs lanes reports every second. Fresh data only: what
 * live lanes and lanes of one tenant read; a backlog or a replay says nothing of who sends what now.
 */
import type { TenantReport } from '../../model/work-report.ts'
import type { TenantRate } from '../catch-up/lane-facts.ts'

/** Stands for all tenants behind the largest; it is nobody that could be diverted. */
export const otherTenants = '(other)'

interface Count {
  readonly records: number
  readonly bytes: number
}

interface Look {
  readonly atMs: number
  readonly counts: ReadonlyMap<string, Count>
}

// What counts as of late: long enough for a few batches of a slow lane.
const recentMs = 2_000
// Of fewer records chance decides whose they are.
const recentRecords = 100
// Looks that are kept: the longest window has one a second for a minute, and fewer beyond.
const looksMax = 64
// Those that are no longer told of are kept for a while: a worker that has not reported yet is no news.
const tenantsMost = 1_000

/** One partition's; told once a second. */
export class TenantRates {
  readonly #windowMs: () => number
  #looks: readonly Look[] = []
  /** As they were told last, by tenant. */
  #told = new Map<string, Count>()
  /** What they have grown by since the first look. */
  #sums = new Map<string, Count>()

  constructor(windowMs: () => number) {
    this.#windowMs = windowMs
  }

  add(reports: readonly TenantReport[], nowMs: number): void {
    const counts = new Map<string, Count>()
    for (const { laneClass, tenant, records, bytes } of reports) {
      if (laneClass !== 'live' && laneClass !== 'tenant') continue
      const sum = counts.get(tenant)
      counts.set(tenant, { records: records + (sum?.records ?? 0), bytes: bytes + (sum?.bytes ?? 0) })
    }
    for (const [tenant, count] of counts) this.#grow(tenant, count)
    if (this.#sums.size > tenantsMost) this.#forgetBut(counts)
    const windowMs = this.#windowMs()
    const last = this.#looks.at(-2)
    // Looks that follow each other too closely for the window make room for each other.
    const isClose = last !== undefined && this.#looks.length > 3 && nowMs - last.atMs < windowMs / looksMax
    const kept = isClose ? this.#looks.slice(0, -1) : this.#looks
    const first = Math.max(
      0,
      kept.findLastIndex(({ atMs }) => nowMs - atMs >= Math.max(windowMs, recentMs)),
    )
    this.#looks = [...kept.slice(first), { atMs: nowMs, counts: new Map(this.#sums) }]
  }

  /**
   * Several workers count, and the sum falls when one of them is gone: what the others counted long ago is nothing new then.
   * Whoever begins to count anew is counted from there on.
   */
  #grow(tenant: string, { records, bytes }: Count): void {
    const told = this.#told.get(tenant)
    const sum = this.#sums.get(tenant) ?? { records: 0, bytes: 0 }
    this.#told.set(tenant, { records, bytes })
    const isAnew = told !== undefined && records < told.records
    const before = isAnew ? { records, bytes } : (told ?? { records: 0, bytes: 0 })
    const grown = { records: records - before.records, bytes: Math.max(0, bytes - before.bytes) }
    this.#sums.set(tenant, { records: sum.records + grown.records, bytes: sum.bytes + grown.bytes })
  }

  #forgetBut(counts: ReadonlyMap<string, Count>): void {
    for (const tenant of this.#sums.keys()) {
      if (counts.has(tenant)) continue
      this.#sums.delete(tenant)
      this.#told.delete(tenant)
    }
  }

  /** At a time, or at the last look; nobody looks while nothing is read. The largest first. Nothing before two looks. */
  rates(nowMs?: number): readonly TenantRate[] {
    const looks = this.#looks
    const end = looks.at(-1)
    if (end === undefined) return []
    const last = { ...end, atMs: Math.max(end.atMs, nowMs ?? 0) }
    const windowMs = Math.max(this.#windowMs(), recentMs)
    const lookBefore = (ms: number): Look | undefined => looks.findLast(({ atMs }) => last.atMs - atMs >= ms)
    const first = lookBefore(windowMs) ?? looks[0]!
    const recent = lookBefore(recentMs) ?? first
    if (last.atMs <= first.atMs) return []
    const [whole, late] = [between(first, last), between(recent, last)]
    const [allBytes, lateBytes] = [bytesIn(whole), bytesIn(late)]
    const tells = recordsIn(late) >= recentRecords
    const seconds = (last.atMs - first.atMs) / 1_000
    return [...whole]
      .map(([tenant, { records, bytes }]) => ({
        tenant,
        eventsPerSecond: records / seconds,
        bytesPerSecond: bytes / seconds,
        share: ratio(bytes, allBytes),
        ...(tells ? { recentShare: ratio(late.get(tenant)?.bytes ?? 0, lateBytes) } : {}),
      }))
      .sort((left, right) => right.bytesPerSecond - left.bytesPerSecond)
  }
}

const between = (from: Look, to: Look): ReadonlyMap<string, Count> => {
  const counts = new Map<string, Count>()
  for (const [tenant, { records, bytes }] of to.counts) {
    const before = from.counts.get(tenant) ?? { records: 0, bytes: 0 }
    // Who was forgotten meanwhile has begun anew.
    const isAnew = records < before.records
    counts.set(tenant, isAnew ? { records, bytes } : { records: records - before.records, bytes: bytes - before.bytes })
  }
  return counts
}

const bytesIn = (counts: ReadonlyMap<string, Count>): number =>
  [...counts.values()].reduce((sum, { bytes }) => sum + bytes, 0)

const recordsIn = (counts: ReadonlyMap<string, Count>): number =>
  [...counts.values()].reduce((sum, { records }) => sum + records, 0)

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
