/**
 * What rules remember of a snapshot: a few numbers a second, for as long as a rate or a slope needs. Bounded: the oldest
 * sample leaves when the window is over, so that an hour costs as little as a minute.
 */
import type { RunSnapshot } from '../../model/run-snapshot.ts'
import type { Surroundings } from '../surroundings.ts'

export interface AlertSample {
  readonly atMs: number
  readonly lagEvents: ReadonlyMap<string, number>
  readonly eventsPerSecond: ReadonlyMap<string, number>
  /** Rejected so far, as this process has seen it, by branch, and by `operator: cause of tenant`. */
  readonly rejects: ReadonlyMap<string, number>
  /** Calls that failed so far, by stage and name. */
  readonly errors: ReadonlyMap<string, number>
  readonly received: ReadonlyMap<string, number>
  readonly replaced: ReadonlyMap<string, number>
  /** Of used shares, by rule and subject. */
  readonly used: ReadonlyMap<string, number>
  readonly backgroundDone: ReadonlyMap<string, number>
  readonly cpuMs: number
}

export const alertSampleOf = (
  snapshot: RunSnapshot,
  surroundings: Surroundings,
  last: AlertSample | undefined,
): AlertSample => {
  const cpuMs = snapshot.stages.reduce((sum, stage) => sum + stage.cpuMs, 0)
  const passed = last === undefined ? 0 : snapshot.atMs - last.atMs
  const spent = last === undefined ? 0 : cpuMs - last.cpuMs
  return {
    atMs: snapshot.atMs,
    lagEvents: new Map(snapshot.branches.map(({ branch, lagEvents }) => [branch, lagEvents])),
    eventsPerSecond: ratesOf(snapshot),
    rejects: new Map([
      ...snapshot.branches.map(({ branch, counted }) => [branch, counted.deadLettered] as const),
      ...surroundings.rejects.map((one) => [rejectKey(one), one.count] as const),
    ]),
    errors: sumBy(
      snapshot.stages,
      (stage) => `${stage.stage} ${stage.name}`,
      ({ errors }) => errors,
    ),
    received: new Map(snapshot.branches.map(({ branch, counted }) => [branch, counted.received])),
    replaced: new Map(snapshot.workers.map(({ worker, replaced }) => [String(worker), replaced])),
    used: usedOf(snapshot, surroundings, passed, spent),
    backgroundDone: new Map(surroundings.background.map((work) => [`${work.kind} ${work.name}`, work.done])),
    cpuMs,
  }
}

export const rejectKey = ({
  operator,
  cause,
  tenant,
}: {
  readonly operator: string
  readonly cause: string
  readonly tenant: string
}): string => `${operator}: ${cause}${tenant === '' ? '' : ` of ${tenant}`}`

const ratesOf = (snapshot: RunSnapshot): ReadonlyMap<string, number> =>
  sumBy(
    snapshot.lag,
    ({ branch }) => branch,
    ({ eventsPerSecond }) => eventsPerSecond,
  )

const sumBy = <One>(
  all: readonly One[],
  keyOf: (one: One) => string,
  numberOf: (one: One) => number,
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const one of all) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? 0) + numberOf(one))
  return sums
}

const usedOf = (
  snapshot: RunSnapshot,
  surroundings: Surroundings,
  passedMs: number,
  cpuMs: number,
): ReadonlyMap<string, number> => {
  const used = new Map<string, number>()
  for (const worker of snapshot.workers)
    if (worker.budgetBytes > 0) used.set(`memory/worker ${worker.worker}`, worker.heldBytes / worker.budgetBytes)
  const rss = snapshot.workers.reduce((sum, worker) => sum + worker.rssBytes, 0)
  if (surroundings.memoryLimitBytes > 0) used.set('memory/machine', rss / surroundings.memoryLimitBytes)
  // Workers that were replaced begin at 0 again: that second tells nothing.
  const cores = Math.max(1, snapshot.workers.filter(({ state }) => state === 'running').length)
  if (passedMs > 0 && cpuMs >= 0) used.set('cpu/workers', cpuMs / passedMs / cores)
  for (const pool of surroundings.pools) if (pool.limit > 0) used.set(`pool/${pool.name}`, pool.used / pool.limit)
  for (const disk of surroundings.disks)
    if (disk.totalBytes > 0) used.set(`disk/${disk.name}`, 1 - disk.freeBytes / disk.totalBytes)
  return used
}
