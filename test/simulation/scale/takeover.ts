/** One of ten processes dies under load: what the others read and write again, and how soon its partitions go on. */
import { column, type SceneResult } from './figures.ts'
import { inScaleWorld, type ScaleWorld } from './scale-world.ts'

const warmMs = 280_000
const afterMs = 30_000
const eventsPerSecond = 250
const bytesPerEvent = 1_000
// What is open is read again: of the objects, of the schema, of the rest. Those who stand close read it together.
const openMs = 300_000 + 60_000 + 1_000

interface Takeover {
  readonly taken: number
  readonly againBytes: number
  readonly againOfOne: number
  readonly resumedMs: number
  readonly rowsAgain: number
  readonly casOfTick: number
  readonly fetches: number
  readonly ledgerReads: number
}

const takeOver = async (world: ScaleWorld): Promise<Takeover> => {
  const { counts, log } = world
  counts.watched = ['store', 'totals']
  await world.advance(warmMs)
  const taken = world.runs[0]!.engine.partitions.map(({ partition }) => partition)
  const { againBytes, ledgerReads } = counts
  const { rowsAgain } = counts
  const diedMs = world.clock.nowMs()
  await world.kill()
  const ends = new Map(taken.map((one) => [one, log.endOf(one)]))
  const isResumed = (): boolean => {
    const runners = world.runs.flatMap(({ engine }) => engine.partitions)
    return taken.every((one) => {
      const { doc } = runners.find(({ partition }) => partition === one) ?? {}
      const lanes = Object.values(doc?.lanes ?? {}).filter(({ sink }) => sink === 'store' || sink === 'totals')
      return lanes.length > 0 && lanes.every(({ at }) => at > ends.get(one)!)
    })
  }
  const resumedMs = await world.until(isResumed, 250, 120_000)
  const readsAt = counts.ledgerReads - ledgerReads
  await world.advance(afterMs)
  const before = counts.fetches
  await world.advance(afterMs)
  return {
    taken: taken.length,
    againBytes: counts.againBytes - againBytes,
    againOfOne: (counts.againBytes - againBytes) / taken.length,
    resumedMs,
    rowsAgain: (counts.rowsAgain - rowsAgain) / taken.length,
    casOfTick: counts.burst(250, diedMs),
    fetches: (counts.fetches - before) / (afterMs / 1_000),
    ledgerReads: readsAt,
  }
}

export const takeovers = async (sizes: readonly number[]): Promise<SceneResult> => {
  const measured: Takeover[] = []
  const lingerMs = 10_000
  const knobs = { 'fetch.waitMs': 5_000 }
  for (const partitions of sizes)
    measured.push(await inScaleWorld({ partitions, processes: 10, lingerMs, sampleEvery: 1_250, knobs }, takeOver))
  const largest = sizes.at(-1)!
  const ofOne = (openMs / 1_000) * eventsPerSecond * bytesPerEvent
  return {
    scene: 'one of ten processes dies',
    of: 'partitions',
    sizes,
    figures: [
      column(measured, 'partitions taken over', (one) => one.taken, largest / 10, 'linear'),
      column(measured, 'bytes read again', (one) => one.againBytes, (largest / 10) * ofOne, 'linear'),
      column(measured, 'bytes read again for a partition', (one) => one.againOfOne, ofOne, 'level'),
      column(measured, 'rows of events and totals written again, for a partition', (one) => one.rowsAgain, 40, 'none'),
      column(measured, 'ms until events and totals go on', (one) => one.resumedMs, 25_000, 'none'),
      column(measured, 'compare-and-sets of one partition within a tick', (one) => one.casOfTick, 10, 'none'),
      column(measured, 'fetches a second afterwards', (one) => one.fetches, largest * 0.8, 'linear'),
      column(measured, 'documents read meanwhile', (one) => one.ledgerReads, largest * 8, 'none'),
    ],
  }
}
