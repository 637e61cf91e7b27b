/**
 * Puts together, once a second, what is known of a run: reports of whoever runs lanes, ledger documents, looks at the
 * log. Everything is handed in as plain data, the result is a snapshot that people and programs read; nothing decides
 * content by it.
 */
import { noCounters } from '../engine/ledger/document.ts'
import type { WaitingFor } from '../model/run-handle.ts'
import {
  type BranchLine,
  type BranchState,
  type DependencyLine,
  type LagLine,
  type RunSnapshot,
  snapshotFormat,
  type WorkerLine,
} from '../model/run-snapshot.ts'
import type { SinkKind } from '../model/sink.ts'
import type { OpenCall, WorkReport } from '../model/work-report.ts'
import { BranchWatch } from './branch-watch.ts'
import { overdueEvents } from './close-bound.ts'
import { CountedWork } from './counted-work.ts'
import { dependencyLines } from './dependency-lines.ts'
import { EndedStages } from './ended-stages.ts'
import { findBinding } from './find-binding.ts'
import { LagTracker, laneKeyOf, type ObservedPartition } from './lag-tracker.ts'
import { type StageRate, StageRates } from './stage-rates.ts'
import { TenantWatch } from './tenant-watch.ts'
import { VerdictWatch } from './verdict-watch.ts'

export interface ObserverInput
  extends Pick<
    RunSnapshot,
    'state' | 'profile' | 'settings' | 'pins' | 'tenantRules' | 'alerts' | 'startedAtMs' | 'process'
  > {
  readonly topology: string
  readonly nowMs: number
  readonly places: readonly ObservedPartition[]
  /** The newest of each reporter. */
  readonly reports: readonly WorkReport[]
  /** What the supervisor knows of its workers; empty: they are told by their reports. */
  readonly workers: readonly WorkerLine[]
  readonly waitingFor: readonly WaitingFor[]
  readonly deadLetters: number
  readonly rows: string
  readonly objects: string
  readonly knob: (name: string) => number
  readonly isPaused: (sink: string) => boolean
  readonly failureOf: (sink: string) => string | undefined
  /** How long requests to a dependency take, ms, where its port measures them. */
  readonly requestMs?: (kind: DependencyLine['kind'], name: string) => number | undefined
}

// What one row holds, and a person looks at.
const callsTold = 50

const endless: ReadonlySet<BranchState> = new Set(['failed', 'paused', 'stalled'])

export class Observer {
  readonly #lag = new LagTracker()
  readonly #branches = new BranchWatch()
  readonly #counted = new CountedWork()
  readonly #tenants = new TenantWatch()
  readonly #stages = new EndedStages()
  readonly #rates = new StageRates()
  readonly #verdict = new VerdictWatch()
  /** Ends of the log and positions, as they were last: what has come and was read is counted from the beginning of the watch. */
  #last: ReadonlyMap<string, number> = new Map()
  #come = 0
  #read = 0

