/** Plays lists of steps, each until all is durable, with at most one crash at an effect counted over all of them. */
import { type CrashPoint, crashableResources, type TestStep } from 'spillway/testing'
import type { Resources, RunOutcome } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { startRun } from '../../topology/start-run.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { GivenPorts } from './given-ports.ts'

export interface Played {
  readonly resources: Resources
  /** Writing calls of all runs. */
  readonly effects: number
  readonly isCrashed: boolean
}

const runOnce = async (
  topology: Topology,
  given: GivenPorts,
  point: CrashPoint | undefined,
): Promise<{ readonly effects: number; readonly isCrashed: boolean }> => {
  const ports = crashableResources(given.resources, point)
  const options = { untilCaughtUp: true, clock: given.clock, random: seededRandom(1) }
  const work = async (): Promise<RunOutcome> => (await startRun(topology, ports, options)).ended
  const outcome = await given.drive(Promise.race([work(), ports.crashed]))
  if (outcome?.error !== undefined) throw outcome.error
  return { effects: ports.effects(), isCrashed: outcome === undefined }
}

export const playPhases = async (
  topology: Topology,
  phases: readonly (readonly TestStep[])[],
  point?: CrashPoint,
): Promise<Played> => {
  const given = new GivenPorts()
  let effects = 0
  let isCrashed = false
  for (const steps of phases) {
    given.append(steps)
    const left = point === undefined || isCrashed ? undefined : { ...point, effect: point.effect - effects }
    const ended = await runOnce(topology, given, left)
    effects += ended.effects
    if (!ended.isCrashed) continue
    isCrashed = true
    effects += (await runOnce(topology, given, undefined)).effects
  }
  return { resources: given.resources, effects, isCrashed }
}
