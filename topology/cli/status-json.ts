/** The status of a topology for programs: stable keys; what only a running process knows is null or empty without one. */
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { DeleteStatus, TopologyStatus } from '../model/run-handle.ts'
import type { BranchLine, RunSnapshot } from '../model/run-snapshot.ts'
import { lostRangesJson } from './lost-text.ts'
import type { ReadStatus } from './read-status.ts'
import { tenantsText } from './tenants-text.ts'

export const openDeletes = ({ deletes }: TopologyStatus): number => deletes.filter(isOpen).length

/** With nothing left to be read, `partial` is for good. */
const isOpen = ({ state, remaining }: DeleteStatus): boolean =>
  state !== 'done' && state !== 'refused' && (state !== 'partial' || remaining > 0)

export const statusJson = (found: ReadStatus): JsonValue => ({
  topology: found.topology,
  state: found.state,
  told_at: found.toldAtMs === undefined ? null : formatTime(found.toldAtMs),
  sinks: Object.entries(found.sinks).map(([name, sink]) => ({
    sink: name,
    kind: sink.kind,
    retired: sink.retired,
    namespace: sink.namespace,
    received: sink.counters.received,
    applied: sink.counters.applied,
    dead_lettered: sink.counters.deadLettered,
    dropped: sink.counters.dropped,
    lag_events: sink.lagEvents,
    held_events: sink.heldEvents,
    last_committed_at: sink.committedAtMs === 0 ? null : formatTime(sink.committedAtMs),
  })),
  lanes: found.lanes.map((lane) => ({
    sink: lane.sink,
    spout: lane.spout,
    topic: lane.topic,
    partition: lane.partition,
    lane: String(lane.lane),
    tenant: tenantsText(lane.tenants),
    from: lane.from,
    to: lane.to,
    at: lane.at,
    declared: lane.declared,
    lag_events: lane.lagEvents,
    held_events: lane.heldEvents,
  })),
  open_deletes: openDeletes(found),
  lost: lostRangesJson(found.lost),
  waiting_for: found.waitingFor.map(({ resource, name, sinceMs, reason }) => ({
    resource,
    name,
    since: formatTime(sinceMs),
    reason,
  })),
  ...runningJson(found.snapshot),
  pins: found.pins.map(({ knob, value, author, reason, untilMs }) => ({
    ...{ knob, value, author, reason },
    until: untilText(untilMs),
  })),
  tenant_rules: found.tenantRules.map(({ tenant, branch, rule, eventsPerSecond, author, reason, untilMs }) => ({
    ...{ tenant, branch: branch ?? null, rule, events_per_second: eventsPerSecond ?? null, author, reason },
    until: untilText(untilMs),
  })),
  drained: found.drains.map(({ name, author, reason, atMs, untilMs }) => ({
    ...{ name, author, reason },
    since: formatTime(atMs),
    until: untilText(untilMs),
  })),
  paused_branches: found.pausedBranches.map(({ branch, author, reason, untilMs }) => ({
    ...{ branch, author, reason },
    until: untilText(untilMs),
  })),
})

const untilText = (untilMs: number | null): string | null =>
  untilMs === null || untilMs >= Number.MAX_SAFE_INTEGER ? null : formatTime(untilMs)

const timeOf = (atMs: number): string | null => (atMs <= 0 ? null : formatTime(atMs))

const runningJson = (snapshot: RunSnapshot | undefined): { readonly [key: string]: JsonValue } => ({
  verdict: snapshot === undefined ? null : { kind: snapshot.verdict.kind, text: snapshot.verdict.text },
  profile:
    snapshot === undefined
      ? null
      : {
          mode: snapshot.profile.mode,
          name: snapshot.profile.name,
          since: formatTime(snapshot.profile.sinceMs),
          reason: snapshot.profile.reason,
        },
  totals:
    snapshot === undefined
      ? null
      : {
          events_per_second: snapshot.totals.eventsPerSecond,
          bytes_per_second: snapshot.totals.bytesPerSecond,
          in_flight_events: snapshot.totals.inFlightEvents,
          held_bytes: snapshot.totals.heldBytes,
          budget_bytes: snapshot.totals.budgetBytes,
          dead_letters: snapshot.totals.deadLetters,
        },
  branches: (snapshot?.branches ?? []).map(branchJson),
  tenants: (snapshot?.tenants ?? []).map((one) => ({
    tenant: one.tenant,
    records: one.records,
    bytes: one.bytes,
    cpu_ms: one.cpuMs,
    deletes: one.deletes,
    events_per_second: one.eventsPerSecond,
    bytes_per_second: one.bytesPerSecond,
    share: one.share,
    lag_events: one.lagEvents,
    lag_ms: one.lagMs,
    place: one.place,
  })),
  workers: (snapshot?.workers ?? []).map((one) => ({
    process: one.process ?? snapshot?.process ?? '',
    worker: one.worker,
    pid: one.pid,
    state: one.state,
    started_at: timeOf(one.startedAtMs),
    beat_at: timeOf(one.beatAtMs),
    lanes: one.lanes,
    rss_bytes: one.rssBytes,
    held_bytes: one.heldBytes,
    budget_bytes: one.budgetBytes,
    loop_delay_ms: one.loopDelayMs,
    replaced: one.replaced,
    last_reason: one.lastReason,
  })),
  stages: (snapshot?.stages ?? []).map((one) => ({
    stage: one.stage,
    name: one.name,
    work_class: one.workClass,
    calls: one.calls,
    records: one.records,
    bytes: one.bytes,
    cpu_ms: one.cpuMs,
    wait_ms: one.waitMs,
    errors: one.errors,
    in_flight: one.inFlight,
    oldest_since: one.oldestSinceMs === undefined ? null : formatTime(one.oldestSinceMs),
  })),
  binding:
    snapshot?.binding === undefined || snapshot.binding === null
      ? null
      : {
          stage: snapshot.binding.stage,
          name: snapshot.binding.name,
          used_ratio: snapshot.binding.usedRatio,
          knob: snapshot.binding.knob,
          advice: snapshot.binding.advice,
        },
  dependencies: (snapshot?.dependencies ?? []).map((one) => ({
    kind: one.kind,
    name: one.name,
    state: one.state,
    latency_ms: one.latencyMs,
    failing_since: one.failingSinceMs === undefined ? null : formatTime(one.failingSinceMs),
    reason: one.reason,
    impact: [...one.impact],
  })),
  alerts: (snapshot?.alerts ?? []).map((one) => ({
    rule: one.rule,
    level: one.level,
    subject: one.subject,
    text: one.text,
    since: formatTime(one.sinceMs),
    symptom: one.symptom,
  })),
})

const branchJson = (one: BranchLine): JsonValue => ({
  branch: one.branch,
  kind: one.kind,
  namespace: one.namespace,
  state: one.state,
  reason: one.reason,
  since: formatTime(one.sinceMs),
  is_ordered: one.isOrdered,
  received: one.counters.received,
  applied: one.counters.applied,
  dead_lettered: one.counters.deadLettered,
  dropped: one.counters.dropped,
  lag_events: one.lagEvents,
  lag_bytes: one.lagBytes,
  fresh_ms: one.freshMs,
  lag_ms: one.lagMs,
  eta_ms: one.etaMs === null ? null : [...one.etaMs],
  last_committed_at: timeOf(one.committedAtMs),
})
