/** Plays random schedules one after the other and compares every view with the recomputation of the log. */
import { testTopology } from 'spillway/testing'
import { messageOf } from '../../topology/model/spillway-error.ts'
import { type Difference, differenceOf } from './compare-views.ts'
import { partitions, randomSchedule } from './random-schedule.ts'
import { scheduleTopology } from './schedule-topology.ts'

/** What is wrong after the schedule of a seed, `undefined` when nothing is. */
export const differenceAfter = async (seed: number): Promise<Difference | undefined> => {
  const { steps, knobs } = randomSchedule(seed)
  try {
    return await differenceOf(await testTopology(scheduleTopology, { seed, partitions, knobs }).run(steps))
  } catch (error) {
    return { view: 'run', found: messageOf(error), wanted: 'an end' }
  }
}

/** Seeds from `first` on whose schedules differ, at most ten of them. */
export const playSchedules = async (
  first: number,
  count: number,
  each: (played: number) => void = () => undefined,
): Promise<readonly (readonly [seed: number, difference: Difference])[]> => {
  const failing: [number, Difference][] = []
  for (let seed = first; seed < first + count && failing.length < 10; seed++) {
    const difference = await differenceAfter(seed)
    if (difference !== undefined) failing.push([seed, difference])
    each(seed - first + 1)
  }
  return failing
}
