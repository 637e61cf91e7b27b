/** The three servers that tests run against, and what is kept of one that runs. */
export const serverKinds = ['kafka', 'cassandra', 's3'] as const
export type ServerKind = (typeof serverKinds)[number]

/** How servers are set up; the same for every one of a set. */
export interface ServerSettings {
  /** `batch` survives kill -9 and is for tests and drills; `periodic` is for benchmarks. */
  readonly commitlogSync?: 'batch' | 'periodic'
  /** Halves the CPU time of a boot and slows the work: for tests, never for benchmarks. Default: true. */
  readonly quickBoot?: boolean
  /** Cassandra asks for a user and a password (`cassandra`, `cassandra`) and checks rights. */
  readonly passwords?: boolean
}

/** A server that runs, and can be treated as machines treat servers. */
export interface Server {
  readonly kind: ServerKind
  readonly port: number
  /** Variables by which clients find it. */
  readonly env: Readonly<Record<string, string>>
  /** kill -9; resolves when the process is gone. Its data stays. */
  kill(): Promise<void>
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  /** Boots again on the same port and the same data (killed before where it still runs); resolves when it answers. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Credentials of the object server, which listens on this machine only. */
export const s3Keys = { access: 'drill-access', secret: 'drill-secret-of-this-machine' } as const
/** The user of Kafka's listener that asks for a password. */
export const saslUser = { name: 'ann', password: 'ann-secret-of-this-machine' } as const
export const dataCenter = 'datacenter1'

/** `saslPort` is Kafka's second listener. */
export const serverEnv = (kind: ServerKind, port: number, saslPort?: number): Readonly<Record<string, string>> => {
  const place = `127.0.0.1:${port}`
  switch (kind) {
    case 'kafka':
      return {
        KAFKA_BROKERS: place,
        ...(saslPort === undefined ? {} : { KAFKA_SASL_BROKERS: `127.0.0.1:${saslPort}` }),
      }
    case 'cassandra':
      return { CASSANDRA_CONTACT: place, CASSANDRA_DC: dataCenter }
    case 's3':
      return { S3_ENDPOINT: `http://${place}`, S3_ACCESS_KEY: s3Keys.access, S3_SECRET_KEY: s3Keys.secret }
  }
}
