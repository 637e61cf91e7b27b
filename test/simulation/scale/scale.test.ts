/**
 * What the goal's installation (200 partitions, ten processes, 50,000 events a second, 5,000 tenants, 10,000 deletes an
 * hour, a day of log) asks of log, ledger, rows and objects, each with a bound, and none growing faster than linearly.
 * `node --conditions=spillway-source test/simulation/scale/main.ts --full` plays larger ones.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { problemsOf, type SceneResult, tableOf } from './figures.ts'
import { smallScenes } from './scenes.ts'

const results: SceneResult[] = []
afterAll(() => console.info(`what is asked of the stores -> bound\n${tableOf(results)}`))

describe.each(Object.entries(smallScenes))('when %s', (_, play) => {
  test('nothing exceeds its bound or grows faster than linearly (I-6)', async () => {
    const result = await play()
    results.push(result)
    expect(problemsOf(result)).toEqual([])
  }, 90_000)
})
