/** Snapshots as a test wants them: everything calm but for what it names. */
import type {
  BranchLine,
  DependencyLine,
  LagLine,
  RunSnapshot,
  TenantLine,
  WorkerLine,
} from '../../topology/model/run-snapshot.ts'
import type { StageReport } from '../../topology/model/work-report.ts'

export const startMs = Date.UTC(2026, 0, 1)

export const givenBranch = (more: Partial<BranchLine> = {}): BranchLine => ({
  branch: 'events',
  kind: 'events',
  namespace: null,
  state: 'ok',
  reason: '',
  sinceMs: startMs,
  isOrdered: false,
  counters: { received: 1_000, applied: 1_000, deadLettered: 0, dropped: 0 },
  counted: more.counters ?? { received: 1_000, applied: 1_000, deadLettered: 0, dropped: 0 },
  lagEvents: 0,
  lagBytes: 0,
  freshMs: 0,
  lagMs: 0,
  etaMs: null,
  drainEventsPerSecond: 0,
  committedAtMs: startMs,
  ...more,
})

export const givenLag = (more: Partial<LagLine> = {}): LagLine => ({
  branch: 'events',
  spout: 'events',
  topic: 'shop',
  partition: 0,
  lane: 0,
  laneClass: 'live',
  tenant: 'all',
  lagEvents: 0,
  lagBytes: 0,
  ownEvents: more.lagEvents ?? 0,
  lagMs: 0,
  heldEvents: 0,
  heldMs: 0,
  eventsPerSecond: 100,
  bytesPerSecond: 10_000,
  slopeEventsPerSecond: 0,
  drainMultiple: null,
  etaMs: null,
  retentionMsLeft: null,
  mayRead: true,
  ...more,
})

export const givenWorker = (more: Partial<WorkerLine> = {}): WorkerLine => ({
  worker: 1,
  pid: 4_711,
  startedAtMs: startMs,
  state: 'running',
  beatAtMs: startMs,
  lanes: 4,
  rssBytes: 100_000_000,
  heldBytes: 1_000_000,
  budgetBytes: 100_000_000,
  loopDelayMs: 2,
  replaced: 0,
  lastReason: '',
  ...more,
})

export const givenStage = (more: Partial<StageReport> = {}): StageReport => ({
  stage: 'write',
  name: 'events',
  workClass: 'live',
  calls: 10,
  records: 1_000,
  bytes: 100_000,
  cpuMs: 0,
  waitMs: 50,
  errors: 0,
  recentMeanMs: 5,
  recentMaxMs: 9,
  inFlight: 0,
  ...more,
})

export const givenDependency = (more: Partial<DependencyLine> = {}): DependencyLine => ({
  kind: 'rows',
  name: 'keen',
  state: 'ok',
  latencyMs: 3,
  reason: '',
  impact: [],
  ...more,
})

export const givenTenant = (more: Partial<TenantLine> = {}): TenantLine => ({
  tenant: 'acme',
  records: 100,
  bytes: 10_000,
  cpuMs: 5,
  deletes: 0,
  eventsPerSecond: 10,
  bytesPerSecond: 1_000,
  share: 0.1,
  lagEvents: 0,
  lagMs: 0,
  place: 'live',
  ...more,
})

export const givenSnapshot = (more: Partial<RunSnapshot> = {}): RunSnapshot => ({
  format: 1,
  topology: 'shop',
  process: 'host#1',
  state: 'running',
  startedAtMs: startMs,
  atMs: startMs,
  profile: { mode: 'auto', name: 'realtime', sinceMs: startMs, reason: '' },
  verdict: { kind: 'ok', text: 'all branches are up to date' },
  totals: {
    eventsPerSecond: 100,
    bytesPerSecond: 10_000,
    inFlightEvents: 0,
    heldBytes: 0,
    budgetBytes: 100_000_000,
    deadLetters: 0,
  },
  lag: [givenLag()],
  branches: [givenBranch()],
  tenants: [],
  workers: [givenWorker()],
  stages: [],
  calls: [],
  binding: null,
  dependencies: [],
  pins: [],
  tenantRules: [],
  alerts: [],
  ...more,
})

/** What the knobs are initially, so that a test tells only what it changes. */
export const givenKnob =
  (set: Readonly<Record<string, number>> = {}) =>
  (name: string): number => {
    const value = set[name] ?? initial[name]
    if (value === undefined) throw new RangeError(`no knob is named ${name}`)
    return value
  }

const initial: Readonly<Record<string, number>> = {
  'alert.usedRatio': 0.5,
  'alert.forMs': 60_000,
  'alert.lagMs': 30_000,
  'alert.testMs': 3_600_000,
  'retention.guardRatio': 0.5,
  'status.updateMs': 900_000,
  'canary.everyMs': 60_000,
  'catchUp.afterMs': 300_000,
  'stall.afterMs': 30_000,
  'loop.delayMs': 100,
  'epoch.ageMs': 1_000,
  'epoch.schemaMs': 60_000,
  'objects.ageMs': 300_000,
  'delete.rewriteMs': 10_000,
}
