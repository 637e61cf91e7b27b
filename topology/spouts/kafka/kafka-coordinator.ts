/**
 * The coordinator of a group on real brokers: found, connected to and asked over a connection that nothing else uses,
 * since a join waits for the other members and holds up whatever else travels with it.
 *
 * A connection that failed is closed and forgotten by `reset`; the next call begins at any broker that answers.
 */
import type { Offset, Partition } from '../../model/position.ts'
import type { GroupCoordinator, Joined, Member } from './group-coordinator.ts'
import type { KafkaClient, KafkaConnection } from './kafka-connection.ts'
import { readTopicMetadata } from './topic-metadata.ts'

export interface KafkaCoordinatorOptions {
  readonly client: Pick<KafkaClient, 'connect'>
  readonly group: string
  readonly topic: string
  /** Default 6,000: the least that brokers allow unless they are told otherwise. */
  readonly sessionMs?: number
}

const sessionMsDefault = 6_000
// How members agree on an assignment; a group whose members know no common way refuses the later ones.
const protocol = 'spillway-sticky'

class KafkaCoordinator implements GroupCoordinator {
  readonly #options: KafkaCoordinatorOptions
  #found: Promise<KafkaConnection> | undefined
  #isJoining = false
  #isClosed = false

  constructor(options: KafkaCoordinatorOptions) {
    this.#options = options
  }

  async join(memberId: string, subscription: Uint8Array): Promise<Joined> {
    const { group: groupId, sessionMs = sessionMsDefault } = this.#options
    const { requests } = await this.#connected()
    this.#isJoining = true
    try {
      const answer = await requests.joinGroup({
        groupId,
        memberId,
        sessionTimeout: sessionMs,
        // As long as a member may be silent: a frozen one holds a rebalance up no longer than it holds up its end.
        rebalanceTimeout: sessionMs,
        groupProtocols: [{ name: protocol, metadata: Buffer.from(subscription) }],
      })
      return {
        id: answer.memberId,
        generation: answer.generationId,
        isLeader: answer.memberId === answer.leaderId,
        members: answer.members.map((one) => ({ id: one.memberId, subscription: one.memberMetadata })),
      }
    } finally {
      this.#isJoining = false
    }
  }

  async sync(member: Member, assignments: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
    const { requests } = await this.#connected()
    const answer = await requests.syncGroup({
      groupId: this.#options.group,
      memberId: member.id,
      generationId: member.generation,
      groupAssignment: [...assignments].map(([id, bytes]) => ({ memberId: id, memberAssignment: Buffer.from(bytes) })),
    })
    return answer.memberAssignment
  }

  async heartbeat({ id, generation }: Member): Promise<void> {
    const { requests } = await this.#connected()
    await requests.heartbeat({ groupId: this.#options.group, memberId: id, groupGenerationId: generation })
  }

  async commit({ id, generation }: Member, offsets: ReadonlyMap<Partition, Offset>): Promise<void> {
    const { requests } = await this.#connected()
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    await requests.offsetCommit({
      groupId: this.#options.group,
      memberId: id,
      groupGenerationId: generation,
      topics: [{ topic: this.#options.topic, partitions }],
    })
  }

  async leave(memberId: string): Promise<void> {
    // A join that waits for others would hold this up, and the others wait for us.
    if (this.#isJoining) this.reset()
    const { requests } = await this.#connected()
    await requests.leaveGroup({ groupId: this.#options.group, memberId })
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const connection = await this.#connected()
    const counts = new Map<string, number>()
    for (const topic of topics) {
      const { leaders, topicId } = await readTopicMetadata(connection, topic)
      if (topicId !== undefined) counts.set(topic, leaders.length)
    }
    return counts
  }

  reset(): void {
    this.#found?.then((connection) => connection.close()).catch(() => undefined)
    this.#found = undefined
  }

  close(): void {
    this.#isClosed = true
    this.reset()
  }

  async #connected(): Promise<KafkaConnection> {
    if (this.#isClosed) throw new Error('the membership has ended')
    this.#found ??= this.#find()
    return await this.#found
  }

  async #find(): Promise<KafkaConnection> {
    const { client, group: groupId } = this.#options
    const seed = await client.connect()
    try {
      const { coordinator } = await seed.requests.findGroupCoordinator({ groupId, coordinatorType: 0 })
      const { host, port } = seed.address
      if (coordinator.host === host && coordinator.port === port) return seed
      const connection = await client.connect(coordinator)
      seed.close()
      return connection
    } catch (error) {
      seed.close()
      throw error
    }
  }
}

/** Connects when it is first asked. */
export const createKafkaCoordinator = (options: KafkaCoordinatorOptions): GroupCoordinator =>
  new KafkaCoordinator(options)
