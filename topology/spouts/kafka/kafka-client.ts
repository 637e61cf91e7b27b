/**
 * The one file that knows kafkajs: its broker object gives sockets, TLS, SASL, framing and the group protocol. A
 * connection is used once; when it is lost a new one is made. What Spillway asks of the log goes through `send` as raw
 * requests, so that nothing of kafkajs stands between a fetch and its bytes.
 *
 * Walled off here: the timer that a request queue sets anew every millisecond, connections that open themselves again
 * behind the caller's back, bytes that are no answer, answers of a frozen broker that are waited for twice, and everything
 * that kafkajs prints.
 */
import { createRequire } from 'node:module'
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import { withinMs } from '../../model/within-ms.ts'
import type {
  BrokerAddress,
  GroupRequests,
  KafkaClient,
  KafkaClientOptions,
  KafkaConnection,
  WireRequest,
} from './kafka-connection.ts'

/** What is used of kafkajs's objects. */
interface DriverQueue {
  pending: readonly unknown[]
  throttledUntil: number
  scheduleCheckPendingRequests(): void
  checkPendingRequests(): void
  push(request: object): void
  rejectAll(error: Error): void
  destroy(): void
}
interface DriverConnection {
  readonly connectionStatus: string
  readonly socket?: { cork(): void; write(bytes: Buffer): boolean; uncork(): void; destroy(error?: Error): void }
  readonly requestQueue: DriverQueue
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  authenticate(): Promise<void>
  nextCorrelationId(): number
  processData(bytes: Buffer): void
}
interface DriverBroker extends GroupRequests {
  readonly connectionPool: { readonly pool: DriverConnection[] }
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null
  connect(): Promise<void>
}
interface DriverSocket {
  setNoDelay(isOn: boolean): void
}
interface Driver {
  readonly Broker: new (options: object) => DriverBroker
  readonly ConnectionPool: new (options: object) => object
  readonly createSocketFactory: () => (options: object) => DriverSocket
  readonly createLogger: (options: object) => object
}

const wantedVersion = '2.2.4'
const connectMsDefault = 8_000
// One broker of several may be down: the next is asked after this at the latest.
const attemptMs = 3_000
// A broker that is frozen for longer is taken for lost.
const requestMs = 10_000
const clientId = 'spillway'

let driver: Driver | undefined

const loadDriver = (): Driver => {
  if (driver !== undefined) return driver
  const require = createRequire(import.meta.url)
  const { version } = require('kafkajs/package.json') as { version: string } // a package names its version
  if (version !== wantedVersion) throw errors.kafkaDriver({ found: version, wanted: wantedVersion })
  driver = {
    Broker: require('kafkajs/src/broker'),
    ConnectionPool: require('kafkajs/src/network/connectionPool'),
    createSocketFactory: require('kafkajs/src/network/socketFactory'),
    createLogger: require('kafkajs/src/loggers').createLogger,
  }
  return driver
}

class ConnectionLost extends Error {
  override readonly name = 'KafkaJSConnectionError'
  readonly retriable = true
}

/** kafkajs sets a timer of 1 ms (less, says Node) after each answer, for ever; one is needed only while requests are held back. */
const calm = (queue: DriverQueue, clock: Clock): void => {
  let isWaiting = false
  queue.scheduleCheckPendingRequests = () => {
    if (isWaiting || queue.pending.length === 0) return
    isWaiting = true
    void clock.sleep(Math.max(1, queue.throttledUntil - clock.nowMs())).then(() => {
      isWaiting = false
      queue.checkPendingRequests()
    })
  }
}

/** What is no answer of a broker (another server on that port) ends the connection; kafkajs would end the process. */
const guard = (connection: DriverConnection): void => {
  const processData = connection.processData.bind(connection)
  connection.processData = (bytes) => {
    try {
      processData(bytes)
    } catch {
      connection.socket?.destroy(new Error('it does not speak the protocol of Kafka'))
    }
  }
}

class Connection implements KafkaConnection {
  readonly address: BrokerAddress
  readonly requests: GroupRequests
  readonly #broker: DriverBroker
  readonly #connection: DriverConnection
  readonly #onClosed: () => void

