/** Members of a real group: shares, leaving, dropping out, and what tools see of it. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock, systemRandom } from '../../../topology/engine/shell/system-clock.ts'
import type { GroupMembership } from '../../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { GroupCoordinator, Member } from '../../../topology/spouts/kafka/group-coordinator.ts'
import { createKafkaClient } from '../../../topology/spouts/kafka/kafka-client.ts'
import type { KafkaClient } from '../../../topology/spouts/kafka/kafka-connection.ts'
import { createKafkaCoordinator } from '../../../topology/spouts/kafka/kafka-coordinator.ts'
import { joinKafkaGroup } from '../../../topology/spouts/kafka/kafka-group.ts'
import { decodeAssignment } from '../../../topology/spouts/kafka/subscription.ts'
import { serverOf } from '../../servers/server-of.ts'
import { createKafkaTopic, type KafkaTopic } from './kafka-topic.ts'

const server = serverOf('kafka')
const sessionMs = 2_500

interface Joined {
  readonly membership: GroupMembership
  readonly shares: (readonly number[])[]
  readonly failures: unknown[]
  readonly client: KafkaClient
}

const until = async (isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> => {
  for (const end = Date.now() + withinMs; !(await isSo()); await pause(20)) {
    if (Date.now() > end) throw new Error('it did not come about in time')
  }
}

describe.skipIf(server === undefined)('kafka group', { timeout: 60_000 }, () => {
  let topic: KafkaTopic
  const clients: KafkaClient[] = []
  beforeAll(async () => {
    topic = await createKafkaTopic(server!, 6)
  }, 60_000)
  afterAll(async () => {
    for (const client of clients) client.close()
    await topic.remove()
  })

  const join = (group: string, change: (real: GroupCoordinator) => GroupCoordinator = (real) => real): Joined => {
    const [shares, failures]: [(readonly number[])[], unknown[]] = [[], []]
    const client = createKafkaClient({ brokers: server!.brokers, clock: systemClock, random: systemRandom })
    clients.push(client)
    const membership = joinKafkaGroup({
      group,
      topic: topic.name,
      partitions: 6,
      coordinator: change(createKafkaCoordinator({ client, group, topic: topic.name, sessionMs })),
      clock: systemClock,
      random: systemRandom,
      listener: { assigned: (share) => shares.push(share), failed: (error) => failures.push(error) },
    })
    return { membership, shares, failures, client }
  }
  const has = (member: Joined, count: number): boolean => member.shares.at(-1)?.length === count

  test('two members share six partitions, what stays is never missing, and who is left has all again', async () => {
    const first = join(topic.group)
    await until(() => has(first, 6))
    const second = join(topic.group)
    await until(() => has(first, 3) && has(second, 3))
    expect([...first.shares.at(-1)!, ...second.shares.at(-1)!].sort()).toEqual([0, 1, 2, 3, 4, 5])
    const kept = first.shares.at(-1)!
    expect(first.shares.every((share) => kept.every((one) => share.includes(one)))).toBe(true)
    const leftAt = Date.now()
    await second.membership.leave()
    await until(() => has(first, 6))
    expect(Date.now() - leftAt).toBeLessThan(sessionMs)
    await first.membership.leave()
    expect([...first.failures, ...second.failures]).toEqual([])
  })

  test('a member that falls silent is replaced; when it wakes it learns so and is told a share again', async () => {
    const group = `${topic.group}.frozen`
    let wake: () => void = () => undefined
    let frozen: Promise<void> = Promise.resolve()
    const sleeper = join(group, (real) => {
      const beat = real.heartbeat.bind(real)
      return Object.assign(real, { heartbeat: (member: Member) => frozen.then(() => beat(member)) })
    })
    const other = join(group)
    await until(() => has(sleeper, 3) && has(other, 3))
    frozen = new Promise((resolve) => {
      wake = resolve
    })
    await until(() => has(other, 6))
    expect(has(sleeper, 3)).toBe(true)
    const before = sleeper.shares.length
    wake()
    await until(() => sleeper.shares.length > before && has(sleeper, 3) && has(other, 3))
    await Promise.all([sleeper.membership.leave(), other.membership.leave()])
  })

  test('a connection that breaks is made anew, and the share stays', async () => {
    const member = join(`${topic.group}.broken`, (real) => {
      const beat = real.heartbeat.bind(real)
      let beats = 0
      const heartbeat = (one: Member): Promise<void> =>
        ++beats === 2 ? Promise.reject(new Error('connection reset')) : beat(one)
      return Object.assign(real, { heartbeat })
    })
    await until(() => member.shares.length >= 2)
    expect(member.shares).toEqual(member.shares.map(() => [0, 1, 2, 3, 4, 5]))
    await member.membership.leave()
  })

  test('tools see members, shares and offsets, and offsets outlive the members', async () => {
    const group = `${topic.group}.seen`
    const members = [join(group), join(group)]
    await until(() => members.every((one) => has(one, 3)))
    await Promise.all(members.map(({ membership }) => membership.commit(new Map([[partition(1), offset(17)]]))))
    const { groups } = await topic.admin.describeGroups([group])
    expect(groups[0]).toMatchObject({ protocolType: 'consumer', state: 'Stable' })
    const shares = groups[0]!.members.map((one) => decodeAssignment(one.memberAssignment).get(topic.name)!)
    expect(shares.flat().sort()).toEqual([0, 1, 2, 3, 4, 5])
    for (const { membership } of members) await membership.leave()
    expect(await topic.committed(group)).toEqual([-1, 17, -1, -1, -1, -1])
  })

  test('a group of another program refuses us loudly', async () => {
    const group = `${topic.group}.foreign`
    const consumer = topic.kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic.name] })
    await consumer.run({ eachMessage: async () => undefined })
    await until(async () => (await topic.admin.describeGroups([group])).groups[0]!.state === 'Stable')
    const member = join(group)
    await until(() => member.failures.length === 1)
    expect(String(member.failures[0])).toContain('its members are of another program')
    await consumer.disconnect()
  })
})
