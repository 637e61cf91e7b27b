/**
 * The server that a test suite may use, from the environment; `undefined` where there is none. Suites know nothing of
 * how it was started: packages, containers or a real cluster are one switch.
 */
import type { ServerKind } from './server-kinds.ts'

export interface KafkaServer {
  readonly brokers: readonly string[]
  /** The listener that asks for a user and a password, where the server has one. */
  readonly saslBrokers?: readonly string[]
}

export interface CassandraServer {
  readonly contactPoints: readonly string[]
  readonly dataCenter: string
}

export interface S3Server {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface ServersByKind {
  readonly kafka: KafkaServer
  readonly cassandra: CassandraServer
  readonly s3: S3Server
}

type Env = Readonly<Record<string, string | undefined>>

const list = (text: string): readonly string[] => text.split(',').map((one) => one.trim())

const readers: { readonly [K in ServerKind]: (env: Env) => ServersByKind[K] | undefined } = {
  kafka: ({ KAFKA_BROKERS: brokers, KAFKA_SASL_BROKERS: sasl }) =>
    brokers ? { brokers: list(brokers), ...(sasl ? { saslBrokers: list(sasl) } : {}) } : undefined,
  cassandra: ({ CASSANDRA_CONTACT: contact, CASSANDRA_DC: dataCenter = 'datacenter1' }) =>
    contact ? { contactPoints: list(contact), dataCenter } : undefined,
  s3: ({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKeyId, S3_SECRET_KEY: secretAccessKey }) =>
    endpoint && accessKeyId && secretAccessKey
      ? { endpoint, region: 'us-east-1', accessKeyId, secretAccessKey }
      : undefined,
}

export const serverOf = <K extends ServerKind>(kind: K, env: Env = process.env): ServersByKind[K] | undefined =>
  readers[kind](env)
