/** A snapshot of a run with one branch and one partition, as far as the controller looks at it. */
import type { DependencyLine, LagLine, RunSnapshot } from '../../../topology/model/run-snapshot.ts'

export interface FluidView {
  readonly atMs: number
  readonly lanes: readonly Pick<LagLine, 'laneClass' | 'lagEvents' | 'lagMs'>[]
  readonly dependencies?: readonly DependencyLine[]
  readonly heldBytes?: number
  readonly budgetBytes?: number
}

export const fluidSnapshot = ({
  atMs,
  lanes,
  dependencies = [],
  heldBytes = 0,
  budgetBytes = 1,
}: FluidView): RunSnapshot => ({
  format: 1,
  topology: 'fluid',
  process: 'host#1',
  state: 'running',
  startedAtMs: 0,
  atMs,
  profile: { mode: 'auto', name: 'realtime', sinceMs: 0, reason: '' },
  verdict: { kind: 'ok', text: '' },
  totals: { eventsPerSecond: 0, bytesPerSecond: 0, inFlightEvents: 0, heldBytes, budgetBytes, deadLetters: 0 },
  lag: lanes.map((lane, index) => ({ ...calmLane, ...lane, lane: index })),
  branches: [],
  tenants: [],
  workers: [],
  stages: [],
  calls: [],
  binding: null,
  dependencies,
  pins: [],
  tenantRules: [],
  alerts: [],
})

const calmLane: LagLine = {
  branch: 'archive',
  spout: 'events',
  topic: 'events',
  partition: 0,
  lane: 0,
  laneClass: 'live',
  tenant: 'all',
  lagEvents: 0,
  lagBytes: 0,
  ownEvents: 0,
  lagMs: 0,
  heldEvents: 0,
  heldMs: 0,
  eventsPerSecond: 0,
  bytesPerSecond: 0,
  slopeEventsPerSecond: 0,
  drainMultiple: null,
  etaMs: null,
  retentionMsLeft: null,
  mayRead: true,
}
