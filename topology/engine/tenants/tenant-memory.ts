/**
 * What the planner of tenants remembers between two looks at a partition, as plain data: how far the lanes were, how much
 * of a default limit each tenant has left, and since when a diverted tenant is calm.
 *
 * Forgetting it loses nothing but a few seconds: everything that counts stands in the ledger document.
 */
import type { LaneFacts, PartitionFacts } from '../catch-up/lane-facts.ts'

interface SeenLane extends Pick<LaneFacts, 'position' | 'lagMs'> {
  readonly atMs: number
}

export interface SeenTenant {
  /** Events that it may still send before the default limit counts; below 0: it is over it. */
  readonly tokens: number
  /** Since when its lanes are caught up and it keeps to its share. */
  readonly calmSinceMs?: number
  /** How often it came back and had to go again, and when the last time was. */
  readonly returns: number
  readonly returnedAtMs: number
}

export interface TenantMemory {
  readonly lookedAtMs: number
  readonly lanes: ReadonlyMap<number, SeenLane>
  readonly tenants: ReadonlyMap<string, SeenTenant>
  /** Lanes that were made to stand still for a decision. */
  readonly held: ReadonlySet<number>
  /** Those of them that could not follow. */
  readonly late: ReadonlySet<number>
  /** When lanes were parted, joined or held last, ms since 1970. */
  readonly changedAtMs: number
}

export const noTenantMemory: TenantMemory = {
  lookedAtMs: Number.NEGATIVE_INFINITY,
  lanes: new Map(),
  tenants: new Map(),
  held: new Set(),
  late: new Set(),
  changedAtMs: Number.NEGATIVE_INFINITY,
}

// A lane in good health stands a tenth of a second behind; the delay of fresh data is a second (`epoch.ageMs`).
const behindMs = 500
// A few records that wait for a fetch are no lag.
const behindEvents = 10
// While a proposal goes through the ledger, a lane reads on: what is cut below its place would be read once more.
const decisionMs = 400

// A partition that follows is not looked at; what was seen longer ago says nothing.
const staleMs = 3_000

/**
 * Whether a lane cannot follow what comes: it is late and not on its way back. One that nobody has looked at was not late;
 * one that was just made, or stood still, is late for that reason. One that stands still because it is late stays so, or
 * nothing would come of its waiting.
 */
export const isBehind = (memory: TenantMemory, id: number, lane: LaneFacts, nowMs: number): boolean => {
  if (!lane.isServed || lane.lagMs < behindMs || lane.lagEvents < behindEvents) return false
  if (memory.held.has(id)) return memory.late.has(id)
  const before = memory.lanes.get(id)
  if (before === undefined || nowMs - before.atMs > staleMs) return nowMs - memory.changedAtMs > staleMs
  return lane.lagMs >= Math.min(before.lagMs, behindMs * 4)
}

export interface PartingPlace {
  /** Absent: they have to stand still first. */
  readonly at?: number
  /** Lanes that stand still until the decision is in the ledger. */
  readonly held: readonly number[]
}

/**
 * Where lanes may be parted or joined so that nothing they have read is lost: what they read until the ledger has decided
 * lies before that. Where it would have to be behind the end of the log they are held, and parted where they stand.
 */
export const partingPlace = (
  memory: TenantMemory,
  lanes: readonly { readonly id: number; readonly facts: LaneFacts }[],
  facts: Pick<PartitionFacts, 'nowMs' | 'end'>,
): PartingPlace => {
  const held = lanes.map(({ id }) => id)
  const position = Math.max(...lanes.map((one) => one.facts.position))
  if (held.every((id) => memory.held.has(id))) return { at: position, held }
  const ahead = Math.max(...lanes.map((one) => readMeanwhile(memory, one.id, one.facts, facts.nowMs)))
  // What has not been seen twice may be fast.
  const isKnown = lanes.every(
    ({ id, facts: { eventsPerSecond } }) => memory.lanes.has(id) || eventsPerSecond !== undefined,
  )
  return isKnown && position + ahead <= Math.max(facts.end, position) ? { at: position + ahead, held: [] } : { held }
}

/** Records that a lane reads until a decision about it is in the ledger. */
export const readMeanwhile = (memory: TenantMemory, id: number, lane: LaneFacts, nowMs: number): number => {
  const before = memory.lanes.get(id)
  const seen =
    before === undefined || nowMs <= before.atMs ? 0 : (lane.position - before.position) / (nowMs - before.atMs)
  return Math.ceil(Math.max(0, seen, (lane.eventsPerSecond ?? 0) / 1_000) * decisionMs)
}

export const remember = (
  { lanes: seen, nowMs }: PartitionFacts,
  change: Omit<TenantMemory, 'lookedAtMs' | 'lanes'>,
): TenantMemory => {
  const lanes = new Map<number, SeenLane>()
  for (const [id, { position, lagMs }] of seen) lanes.set(id, { position, lagMs, atMs: nowMs })
  return { ...change, lookedAtMs: nowMs, lanes }
}
