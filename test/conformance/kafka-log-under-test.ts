/** Makes logs on a real Kafka for the conformance suite, each a topic of its own that is deleted after. */
import { Kafka } from 'kafkajs'
import { systemClock as clock, systemRandom as random } from '../../topology/engine/shell/system-clock.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { createKafkaTopic, openKafkaLog } from '../../topology/spouts/kafka/kafka-log.ts'
import type { EventLogUnderTest } from '../../topology/testing/conformance/event-log-under-test.ts'

const triesMax = 100

/** Until it succeeds: a topic under deletion is in the way for a moment. */
const eventually = async (work: () => Promise<boolean>): Promise<void> => {
  for (let tries = 1; !(await work()); tries += 1) {
    if (tries === triesMax) throw new Error('it does not come about')
    await clock.sleep(100)
  }
}

export const makeKafkaLog = (brokers: readonly string[]) => async (): Promise<EventLogUnderTest> => {
  const topic = `conformance-${Math.floor(random.next() * 1e12).toString(36)}`
  const options = { brokers, topic, clock, random }
  const admin = new Kafka({ brokers: [...brokers], logCreator: () => () => {} }).admin()
  await admin.connect()
  const opened: EventLog[] = []
  const open = async (): Promise<EventLog> => {
    const log = await openKafkaLog(options)
    opened.push(log)
    return log
  }
  const create = (): Promise<'created' | 'exists'> => createKafkaTopic({ ...options, partitions: 2 })
  await create()
  return {
    log: await open(),
    reopen: open,
    remake: async () => {
      await admin.deleteTopics({ topics: [topic] })
      await eventually(async () => (await create()) === 'created')
      return await open()
    },
    passTime: (ms) => clock.sleep(ms),
    expire: async (partition, before) => {
      // Loads the metadata that the next call needs.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: `${before}` }] })
    },
    dispose: async () => {
      for (const log of opened) await log.close()
      await admin.deleteTopics({ topics: [topic] })
      await admin.disconnect()
    },
  }
}
