/**
 * The snapshots of all processes that run a topology as one: each tells of its own partitions, so most is put side by
 * side or added; where two tell of the same lane during a change of hands, the one that has read further counts.
 */
import { addCounters } from '../engine/ledger/document.ts'
import { profileNames } from '../model/knobs/profiles.ts'
import type {
  BranchLine,
  BranchState,
  DependencyLine,
  LagLine,
  RunSnapshot,
  TenantLine,
} from '../model/run-snapshot.ts'
import { laneKeyOf } from './lag-tracker.ts'
import { addedStages } from './stage-rates.ts'

const worstFirst: readonly BranchState[] = ['failed', 'stalled', 'waiting', 'paused', 'detached', 'catching-up', 'ok']
const hardestFirst: readonly string[] = profileNames.toReversed()
const statesBusiestFirst: readonly RunSnapshot['state'][] = ['running', 'stopping', 'drained']
const verdictsWorstFirst: readonly RunSnapshot['verdict']['kind'][] = [
  'failed',
  'stalled',
  'saturated',
  'surge',
  'catching-up',
  'ok',
]

const idleOf = ({ branches }: RunSnapshot): number => (branches.length === 0 ? 1 : 0)

/** `undefined` of none. */
export const mergeSnapshots = (told: readonly RunSnapshot[]): RunSnapshot | undefined => {
  const snapshots = byProcess(told)
  const [first] = snapshots
  if (first === undefined || snapshots.length === 1) return first
  const all = <Item>(items: (one: RunSnapshot) => readonly Item[]): readonly Item[] => snapshots.flatMap(items)
  return {
    ...first,
    process: snapshots.map(({ process }) => process).join(', '),
    // The whole is drained when all of them are.
    state: worst(
      snapshots.map(({ state }) => state),
      statesBusiestFirst,
      (state) => state,
    ),
    profile: mergedProfile(snapshots),
    atMs: Math.max(...snapshots.map(({ atMs }) => atMs)),
    deleteShare: Math.max(...snapshots.map(({ deleteShare = 0 }) => deleteShare)),
    startedAtMs: Math.min(...snapshots.map(({ startedAtMs }) => startedAtMs)),
    // Who holds no partition knows less.
    verdict: worst(
      [...snapshots].sort((left, right) => idleOf(left) - idleOf(right)).map(({ verdict }) => verdict),
      verdictsWorstFirst,
      ({ kind }) => kind,
    ),
    totals: mergedTotals(snapshots.map(({ totals }) => totals)),
    lag: mergedLag(all(({ lag }) => lag)),
    branches: groups(
      all(({ branches }) => branches),
      ({ branch }) => branch,
    ).map(mergedBranch),
    tenants: mergedTenants(all(({ tenants }) => tenants)),
    workers: all(({ process, workers }) => workers.map((one) => ({ ...one, process }))),
    stages: addedStages(snapshots),
    calls: [...all(({ calls }) => calls)].sort((left, right) => left.sinceMs - right.sinceMs),
    binding: bindingOf(snapshots),
    dependencies: groups(
      all(({ dependencies }) => dependencies),
      ({ kind, name }) => `${kind} ${name}`,
    ).map(mergedDependency),
    pins: groups(
      all(({ pins }) => pins),
      ({ knob }) => knob,
    ).map((some) => some[0]!),
    tenantRules: groups(
      all(({ tenantRules }) => tenantRules),
      (one) => `${one.tenant} ${one.branch ?? ''} ${one.rule}`,
    ).map((some) => some[0]!),
    alerts: groups(
      all(({ alerts }) => alerts),
      ({ rule, subject }) => `${rule} ${subject}`,
    ).map((some) => some[0]!),
  }
}

/** Whoever has told last is another one with every look: what can be told of one only is told of the same. */
export const byProcess = (snapshots: readonly RunSnapshot[]): readonly RunSnapshot[] =>
  [...snapshots].sort((left, right) => (left.process < right.process ? -1 : Number(left.process > right.process)))

/** The hardest one, and whose it is where they differ. */
const mergedProfile = (snapshots: readonly RunSnapshot[]): RunSnapshot['profile'] => {
  const { profile, process } = worst(snapshots, hardestFirst, (one) => one.profile.name)
  if (snapshots.every((one) => one.profile.name === profile.name)) return profile
  return { ...profile, reason: `${profile.reason} (${process})` }
}

const groups = <Item>(items: readonly Item[], key: (item: Item) => string): readonly (readonly [Item, ...Item[]])[] =>
  [...Map.groupBy(items, key).values()].map(([first, ...rest]) => [first!, ...rest])

