/** A topic of a test's own on a real server, and the admin client of kafkajs to look at it from outside. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { KafkaServer } from '../../servers/server-of.ts'

export interface KafkaTopic {
  readonly name: string
  readonly group: string
  readonly kafka: Kafka
  readonly admin: Admin
  /** What is committed to a group, by partition; -1: nothing. */
  committed(group: string): Promise<readonly number[]>
  remove(): Promise<void>
}

const looksMax = 400

const isThere = (admin: Admin, topic: string): Promise<boolean> =>
  admin.fetchTopicOffsets(topic).then(
    () => true,
    () => false,
  )

export const createKafkaTopic = async (
  { brokers }: KafkaServer,
  numPartitions: number,
  configEntries: { name: string; value: string }[] = [],
): Promise<KafkaTopic> => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const name = `test-${randomUUID()}`
  await admin.createTopics({ topics: [{ topic: name, numPartitions, configEntries }], waitForLeaders: false })
  // A broker under load hears of its topics late. Other calls of the admin client look where the leaders are, and do not ask.
  for (let looks = 1; !(await isThere(admin, name)); looks += 1) {
    if (looks === looksMax) throw new Error(`the brokers do not make topic ${name}`)
    await pause(50)
  }
  return {
    name,
    group: `spillway.${name}`,
    kafka,
    admin,
    committed: async (groupId) => {
      const [offsets] = await admin.fetchOffsets({ groupId, topics: [name] })
      const sorted = [...(offsets?.partitions ?? [])].sort((left, right) => left.partition - right.partition)
      return sorted.map(({ offset }) => Number(offset))
    },
    remove: async () => {
      await admin.deleteTopics({ topics: [name] })
      await admin.disconnect()
    },
  }
}
