/** Many tenants with many collections each: objects, rows and memory follow those that are at work, and nothing else. */
import { column, type SceneResult } from './figures.ts'
import { inScaleWorld, type ScaleWorld } from './scale-world.ts'

const collections = 20
const partitions = 4
const closesAnHour = 12
const warmMs = 2_000
const hours = 0.5

interface Tenants {
  readonly objectsAnHour: number
  readonly rowsPerEvent: number
  readonly bucketsAnHour: number
  readonly cataloguePerCollection: number
  readonly heldOfOutput: number
  readonly documentBytes: number
}

const measure = async (world: ScaleWorld, outputs: number): Promise<Tenants> => {
  const { counts } = world
  await world.advance(warmMs)
  // Shortly before the first objects are closed.
  await world.advance(290_000)
  const held = world.runs
    .flatMap(({ engine }) => engine.runners)
    .flatMap(({ lanes }) => [...lanes.values()])
    .filter(({ node }) => node.kind === 'objects')
    .reduce((sum, lane) => sum + lane.heldBytes(), 0)
  await world.advance(hours * 3_600_000 - 290_000)
  return {
    objectsAnHour: counts.objectsCreated / hours,
    rowsPerEvent: counts.rowWrites('store', 'totals', 'shapes', 'archive') / counts.fetchedRecords,
    bucketsAnHour: counts.rowWrites('store_buckets') / hours,
    cataloguePerCollection: counts.rowWrites('spillway_partitions') / outputs,
    heldOfOutput: held / outputs,
    documentBytes: counts.documentBytesMax,
  }
}

/** `sizes`: tenants of a partition; 25 are 5,000 over 200 partitions. */
export const manyTenants = async (sizes: readonly number[]): Promise<SceneResult> => {
  const measured: Tenants[] = []
  for (const tenants of sizes) {
    const outputs = tenants * collections * partitions
    const scene = { partitions, processes: 1, tenants: tenants * partitions, collections, lingerMs: 5_000 }
    // Each collection has some events in five minutes, so all of them are at work.
    const sampleEvery = Math.max(1, Math.floor((250 * 300) / (tenants * collections * 6)))
    measured.push(await inScaleWorld({ ...scene, sampleEvery }, (world) => measure(world, outputs)))
  }
  const largest = sizes.at(-1)! * collections * partitions
  return {
    scene: `tenants with ${collections} collections each, on ${partitions} partitions`,
    of: 'tenants of a partition',
    sizes,
    figures: [
      column(measured, 'objects an hour', (one) => one.objectsAnHour, largest * closesAnHour * 1.1, 'linear'),
      column(measured, 'bucket rows of the event store an hour', (one) => one.bucketsAnHour, largest * 4, 'linear'),
      column(measured, 'rows written for an event', (one) => one.rowsPerEvent, 4, 'level'),
      column(measured, 'catalogue rows for a collection', (one) => one.cataloguePerCollection, 8, 'level'),
      column(measured, 'bytes held for an open output', (one) => one.heldOfOutput, 4_000, 'level'),
      column(measured, 'bytes of a document', (one) => one.documentBytes, 4_000, 'level'),
    ],
  }
}
