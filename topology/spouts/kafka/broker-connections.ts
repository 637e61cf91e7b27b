/**
 * Connections to the brokers, taken for one call and given back. A broker answers the calls of one connection one after
 * the other, so a fetch that waits at the end of a partition has a connection to itself: nothing ever queues behind it,
 * no live lane behind a backlog lane.
 *
 * Bounded per broker (I-6): where every connection is taken, callers wait in order of arrival, and those that long-poll
 * are told to keep it short.
 */
import type { BrokerAddress, KafkaClient, KafkaConnection } from './kafka-connection.ts'

class Pool {
  readonly #connect: () => Promise<KafkaConnection>
  readonly #most: number
  readonly #free: KafkaConnection[] = []
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(connect: () => Promise<KafkaConnection>, most: number) {
    this.#connect = connect
    this.#most = most
  }

  get isCrowded(): boolean {
    return this.#taken >= this.#most
  }

  async using<Answer>(work: (connection: KafkaConnection) => Promise<Answer>): Promise<Answer> {
    if (this.isCrowded) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#taken += 1
    let connection: KafkaConnection | undefined
    try {
      connection = this.#takeFree() ?? (await this.#connect())
      return await work(connection)
    } finally {
      if (connection?.isOpen) this.#free.push(connection)
      // Who waits gets the place as it is, counted already.
      const next = this.#waiting.shift()
      if (next === undefined) this.#taken -= 1
      else next()
    }
  }

  #takeFree(): KafkaConnection | undefined {
    for (;;) {
      const connection = this.#free.pop()
      if (connection === undefined || connection.isOpen) return connection
    }
  }
}

export class BrokerConnections {
  readonly #client: KafkaClient
  readonly #most: number
  readonly #pools = new Map<string, Pool>()

  /** `most`: connections to one broker. */
  constructor(client: KafkaClient, most: number) {
    this.#client = client
    this.#most = most
  }

  /** Runs `work` on a connection that no other call uses. */
  using<Answer>(address: BrokerAddress, work: (connection: KafkaConnection) => Promise<Answer>): Promise<Answer> {
    return this.#poolAt(address).using(work)
  }

  /** Whether every connection to a broker is in use. */
  isCrowded(address: BrokerAddress): boolean {
    return this.#poolAt(address).isCrowded
  }

  #poolAt(address: BrokerAddress): Pool {
    const name = `${address.host}:${address.port}`
    let pool = this.#pools.get(name)
    if (pool === undefined) {
      pool = new Pool(() => this.#client.connect(address), this.#most)
      this.#pools.set(name, pool)
    }
    return pool
  }
}
