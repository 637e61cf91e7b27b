/**
 * Every planted fault: the refuted variants of PROTOCOL section 11, and others that are as plausible. Each is found by
 * the histories of its family, or, where these take too long for `npm test`, by a test that plays its counterexample;
 * those that cannot be written down here say why.
 */
import type { PlantedFamily } from './planted-families.ts'

export interface PlantedFault {
  readonly name: string
  readonly family: PlantedFamily
  /** The test that finds it at once. Absent: `npm test` plays histories until one does. */
  readonly test?: string
}

const foundIn = (family: PlantedFamily, ...names: readonly string[]): readonly PlantedFault[] =>
  names.map((name) => ({ name, family }))

/** Found by histories too, but not soon. */
const rare = (family: PlantedFamily, test: string, ...names: readonly string[]): readonly PlantedFault[] =>
  names.map((name) => ({ name, family, test: `test/${test}.test.ts` }))

/** Refuted variants of PROTOCOL section 11. */
export const plantedVariants: readonly PlantedFault[] = [
  ...foundIn(
    'orders',
    'undeclared',
    'read-one',
    'wall-clock-stamp',
    'stamp-is-offset',
    'no-turn',
    'unknown-is-success',
    'declare-with-stale-rules',
    'dead-letter-in-memory',
    'tenant-skip-in-memory',
    'cut-at-committed',
    'cut-in-two-steps',
    'create-unconditional',
    'undeclared-object-end',
    'cover-only-committed',
    'recover-with-latest-list',
    'register-after-commit',
    'delete-before-commit',
    'no-exclusion',
    'separate-minus-shard',
    'event-row-wall-clock',
    'retract-dead-lettered',
    'newborn-uses-old-cover',
    'forget-done-deletes',
    'source-own-cover',
    'release-early',
  ),
  ...foundIn('few', 'no-fence-check', 'cache-without-seq-check'),
  ...rare('orders', 'sinks/rows/refuted-variants', 'skip-without-rewrite'),
  ...rare('few', 'sinks/rows/refuted-variants', 'tombstone-empty-row', 'cache-of-unfinished-epoch'),
  ...rare('few', 'sinks/rows/retained-events', 'tombstone-event-row'),
  ...rare('few', 'sinks/objects/retract-objects', 'rewrite-unconditional'),
  ...rare('few', 'engine/refuted-lists', 'exclude-by-offset'),
]

/** Faults that the protocol does not name, and that somebody could make. */
export const plantedOthers: readonly PlantedFault[] = [
  ...foundIn(
    'orders',
    'lost-race-is-success',
    'turn-taken-from-delete',
    'counted-again-on-recovery',
    'home-joined-over-gap',
    'manifest-stamp-of-creation',
    'poison-without-letter',
    'delete-text-in-memory',
    'replay-without-namespace',
  ),
  ...rare('orders', 'engine/promote', 'promoted-unjudged'),
  ...rare('orders', 'dry-run', 'dry-run-opens-sinks'),
  ...foundIn('workers', 'permit-decides-content'),
  ...rare('orders', 'engine/ledger/replay-transitions', 'ordered-lanes-together'),
  ...rare('workers', 'engine/ledger/suspect-transition', 'suspect-kept'),
  ...rare('workers', 'workers/remote-ledger', 'verdict-of-another-document'),
  ...foundIn('few', 'bucket-known-too-early'),
  ...foundIn('shared', 'group-offset-of-declared'),
  ...foundIn('dedupe', 'token-in-memory'),
  ...foundIn('propagation', 'propagated-under-new-id'),
]

const inService = (test: string, ...names: readonly string[]): readonly PlantedFault[] =>
  names.map((name) => ({ name, family: 'orders', test: `test/${test}.test.ts` }))

/** Faults that change no result: something is late, grows, or is not told. No history can see them. */
export const plantedInService: readonly PlantedFault[] = [
  ...inService('audit-beside-run', 'audit-one-ledger'),
  ...inService('engine/catch-up', 'live-is-never-cut'),
  ...inService('sinks/rows/cassandra/bulkheads', 'reads-spend-writes'),
  ...inService('engine/in-flight', 'budget-ignored', 'fetches-unbounded', 'latency-ignored'),
  ...inService('engine/slow-sink', 'slow-sink-holds-all', 'stuck-tenant-holds-all'),
  ...inService(
    'workers/planted-losses',
    'drain-ignored',
    'loss-not-charged',
    'resting-keeps-slots',
    'silence-not-heard',
    'suspects-read-together',
  ),
]

const noRemoval = 'no port removes an object or a row, none writes or removes by range'
const noRebuild = 'every aggregate subtracts: no row is rebuilt'

/** Variants of PROTOCOL section 11 that cannot be written down, and why. */
export const unplantable: Readonly<Record<string, string>> = {
  'delete-empty-object': noRemoval,
  'range-shared-by-partitions': noRemoval,
  'range-not-waiting': noRemoval,
  'tombstone-wall-clock': noRemoval,
  'rebuild-source-behind': noRebuild,
  'rebuild-ignores-other-deletes': noRebuild,
}
