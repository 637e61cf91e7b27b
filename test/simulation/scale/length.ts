/** A long log: six hours of backlog, cut into ranges, and then a day; and many such catch-ups, one after the other. */
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { column, type SceneResult } from './figures.ts'
import { inScaleWorld, type ScaleOptions, type ScaleWorld } from './scale-world.ts'

const hourMs = 3_600_000
const ranges = 8
// A record each 20 seconds, a fetch each five minutes: what a document holds does not depend on how often it is written,
// nor on how many tenants are watched meanwhile, each second of a day.
const longLog: ScaleOptions = {
  partitions: 1,
  processes: 1,
  sampleEvery: 5_000,
  lingerMs: 300_000,
  tenants: 8,
  knobs: { 'fetch.partitionBytes': 16_777_216, 'fetch.waitMs': 5_000, 'catchUp.perPartitionRanges': ranges },
}

interface Size {
  readonly bytes: number
  readonly homes: number
  readonly lanes: number
}

const sizeOf = (documents: readonly LedgerDocument[]): Size => ({
  bytes: Math.max(...documents.map((doc) => JSON.stringify(doc).length)),
  homes: Math.max(
    ...documents.map(({ sinks }) => Object.values(sinks).reduce((sum, { homes }) => sum + homes.length, 0)),
  ),
  lanes: Math.max(...documents.map(({ lanes }) => Object.keys(lanes).length)),
})

const isAtEnd = (world: ScaleWorld, ends: readonly number[]): boolean =>
  world.documents().every(({ lanes }) => Object.values(lanes).every(({ at, to }) => at >= (to ?? 0))) &&
  world.runs[0]!.engine.partitions.every(({ doc, partition }) =>
    Object.values(doc.lanes).every(({ at }) => at >= ends[partition]!),
  )

/** Waits until what is behind is read, which the supervisor has cut into ranges; gives the virtual time that it took. */
const catchUp = async (world: ScaleWorld): Promise<number> => {
  const ends = Array.from({ length: world.options.partitions }, (_, one) => world.log.endOf(one))
  return world.until(() => isAtEnd(world, ends), 60_000, 6 * hourMs)
}

/** The document while a day goes by. */
export const longDay = async (hours: readonly number[]): Promise<SceneResult> => {
  // To be watched costs a third of a millisecond a second, whatever the document holds: a day of it is left out.
  const measured = await inScaleWorld({ ...longLog, pastMs: 6 * hourMs, watchFactor: 10 }, async (world) => {
    await world.advance(1_000)
    await catchUp(world)
    const sizes: Size[] = []
    const beganMs = world.clock.nowMs()
    for (const hour of hours) {
      await world.advance(beganMs + hour * hourMs - world.clock.nowMs())
      sizes.push(sizeOf(world.documents()))
    }
    return sizes
  })
  return {
    scene: `a day behind six hours of backlog in ${ranges} ranges`,
    of: 'hours',
    sizes: hours,
    figures: [
      column(measured, 'bytes of a document', (one) => one.bytes, 8_000, 'level'),
      column(measured, 'homes', (one) => one.homes, 4 * ranges, 'level'),
      column(measured, 'lanes', (one) => one.lanes, 4, 'level'),
    ],
  }
}

// 64 MB a second: an hour is not read before the supervisor has looked twice.
const slowLog: ScaleOptions = { ...longLog, fetchMs: 250 }

/** A process that is away for an hour, again and again; each time the supervisor cuts what is behind. */
export const manyCatchUps = async (times: readonly number[]): Promise<SceneResult> => {
  const measured: (Size & { readonly kept: number })[] = []
  for (const count of times)
    measured.push(
      await inScaleWorld(slowLog, async (world) => {
        for (let time = 0; time < count; time++) {
          await world.advance(1_000)
          await world.kill()
          await world.advance(hourMs)
          await world.startOne()
          await catchUp(world)
        }
        const [run] = world.runs
        const kept = Math.max(...run!.engine.partitions.map(({ lanes }) => lanes.size))
        return { ...sizeOf(world.documents()), kept }
      }),
    )
  const largest = times.at(-1)!
  return {
    scene: `catch-ups of an hour in ${ranges} ranges`,
    of: 'catch-ups',
    sizes: times,
    figures: [
      column(measured, 'bytes of a document', (one) => one.bytes, 3_000 + largest * ranges * 400, 'linear'),
      column(measured, 'homes', (one) => one.homes, largest * ranges * 4, 'linear'),
      column(measured, 'lanes', (one) => one.lanes, 4, 'level'),
      column(measured, 'runners of lanes in memory', (one) => one.kept, 64 + 4 * ranges, 'none'),
    ],
  }
}
