/** How long a topic of a real cluster keeps its records. */
import { Kafka } from 'kafkajs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock as clock, systemRandom as random } from '../../../topology/engine/shell/system-clock.ts'
import { openKafkaLog } from '../../../topology/spouts/kafka/kafka-log.ts'
import { serverOf } from '../../servers/server-of.ts'

const server = serverOf('kafka')

/** What a log tells of a topic with these settings. */
const retentionOf = async (settings: Readonly<Record<string, string>>): Promise<number | undefined> => {
  const { brokers } = server!
  const topic = `retention-${Math.floor(random.next() * 1e12).toString(36)}`
  const admin = new Kafka({ brokers: [...brokers], logCreator: () => () => {} }).admin()
  await admin.connect()
  onTestFinished(async () => {
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  })
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] })
  const log = await openKafkaLog({ brokers, topic, clock, random })
  onTestFinished(() => log.close())
  return await log.retentionMs!()
}

describe.skipIf(server === undefined)('a topic tells how long it keeps a record', () => {
  test('D18: the retention of the topic is read from the brokers', async () => {
    expect(await retentionOf({ 'retention.ms': '3600000' })).toBe(3_600_000)
  })

  test('D18: a topic that keeps everything, or drops by size alone, has no clock', async () => {
    expect(await retentionOf({ 'retention.ms': '-1', 'retention.bytes': '1000000' })).toBeUndefined()
  })
})
