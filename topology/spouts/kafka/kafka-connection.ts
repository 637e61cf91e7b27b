/**
 * What a connection to a broker offers, and the requests that travel on it: the words between `kafka-client.ts`, which
 * knows kafkajs, and the rest of this folder, which does not.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { Random } from '../../model/ports/random.ts'

export interface KafkaClientOptions {
  /** `host:port`, any of the cluster. */
  readonly brokers: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly tls?: boolean | { readonly ca?: string }
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
  /** First contact fails after this; default 8,000. */
  readonly connectMs?: number
}

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** A request as bytes. `timeoutMs` comes on top of what the client allows any request. */
export interface WireRequest<Answer> {
  readonly apiKey: number
  readonly version: number
  readonly name: string
  readonly body: Buffer
  readonly timeoutMs?: number
  /** Reads the payload behind the correlation id; may throw. */
  readonly decode: (payload: Buffer) => Answer
}

interface TopicPartitions<Each> {
  readonly topic: string
  readonly partitions: readonly Each[]
}

/** The group protocol, as kafkajs encodes it. Failures are kafkajs's errors; the protocol's name of one is in `type`. */
export interface GroupRequests {
  findGroupCoordinator(call: { groupId: string; coordinatorType: 0 }): Promise<{
    readonly coordinator: BrokerAddress & { readonly nodeId: number }
  }>
  joinGroup(call: {
    groupId: string
    sessionTimeout: number
    rebalanceTimeout: number
    memberId: string
    protocolType?: string
    groupProtocols: readonly { name: string; metadata: Buffer }[]
  }): Promise<{
    readonly generationId: number
    readonly groupProtocol: string
    readonly leaderId: string
    readonly memberId: string
    readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
  }>
  syncGroup(call: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[]
  }): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(call: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
  leaveGroup(call: { groupId: string; memberId: string }): Promise<unknown>
  offsetCommit(call: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: readonly TopicPartitions<{ partition: number; offset: string; metadata?: string | null }>[]
  }): Promise<unknown>
  offsetFetch(call: { groupId: string; topics: readonly TopicPartitions<{ partition: number }>[] }): Promise<{
    readonly responses: readonly TopicPartitions<{ partition: number; offset: string }>[]
  }>
  createTopics(call: {
    topics: readonly {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: readonly { name: string; value: string }[]
    }[]
    timeout?: number
  }): Promise<unknown>
}

/** One connection, connected and authenticated. Calls on it are answered one after the other: a call that waits holds up the rest. */
export interface KafkaConnection {
  readonly address: BrokerAddress
  /** False for ever once the connection is lost or closed. */
  readonly isOpen: boolean
  /** Newest version of a request that the broker knows; -1: none. */
  maxVersion(apiKey: number): number
  send<Answer>(request: WireRequest<Answer>): Promise<Answer>
  readonly requests: GroupRequests
  /** At once: calls under way fail. */
  close(): void
}

export interface KafkaClient {
  readonly options: KafkaClientOptions
  /** A new connection; without an address to any broker of the options that answers. Fails with kafkajs's errors. */
  connect(address?: BrokerAddress): Promise<KafkaConnection>
  /** Closes all connections; later calls of `connect` fail. */
  close(): void
}
