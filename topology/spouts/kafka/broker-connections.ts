/**
 * Connections to the brokers, taken for one call and given back. A broker answers the calls of one connection one after
 * the other, so a fetch that waits at the end of a partition has a connection to itself: nothing ever queues behind it,
 * no live lane behind a backlog lane.
 *
 * Bounded per broker (I-6): where every connection is taken, callers wait in order of arrival, those that long-poll are
 * told to keep it short, and a line that is too long takes nobody more. Who does not wait any more leaves the line.
 */
import type { PoolUsage } from '../../model/ports/dependency.ts'
import type { BrokerAddress, KafkaClient, KafkaConnection } from './kafka-connection.ts'

// Every lane of a process asks once; more is a caller that has lost count.
const waitingMax = 4_096

/** Class `retry`: too many wait already. */
export class PoolFull extends Error {
  override readonly name = 'PoolFull'
}

/** Nobody wants the answer any more. */
class NotWanted extends Error {
  override readonly name = 'NotWanted'
}

class Pool {
  readonly #connect: () => Promise<KafkaConnection>
  readonly #most: number
  readonly #free: KafkaConnection[] = []
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor(connect: () => Promise<KafkaConnection>, most: number) {
    this.#connect = connect
    this.#most = most
  }

  get isCrowded(): boolean {
    return this.#taken >= this.#most
  }

  usage(name: string): PoolUsage {
    return { name, used: this.#taken, limit: this.#most, waiting: this.#waiting.size }
  }

  async using<Answer>(work: (connection: KafkaConnection) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    if (this.isCrowded) await this.#turn(signal)
    else this.#taken += 1
    let connection: KafkaConnection | undefined
    try {
      connection = this.#takeFree() ?? (await this.#connect())
      return await work(connection)
    } finally {
      if (connection?.isOpen) this.#free.push(connection)
      // Who waits gets the place as it is, counted already.
      const [next] = this.#waiting
      if (next === undefined) this.#taken -= 1
      else next()
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= waitingMax) throw new PoolFull(`${waitingMax} calls wait for a connection`)
    if (signal?.aborted === true) throw new NotWanted()
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(take)
        reject(new NotWanted())
      }
      const take = (): void => {
        this.#waiting.delete(take)
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.add(take)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #takeFree(): KafkaConnection | undefined {
    for (;;) {
      const connection = this.#free.pop()
      if (connection === undefined || connection.isOpen) return connection
    }
  }
}

export class BrokerConnections {
  readonly #client: Pick<KafkaClient, 'connect'>
  readonly #most: number
  readonly #pools = new Map<string, Pool>()

  /** `most`: connections to one broker. */
  constructor(client: Pick<KafkaClient, 'connect'>, most: number) {
    this.#client = client
    this.#most = most
  }

  /** Runs `work` on a connection that no other call uses. Throws `PoolFull`; an abort ends the wait for a connection. */
  using<Answer>(
    address: BrokerAddress,
    work: (connection: KafkaConnection) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return this.#poolAt(address).using(work, signal)
  }

  /** Whether every connection to a broker is in use. */
  isCrowded(address: BrokerAddress): boolean {
    return this.#poolAt(address).isCrowded
  }

  /** Of each broker that was asked for something; `what` says what these connections are for. */
  usage(what: string): readonly PoolUsage[] {
    return Array.from(this.#pools, ([name, pool]) => pool.usage(`${name} ${what}`))
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