  observe(input: ObserverInput): RunSnapshot {
    const { nowMs, places, reports, tenantRules } = input
    const kinds = kindsOf(places)
    const kindOf = (sink: string): SinkKind => kinds.get(sink) ?? 'custom'
    const { lag, branches } = this.#lagAndBranches(input)
    const stages = this.#stages.see(reports)
    const rates = this.#rates.note(stages, nowMs)
    const reported = reports.flatMap((one) => one.tenants)
    const tenants = this.#tenants.lines(reported, places, lag, tenantRules, nowMs)
    const calls = reports.flatMap((one) => one.calls).sort((left, right) => left.sinceMs - right.sinceMs)
    const totals = this.#totals(input, lag)
    const verdict = this.#verdict.verdict({
      ...{ nowMs, come: this.#come, read: this.#read, branches, tenants, calls: calls.filter(isWork) },
      // What is collected until an epoch closes is far from stuck.
      inFlight: sumOf(lag, (line) => (kindOf(line.branch) === 'objects' ? 0 : overdueEvents(line))),
    })
    const { state, startedAtMs, profile, settings, pins, alerts, topology, process } = input
    return {
      ...{ format: snapshotFormat, topology, process, state, startedAtMs, atMs: nowMs, profile, verdict, totals, lag },
      ...{ branches, tenants, stages, calls: calls.slice(0, callsTold), pins, tenantRules, alerts },
      ...(settings === undefined ? {} : { settings }),
      workers: input.workers.length > 0 ? input.workers : reports.map(workerOf),
      binding: findBinding({
        ...{ lag, rates, workers: Math.max(1, reports.filter(({ worker }) => worker > 0).length) },
        loopUsedRatio: mostOf(reports.map(({ loopUsedRatio }) => loopUsedRatio)),
        kindOf: (sink) => (kindOf(sink) === 'objects' ? 'objects' : 'rows'),
      }),
      deleteShare: deleteShareOf(rates),
      dependencies: dependencyLines({
        ...{ rates, waitingFor: input.waitingFor, branches, lag, kindOf, rows: input.rows, objects: input.objects },
        topics: [...new Set(places.map(({ topic }) => topic))],
        slowMs: slowMsOf(input.knob),
        // Who needs longer to write an epoch than to collect one cannot follow.
        slowEpochMs: { rows: input.knob('rows.deadlineMs') / 2, objects: input.knob('objects.ageMs') },
        ...(input.requestMs === undefined ? {} : { requestMs: input.requestMs }),
      }),
    }
  }

  /** A branch that stands still has no end, whatever it read in the last minutes. */
  #lagAndBranches(input: ObserverInput): Pick<RunSnapshot, 'lag' | 'branches'> {
    const { places, reports, nowMs, knob } = input
    const lanes = new Map(
      reports.flatMap((report) =>
        report.lanes.map((lane) => [laneKeyOf(lane.spout, lane.partition, lane.lane), lane] as const),
      ),
    )
    const lag = this.#lag.observe(places, lanes, nowMs, input.tenantRules)
    const bounds = { stallAfterMs: knob('stall.afterMs'), lateMs: knob('alert.lagMs') }
    const branches = this.#branches.lines({ ...input, lag, reports: lanes, drain: this.#lag, ...bounds })
    const still = new Set(branches.filter(({ state }) => endless.has(state)).map(({ branch }) => branch))
    const counted = this.#counted.see(places)
    const withoutEnd = <Line extends BranchLine | LagLine>(line: Line): Line =>
      still.has(line.branch) && line.lagEvents > 0 ? { ...line, etaMs: null } : line
    const withCounts = (line: (typeof branches)[number]): BranchLine => ({
      ...line,
      counted: counted.get(line.branch) ?? noCounters,
    })
    return { lag: lag.map(withoutEnd), branches: branches.map(withCounts).map(withoutEnd) }
  }

  #totals({ places, reports, deadLetters }: ObserverInput, lag: RunSnapshot['lag']): RunSnapshot['totals'] {
    // What is not there now is forgotten: a partition that comes back brings the work of others.
    const seen = new Map<string, number>()
    const grown = (key: string, value: number): number => {
      seen.set(key, value)
      return Math.max(0, value - (this.#last.get(key) ?? value))
    }
    for (const { spout, partition, end } of places) this.#come += grown(`end ${spout}/${partition}`, end)
    for (const line of lag) {
      const at = places.find(isAt(line))?.doc.lanes[line.lane]?.at ?? 0
      this.#read += grown(`lane ${laneKeyOf(line.spout, line.partition, line.lane)}`, at + line.heldEvents)
    }
    this.#last = seen
    const branches = [...Map.groupBy(lag, ({ branch }) => branch).values()]
    const most = (value: (line: RunSnapshot['lag'][number]) => number): number =>
      branches.reduce((high, own) => Math.max(high, sumOf(own, value)), 0)
    // Who only starts workers tells the budget that they share.
    const workers = reports.filter(({ worker }) => worker > 0)
    const holders = workers.length > 0 ? workers : reports
    return {
      // Branches read the same events, mostly at once.
      eventsPerSecond: most(({ eventsPerSecond }) => eventsPerSecond),
      bytesPerSecond: most(({ bytesPerSecond }) => bytesPerSecond),
      inFlightEvents: sumOf(lag, ({ heldEvents }) => heldEvents),
      heldBytes: sumOf(holders, ({ heldBytes }) => heldBytes),
      budgetBytes: sumOf(holders, ({ budgetBytes }) => budgetBytes),
      deadLetters,
    }
  }
}

const isAt =
  (line: RunSnapshot['lag'][number]) =>
  ({ spout, partition }: ObservedPartition): boolean =>
    spout === line.spout && partition === line.partition

const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0)

/** Of the CPU time of all stages in the last seconds. */
const deleteShareOf = (rates: readonly StageRate[]): number => {
  const whole = sumOf(rates, ({ cpuRatio }) => cpuRatio)
  const deletes = rates.filter(({ workClass }) => workClass === 'delete')
  return whole === 0 ? 0 : sumOf(deletes, ({ cpuRatio }) => cpuRatio) / whole
}

const mostOf = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

const kindsOf = (places: readonly ObservedPartition[]): ReadonlyMap<string, SinkKind> =>
  new Map(places.flatMap(({ doc }) => Object.entries(doc.sinks).map(([name, { kind }]) => [name, kind] as const)))

/** A fetch that is open waits at the end of the log, as a rule. */
const isWork = ({ stage }: OpenCall): boolean => stage !== 'fetch'

const slowMsOf = (knob: ObserverInput['knob']): Parameters<typeof dependencyLines>[0]['slowMs'] => ({
  log: knob('broker.latencyMs'),
  rows: knob('rows.deadlineMs') / 2,
  objects: knob('objects.deadlineMs') / 2,
  ledger: knob('rows.deadlineMs') / 2,
})

const workerOf = (report: WorkReport): WorkerLine => ({
  worker: report.worker,
  pid: report.pid,
  startedAtMs: report.startedAtMs,
  state: 'running',
  beatAtMs: report.atMs,
  lanes: report.lanes.length,
  rssBytes: report.rssBytes,
  heldBytes: report.heldBytes,
  budgetBytes: report.budgetBytes,
  loopDelayMs: report.loopDelayMs,
  replaced: 0,
  lastReason: '',
})