  constructor(address: BrokerAddress, broker: DriverBroker, clock: Clock, onClosed: () => void) {
    this.address = address
    this.requests = broker
    this.#broker = broker
    this.#connection = broker.connectionPool.pool[0]!
    this.#onClosed = onClosed
    calm(this.#connection.requestQueue, clock)
    guard(this.#connection)
  }

  get isOpen(): boolean {
    return this.#connection.connectionStatus === 'connected'
  }

  async open(): Promise<void> {
    await this.#broker.connect()
    // From here on a lost connection stays lost.
    this.#connection.connect = () => Promise.reject(new ConnectionLost('connection lost'))
  }

  maxVersion(apiKey: number): number {
    return this.#broker.versions?.[apiKey]?.maxVersion ?? -1
  }

  async send<Answer>({ apiKey, version, name, body, timeoutMs = 0, decode }: WireRequest<Answer>): Promise<Answer> {
    const connection = this.#connection
    // Nothing without SASL; with it, once in a while again.
    await connection.authenticate()
    if (!this.isOpen) throw new ConnectionLost('connection lost')
    const correlationId = connection.nextCorrelationId()
    const head = requestHead(apiKey, version, correlationId, body.length)
    try {
      const { payload } = await new Promise<{ readonly payload: Buffer }>((resolve, reject) => {
        connection.requestQueue.push({
          entry: { apiKey, apiVersion: version, apiName: name, correlationId, resolve, reject },
          expectResponse: true,
          requestTimeout: requestMs + timeoutMs,
          sendRequest: () => {
            const socket = connection.socket!
            socket.cork()
            socket.write(head)
            socket.write(body)
            socket.uncork()
          },
        })
      })
      return decode(payload)
    } catch (error) {
      // What came too late would hold up every later answer.
      if (error instanceof Error && error.name === 'KafkaJSRequestTimeoutError') this.close()
      throw error
    }
  }

  close(): void {
    this.#onClosed()
    const { requestQueue, socket } = this.#connection
    requestQueue.rejectAll(new ConnectionLost('connection closed'))
    requestQueue.destroy()
    // Nothing is under way any more, so this only sets the state.
    void this.#connection.disconnect()
    socket?.destroy()
  }
}

/** What stands in front of every request, its length included. */
const requestHead = (apiKey: number, version: number, correlationId: number, bodyBytes: number): Buffer => {
  const head = Buffer.allocUnsafe(14 + clientId.length)
  head.writeInt32BE(head.length - 4 + bodyBytes, 0)
  head.writeInt16BE(apiKey, 4)
  head.writeInt16BE(version, 6)
  head.writeInt32BE(correlationId, 8)
  head.writeInt16BE(clientId.length, 12)
  head.write(clientId, 14)
  return head
}

const addressOf = (broker: string): BrokerAddress => {
  const colon = broker.lastIndexOf(':')
  return { host: broker.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(broker.slice(colon + 1)) }
}

class Client implements KafkaClient {
  readonly options: KafkaClientOptions
  readonly #connections = new Set<KafkaConnection>()
  readonly #driver = loadDriver()
  #nextSeed: number
  #isClosed = false

  constructor(options: KafkaClientOptions) {
    this.options = options
    this.#nextSeed = Math.floor(options.random.next() * options.brokers.length)
  }

  async connect(address?: BrokerAddress): Promise<KafkaConnection> {
    if (address !== undefined) return await this.#open(address)
    let failure: unknown
    for (let tries = 0; tries < this.options.brokers.length; tries += 1) {
      const seed = this.options.brokers[this.#nextSeed % this.options.brokers.length]!
      try {
        return await this.#open(addressOf(seed))
      } catch (error) {
        this.#nextSeed += 1
        failure = error
        // Every broker would say the same.
        if (error instanceof Error && error.name === 'KafkaJSSASLAuthenticationError') break
      }
    }
    throw failure
  }

  close(): void {
    this.#isClosed = true
    for (const connection of this.#connections) connection.close()
  }

  async #open(address: BrokerAddress): Promise<KafkaConnection> {
    if (this.#isClosed) throw new ConnectionLost('the client is closed')
    const connection = new Connection(address, this.#brokerAt(address), this.options.clock, () =>
      this.#connections.delete(connection),
    )
    this.#connections.add(connection)
    const limitMs = Math.min(attemptMs, this.options.connectMs ?? connectMsDefault)
    const late = (): Error => new ConnectionLost(`no answer within ${limitMs} ms`)
    try {
      await withinMs(this.options.clock, limitMs, late, () => connection.open())
    } catch (error) {
      connection.close()
      throw error
    }
    if (this.#isClosed) connection.close()
    return connection
  }

  #brokerAt({ host, port }: BrokerAddress): DriverBroker {
    const { Broker, ConnectionPool, createLogger, createSocketFactory } = this.#driver
    const { tls, sasl } = this.options
    const logger = createLogger({ level: 0, logCreator: () => () => {} })
    const createSocket = createSocketFactory()
    const connectionPool = new ConnectionPool({
      host,
      port,
      logger,
      clientId,
      ssl: typeof tls === 'object' ? { ...(tls.ca === undefined ? {} : { ca: [tls.ca] }) } : (tls ?? false),
      sasl: sasl === undefined ? null : { ...sasl },
      connectionTimeout: attemptMs,
      requestTimeout: requestMs,
      enforceRequestTimeout: true,
      socketFactory: (options: object) => {
        const socket = createSocket(options)
        socket.setNoDelay(true)
        return socket
      },
    })
    return new Broker({ connectionPool, logger, authenticationTimeout: attemptMs })
  }
}

/** Nothing is opened before `connect`. Throws `kafkaDriver` where another version of kafkajs is installed. */
export const createKafkaClient = (options: KafkaClientOptions): KafkaClient => new Client(options)
