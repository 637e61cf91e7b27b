/** The scenes of scale: small ones that run with the tests, and the sizes of the goal, which take minutes. */
import { denseDeletes, longDeletes } from './deletes.ts'
import type { SceneResult } from './figures.ts'
import { longDay, manyCatchUps } from './length.ts'
import { takeovers } from './takeover.ts'
import { manyTenants } from './tenants.ts'
import { busyWidth, heavyProcess, idleWidth } from './width.ts'

export type Scenes = Readonly<Record<string, () => Promise<SceneResult>>>

export const smallScenes: Scenes = {
  'ten processes share many partitions': () => busyWidth([50, 100, 200], 10),
  'nothing comes in': () => idleWidth([50, 100, 200], 10),
  'one process has many partitions': () => heavyProcess([50, 200], 2),
  'a day of log': () => longDay([6, 12, 24]),
  'one catch-up after the other': () => manyCatchUps([2, 4, 8]),
  'more and more deletes': () => denseDeletes([500, 1_000, 2_000]),
  'many tenants': () => manyTenants([6, 12, 24]),
  'a process dies': () => takeovers([25, 50, 100]),
}

export const fullScenes: Scenes = {
  'ten processes share many partitions': () => busyWidth([50, 100, 200, 400], 60),
  'nothing comes in': () => idleWidth([50, 100, 200, 400], 60),
  'one process has many partitions': () => heavyProcess([50, 100, 200, 400], 5),
  'a day of log': () => longDay([3, 6, 12, 24]),
  'one catch-up after the other': () => manyCatchUps([2, 4, 8, 16]),
  'more and more deletes': () => denseDeletes([500, 1_000, 2_000, 4_000]),
  'deletes for hours': () => longDeletes([30, 60, 120]),
  'many tenants': () => manyTenants([25, 50, 100]),
  'a process dies': () => takeovers([50, 100, 200, 400]),
}