const worst = <Item, Kind>(items: readonly Item[], order: readonly Kind[], kind: (item: Item) => Kind): Item =>
  items.reduce((bad, one) => (order.indexOf(kind(one)) < order.indexOf(kind(bad)) ? one : bad))

const mergedTotals = (some: readonly RunSnapshot['totals'][]): RunSnapshot['totals'] => {
  const sum = (value: (one: RunSnapshot['totals']) => number): number =>
    some.reduce((total, one) => total + value(one), 0)
  return {
    eventsPerSecond: sum((one) => one.eventsPerSecond),
    bytesPerSecond: sum((one) => one.bytesPerSecond),
    inFlightEvents: sum((one) => one.inFlightEvents),
    heldBytes: sum((one) => one.heldBytes),
    budgetBytes: sum((one) => one.budgetBytes),
    deadLetters: sum((one) => one.deadLetters),
  }
}

const mergedLag = (lines: readonly LagLine[]): readonly LagLine[] =>
  groups(lines, ({ spout, partition, lane }) => laneKeyOf(spout, partition, lane)).map((some) =>
    some.reduce((least, one) => (one.lagEvents < least.lagEvents ? one : least)),
  )

const mergedBranch = (some: readonly [BranchLine, ...BranchLine[]]): BranchLine => {
  const bad = worst(some, worstFirst, ({ state }) => state)
  const most = (value: (one: BranchLine) => number): number => Math.max(...some.map(value))
  const etas = some.map(({ etaMs }) => etaMs)
  const known = etas.filter((eta) => eta !== null)
  return {
    ...bad,
    counters: some.map(({ counters }) => counters).reduce(addCounters),
    counted: some.map(({ counted }) => counted).reduce(addCounters),
    lagEvents: some.reduce((sum, { lagEvents }) => sum + lagEvents, 0),
    lagBytes: some.reduce((sum, { lagBytes }) => sum + lagBytes, 0),
    drainEventsPerSecond: some.reduce((sum, one) => sum + one.drainEventsPerSecond, 0),
    freshMs: most(({ freshMs }) => freshMs),
    lagMs: most(({ lagMs }) => lagMs),
    committedAtMs: most(({ committedAtMs }) => committedAtMs),
    // The branch is done when the last process is.
    etaMs:
      known.length < etas.length
        ? null
        : [Math.max(...known.map(([low]) => low)), Math.max(...known.map(([, high]) => high))],
  }
}

const mergedTenants = (lines: readonly TenantLine[]): readonly TenantLine[] => {
  const merged = groups(lines, ({ tenant }) => tenant).map((some): TenantLine => {
    const sum = (value: (one: TenantLine) => number): number => some.reduce((total, one) => total + value(one), 0)
    const newOperations = [...new Set(some.flatMap((one) => one.newOperations ?? []))]
    return {
      ...(newOperations.length === 0 ? {} : { newOperations }),
      tenant: some[0].tenant,
      records: sum((one) => one.records),
      bytes: sum((one) => one.bytes),
      cpuMs: sum((one) => one.cpuMs),
      deletes: sum((one) => one.deletes),
      eventsPerSecond: sum((one) => one.eventsPerSecond),
      bytesPerSecond: sum((one) => one.bytesPerSecond),
      share: 0,
      lagEvents: sum((one) => one.lagEvents),
      lagMs: Math.max(...some.map(({ lagMs }) => lagMs)),
      place: some.find(({ place }) => place !== 'live')?.place ?? 'live',
    }
  })
  const whole = merged.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
  return merged
    .map((one) => ({ ...one, share: whole > 0 ? one.bytesPerSecond / whole : 0 }))
    .sort((left, right) => right.bytesPerSecond - left.bytesPerSecond)
}

const mergedDependency = (some: readonly [DependencyLine, ...DependencyLine[]]): DependencyLine => {
  const bad = worst(some, ['failing', 'slow', 'ok'] as const, ({ state }) => state)
  return { ...bad, impact: [...new Set(some.flatMap(({ impact }) => impact))].sort() }
}

/** Of the process that has most to do. */
const bindingOf = (snapshots: readonly RunSnapshot[]): RunSnapshot['binding'] => {
  const lagOf = ({ lag }: RunSnapshot): number => lag.reduce((sum, { lagEvents }) => sum + lagEvents, 0)
  const bound = snapshots.filter(({ binding }) => binding !== null)
  return bound.sort((left, right) => lagOf(right) - lagOf(left))[0]?.binding ?? null
}
