/** The shipped truth beside the oracle of the tests, which shares no code with it, and beside what topologies have written. */
import { testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../topology/model/json.ts'
import { checkMoment } from '../../../topology/testing/simulation/invariants/check-moment.ts'
import { checkViews } from '../../../topology/testing/simulation/invariants/check-views.ts'
import { truthOf } from '../../../topology/testing/simulation/truth/truth-of.ts'
import { differenceOf } from '../../oracle/compare-views.ts'
import { trueId } from '../../oracle/is-deleted.ts'
import { partitions, randomSchedule } from '../../oracle/random-schedule.ts'
import { readWholeLog } from '../../oracle/read-whole-log.ts'
import { scheduleTopology } from '../../oracle/schedule-topology.ts'

test('the truth of 150 random schedules is that of the oracle, and what their views show (I-1, I-2, I-3, I-8)', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const { steps, knobs } = randomSchedule(seed)
    const result = await testTopology(scheduleTopology, { seed, partitions, knobs }).run(steps)
    // What the oracle says of sums and schemas, the views say; and so does the truth, below.
    expect(await differenceOf(result), `seed ${seed}`).toBeUndefined()
    const { logs } = result.resources
    const truth = await truthOf(scheduleTopology, logs)
    const whole = await readWholeLog(logs['events']!)
    const stored = truth.viewOf('store').stored!
    const bodies = stored.map(({ id, body }): JsonObject => ({ id, ...JSON.parse(body) }))
    expect(bodies, `seed ${seed}`).toEqual(whole.alive.map((event) => ({ id: trueId(event), ...event.body })))
    const rejects = truth.partitions.flatMap((one) => one.rejects.map(({ record }) => [one.partition, record.offset]))
    expect(rejects, `seed ${seed}`).toEqual(whole.rejects)
    const place = { topology: scheduleTopology, resources: result.resources, logs, isByPeople: () => false }
    await checkViews(place, { readings: 1 })
    await checkMoment(place)
  }
}, 60_000)
