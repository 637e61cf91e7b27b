/** Plays one night to its end: until the archive has been as late as on any day for a while, or the time is over. */
import { withTemporaryFolder } from '../../../topology/testing/with-temporary-folder.ts'
import { AprilWorld } from './april-world.ts'
import { type Audit, auditNight } from './audit-night.ts'
import { drawNight, hourMs, type Night } from './draw-night.ts'
import type { NightRecord } from './night-record.ts'
import { NightWatch } from './night-watch.ts'

export interface PlayedNight {
  readonly night: Night
  readonly record: NightRecord
  readonly audit: Audit
  readonly crashes: number
}

export interface PlayOptions {
  /** Beside those of the topology. */
  readonly knobs?: Readonly<Record<string, number | string>>
  /** When it is over at the latest, from the beginning of the spike on. */
  readonly mostMs?: number
  /** How often the process dies, at random places. Default: never. */
  readonly crashes?: number
  /** Told after each look. */
  readonly looked?: (world: AprilWorld, watch: NightWatch) => void
}

// What is left is read within it.
const settleMs = 6 * hourMs

export const playNight = (seed: number, options: PlayOptions = {}): Promise<PlayedNight> =>
  withTemporaryFolder(async (folder) => {
    const night = drawNight(seed)
    const { knobs = {}, mostMs = 8 * hourMs, crashes = 0, looked } = options
    const world = new AprilWorld(night, { folder, knobs, crashes })
    const watch = new NightWatch(world)
    await world.start()
    while (watch.drainedAtMs === undefined && world.clock.nowMs() - night.spike.fromMs < mostMs) {
      await world.step()
      await watch.look()
      looked?.(world, watch)
    }
    const record = await watch.record()
    await world.settle(settleMs)
    return { night, record, audit: await auditNight(world), crashes: world.crashes }
  })
