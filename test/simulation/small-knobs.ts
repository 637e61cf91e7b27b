/** Knobs of the owners in a history, drawn from its seed. */
import type { Random } from '../../topology/model/ports/random.ts'

/** Lowest bounds, so that few records make many epochs. */
export const smallKnobs = (random: Random): Readonly<Record<string, number>> => ({
  'batch.records': 1 + Math.floor(random.next() * 4),
  'ledger.tickMs': 50,
  'epoch.ageMs': 100,
  'epoch.schemaMs': 1_000,
  'objects.ageMs': 1_000,
  'objects.idleMs': 1_000,
  'fetch.waitMs': random.next() < 0.2 ? 10 : 200,
  'retry.firstMs': 1,
  'retry.maxMs': 100,
  'delete.epochMs': 10,
  'delete.coalesceMs': Math.floor(random.next() * 4) * 50,
  'delete.rewriteMs': Math.floor(random.next() * 3) * 100,
})
