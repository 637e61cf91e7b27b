/** Metrics of work: branches, stages with CPU and waiting apart, workers, and the stores that they depend on. */
import type { RunSnapshot, WorkerLine } from '../../model/run-snapshot.ts'
import type { StageReport } from '../../model/work-report.ts'
import type { Surroundings } from '../surroundings.ts'
import { alone, prometheusFamilies, seconds } from './prometheus-families.ts'
import type { MetricFamily, MetricSample } from './prometheus-text.ts'

export const branchFamilies = ({ branches, totals }: RunSnapshot): readonly MetricFamily[] => {
  const countedOf = (outcome: 'received' | 'applied' | 'deadLettered' | 'dropped'): readonly MetricSample[] =>
    branches.map(({ branch, counted }) => ({ labels: { branch }, value: counted[outcome] }))
  const committed = branches.map(({ branch, committedAtMs }) => ({ labels: { branch }, value: committedAtMs / 1_000 }))
  const states = branches.map(({ branch, state }) => ({ labels: { branch, state }, value: 1 }))
  return [
    ...prometheusFamilies('counter', [
      ['received_records', 'Records that lanes have committed.', countedOf('received')],
      ['applied_records', 'Records that were applied.', countedOf('applied')],
      ['dead_letter_records', 'Records that became dead letters.', countedOf('deadLettered')],
      ['dropped_records', 'Records that a delete matched before they were applied.', countedOf('dropped')],
    ]),
    ...prometheusFamilies('gauge', [
      ['committed_timestamp_seconds', 'When an epoch was last committed.', committed],
      ['branch_state', '1 for the state that the branch is in.', states],
      ['in_flight_events', 'Records between log and durable results.', alone(totals.inFlightEvents)],
      ['memory_held_bytes', 'Bytes held between log and stores.', alone(totals.heldBytes)],
      ['memory_budget_bytes', 'Bytes that may be held.', alone(totals.budgetBytes)],
    ]),
  ]
}

export const stageFamilies = ({ stages, calls, atMs }: RunSnapshot): readonly MetricFamily[] => {
  const of = (numberOf: (stage: StageReport) => number): readonly MetricSample[] =>
    stages.map((stage) => {
      const labels = { stage: stage.stage, name: stage.name, work_class: stage.workClass }
      return { labels, value: numberOf(stage) }
    })
  const ageOf = (sinceMs = atMs): number => Math.max(0, atMs - sinceMs) / 1_000
  const oldest = Math.max(0, ...calls.map(({ sinceMs }) => ageOf(sinceMs)))
  return [
    ...prometheusFamilies('counter', [
      ['stage_calls', 'Calls that ended.', of((stage) => stage.calls)],
      ['stage_records', 'Records in calls that ended.', of((stage) => stage.records)],
      ['stage_bytes', 'Bytes in calls that ended.', of((stage) => stage.bytes)],
      ['stage_cpu_seconds', 'CPU time.', of((stage) => stage.cpuMs / 1_000)],
      ['stage_wait_seconds', 'Time with a call open, without its CPU time.', of((stage) => stage.waitMs / 1_000)],
      ['stage_errors', 'Calls that failed.', of((stage) => stage.errors)],
    ]),
    ...prometheusFamilies('gauge', [
      ['stage_recent_mean_seconds', 'Of the calls of the last second.', of((stage) => stage.recentMeanMs / 1_000)],
      ['stage_recent_max_seconds', 'Of the calls of the last second.', of((stage) => stage.recentMaxMs / 1_000)],
      ['stage_in_flight_calls', 'Calls that have not ended.', of((stage) => stage.inFlight)],
      ['stage_oldest_call_seconds', 'Age of the oldest open call.', of((stage) => ageOf(stage.oldestSinceMs))],
      ['oldest_call_seconds', 'Age of the oldest open call of all.', alone(oldest)],
    ]),
  ]
}

export const workerFamilies = ({ workers }: RunSnapshot): readonly MetricFamily[] => {
  const of = (numberOf: (worker: WorkerLine) => number): readonly MetricSample[] =>
    workers.map((worker) => ({ labels: { worker: worker.worker }, value: numberOf(worker) }))
  const states = workers.map(({ worker, state }) => ({ labels: { worker, state }, value: 1 }))
  return [
    ...prometheusFamilies('gauge', [
      ['worker_rss_bytes', 'Resident memory.', of((worker) => worker.rssBytes)],
      ['worker_held_bytes', 'Bytes held between log and stores.', of((worker) => worker.heldBytes)],
      ['worker_budget_bytes', 'Bytes that it may hold.', of((worker) => worker.budgetBytes)],
      ['worker_loop_delay_seconds', 'Longest delay of the event loop.', of((worker) => worker.loopDelayMs / 1_000)],
      ['worker_lanes', 'Lanes that it runs.', of((worker) => worker.lanes)],
      ['worker_state', '1 for the state that it is in.', states],
    ]),
    ...prometheusFamilies('counter', [
      ['worker_replaced', 'How often it was replaced.', of((worker) => worker.replaced)],
    ]),
  ]
}

export const dependencyFamilies = (
  { dependencies }: RunSnapshot,
  { pools, disks }: Surroundings,
): readonly MetricFamily[] => {
  const named = <Line extends { readonly name: string }>(
    label: string,
    lines: readonly Line[],
    numberOf: (line: Line) => number,
  ): readonly MetricSample[] => lines.map((line) => ({ labels: { [label]: line.name }, value: numberOf(line) }))
  const up = dependencies.map(({ kind, name, state }) => ({
    labels: { kind, name },
    value: state === 'failing' ? 0 : 1,
  }))
  const latency = dependencies.map(({ kind, name, latencyMs }) => ({
    labels: { kind, name },
    value: seconds(latencyMs),
  }))
  return prometheusFamilies('gauge', [
    ['dependency_up', '1: it answers, if slowly. 0: calls fail.', up],
    ['dependency_latency_seconds', 'Mean of the last seconds.', latency],
    ['pool_used_calls', 'Calls to a store that are under way.', named('pool', pools, ({ used }) => used)],
    ['pool_limit_calls', 'Calls to a store that may be under way.', named('pool', pools, ({ limit }) => limit)],
    ['pool_waiting_calls', 'Calls that wait for a place.', named('pool', pools, ({ waiting }) => waiting)],
    ['disk_free_bytes', 'Free bytes of a file system.', named('disk', disks, ({ freeBytes }) => freeBytes)],
    ['disk_total_bytes', 'Size of a file system.', named('disk', disks, ({ totalBytes }) => totalBytes)],
  ])
}
