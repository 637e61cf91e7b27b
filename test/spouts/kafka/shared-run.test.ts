/** Several runs of one topology share a topic through their group, come and go under load, and nothing is lost or doubled (P3). */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partition } from '../../../topology/model/position.ts'
import type { NewRecord } from '../../../topology/model/record.ts'
import type { RunHandle } from '../../../topology/model/run-handle.ts'
import { serverOf } from '../../servers/server-of.ts'
import { createKafkaTopic, type KafkaTopic } from './kafka-topic.ts'
import { openTopicRuns, type TopicRuns } from './run-on-topic.ts'

const server = serverOf('kafka')
const partitions = 4

const until = async (isSo: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (const end = Date.now() + 40_000; !(await isSo()); await pause(100)) {
    if (Date.now() > end) throw new Error(`${what}: it did not come about in time`)
  }
}

describe.skipIf(server === undefined)('a shared run', { timeout: 120_000 }, () => {
  let topic: KafkaTopic
  let runs: TopicRuns
  beforeAll(async () => {
    topic = await createKafkaTopic(server!, partitions)
    runs = await openTopicRuns(server!, topic.name)
  }, 60_000)
  afterAll(async () => {
    await runs.close()
    await topic.remove()
  }, 60_000)

  let appended = 0
  const append = async (count: number): Promise<void> => {
    const record = (): NewRecord => {
      const n = appended++
      const value = Buffer.from(JSON.stringify({ kind: `kind ${n % 3}`, n }))
      return { key: null, headers: [], value, partition: partition(n % partitions) }
    }
    await runs.log.append(Array.from({ length: count }, record))
  }
  const lines = async (): Promise<number> => Object.values(await runs.counts()).reduce((sum, [count]) => sum + count, 0)
  const lanesOf = (run: RunHandle): readonly number[] =>
    run
      .status()
      .lanes.filter(({ sink }) => sink === 'counts')
      .map((lane) => lane.partition)

  test('members come, leave and end while events pour in: every event once, all in the end, no lag for tools', async () => {
    await append(400)
    const first = await runs.start()
    await until(async () => (await lines()) === 400, 'the first has all')
    const others = [await runs.start(), await runs.start()]
    let isOver = false
    const pour = (async () => {
      while (!isOver) await append(40).then(() => pause(50))
    })()
    await until(() => lanesOf(first).length <= 2 && others.every((run) => lanesOf(run).length >= 1), 'the three share')
    await first.stop()
    await until(() => others.reduce((sum, run) => sum + lanesOf(run).length, 0) === partitions, 'two have all')
    await others[0]!.stop()
    isOver = true
    await pour
    await until(async () => (await lines()) === appended, 'the last has caught up')
    const ends = await Promise.all([0, 1, 2, 3].map(async (one) => (await runs.log.bounds(partition(one))).end))
    await until(async () => (await topic.committed(runs.group)).join() === ends.join(), 'no lag is seen')
    expect(await lines()).toBe(appended)
    const counters = { received: appended, applied: appended, deadLettered: 0, dropped: 0 }
    expect(others[1]!.status().sinks['events']?.counters).toEqual(counters)
    expect((await others[1]!.stop()).state).toBe('stopped')
  })
})
