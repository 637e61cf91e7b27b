/** Many partitions, ten processes: what all of them ask of log, ledger and rows in a second, and what a partition costs. */
import { column, type SceneResult } from './figures.ts'
import { inScaleWorld, type ScaleWorld } from './scale-world.ts'
import { cpuMsOf, livingBytes } from './usage.ts'

const warmMs = 6_000
// As many schemas in any ten seconds, whenever a process has begun; the default is a minute.
const knobs = { 'epoch.schemaMs': 5_000 }
const ticksPerSecond = 4
/** As often as producers send, in these scenes. */
const fetchesPerSecond = 2
const views = ['store', 'totals', 'archive']

interface Rates {
  readonly cas: number
  /** Of the one that has most. */
  readonly casOfOne: number
  /** Within a tick; what a document had saved goes first. */
  readonly casOfTick: number
  readonly ledgerReads: number
  readonly ledgerBytes: number
  readonly fetches: number
  readonly rowsPerEvent: number
}

const ratesOf = async (world: ScaleWorld, seconds: number): Promise<Rates> => {
  await world.advance(warmMs)
  const { counts } = world
  const { ledgerReads, ledgerBytes, fetches, fetchedRecords, cas } = counts
  const rows = counts.rowWrites(...views)
  const beganMs = world.clock.nowMs()
  const before = new Map([...counts.partitions].map(([one, { casAtMs }]) => [one, casAtMs.length]))
  await world.advance(seconds * 1_000)
  const each = [...counts.partitions].map(([one, { casAtMs }]) => casAtMs.length - (before.get(one) ?? 0))
  return {
    cas: (counts.cas - cas) / seconds,
    casOfOne: Math.max(0, ...each) / seconds,
    casOfTick: counts.burst(1_000 / ticksPerSecond, beganMs),
    ledgerReads: (counts.ledgerReads - ledgerReads) / seconds,
    ledgerBytes: (counts.ledgerBytes - ledgerBytes) / seconds,
    fetches: (counts.fetches - fetches) / seconds,
    rowsPerEvent: (counts.rowWrites(...views) - rows) / Math.max(1, counts.fetchedRecords - fetchedRecords),
  }
}

/** Ten processes at work. */
export const busyWidth = async (sizes: readonly number[], seconds: number): Promise<SceneResult> => {
  const measured: Rates[] = []
  for (const partitions of sizes)
    measured.push(await inScaleWorld({ partitions, processes: 10, knobs }, (world) => ratesOf(world, seconds)))
  const largest = sizes.at(-1)!
  return {
    scene: 'ten processes at 250 events a second and partition',
    of: 'partitions',
    sizes,
    figures: [
      column(measured, 'compare-and-sets a second', (one) => one.cas, largest * 3, 'linear'),
      column(measured, 'of one partition, a second', (one) => one.casOfOne, ticksPerSecond, 'level'),
      column(measured, 'of one partition, within a tick', (one) => one.casOfTick, 1 + 4, 'level'),
      // What was just written is not read as well.
      column(measured, 'documents read a second', (one) => one.ledgerReads, largest * 0.1, 'none'),
      column(measured, 'bytes of documents written a second', (one) => one.ledgerBytes, largest * 10_000, 'linear'),
      column(measured, 'fetches a second', (one) => one.fetches, largest * fetchesPerSecond * 1.1, 'linear'),
      column(measured, 'rows written for an event', (one) => one.rowsPerEvent, 3, 'level'),
    ],
  }
}

/** Nothing comes in. */
export const idleWidth = async (sizes: readonly number[], seconds: number): Promise<SceneResult> => {
  const measured: Rates[] = []
  const eventsPerSecond = (): number => 0
  for (const partitions of sizes)
    measured.push(
      await inScaleWorld({ partitions, processes: 10, eventsPerSecond }, (world) => ratesOf(world, seconds)),
    )
  const largest = sizes.at(-1)!
  return {
    scene: 'ten processes, nothing comes in',
    of: 'partitions',
    sizes,
    figures: [
      column(measured, 'compare-and-sets a second', (one) => one.cas, 0, 'level'),
      column(measured, 'rows written', (one) => one.rowsPerEvent, 0, 'level'),
      column(measured, 'documents read a second', (one) => one.ledgerReads, largest * 0.6, 'linear'),
      column(measured, 'fetches a second', (one) => one.fetches, largest * 2.2, 'linear'),
    ],
  }
}

interface Cost {
  readonly cpuMs: number
  readonly bytes: number
}

/** One process has all partitions: what its machine is asked for. */
export const heavyProcess = async (sizes: readonly number[], seconds: number): Promise<SceneResult> => {
  const measured: Cost[] = []
  for (const partitions of sizes) {
    const before = livingBytes()
    const cost = await inScaleWorld({ partitions, processes: 1, lingerMs: 100 }, async (world) => {
      await world.advance(warmMs)
      const cpuMs = (await cpuMsOf(() => world.advance(seconds * 1_000))) / seconds
      return { cpuMs, bytes: livingBytes() - before }
    })
    measured.push(cost)
  }
  const largest = sizes.at(-1)!
  const cpuOfOne = (cost: Cost): number => cost.cpuMs / sizes[measured.indexOf(cost)]!
  return {
    scene: 'one process, ten fetches a second and partition',
    of: 'partitions',
    sizes,
    figures: [
      column(measured, 'ms of processor for a second', (one) => one.cpuMs, largest * 8, 'none'),
      // A machine that others use as well is not exact; what grows with the square would be four times as much.
      column(
        measured,
        'of one partition, relative to the smallest size',
        (one) => cpuOfOne(one) / cpuOfOne(measured[0]!),
        2.2,
        'none',
      ),
      column(measured, 'living bytes', (one) => one.bytes, largest * 1_000_000, 'none'),
    ],
  }
}
