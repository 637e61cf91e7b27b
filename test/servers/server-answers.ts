/** Asks a server something real: a port that listens is no readiness. */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { dataCenter, type ServerKind, type ServerSettings, s3Keys } from './server-kinds.ts'

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
    socket.setTimeout(2_000, () => end(false))
  })

/** kafkajs plans a check of its queue in the past, which Node 24 calls a warning. */
const withoutTimerWarnings = async (work: () => Promise<void>): Promise<void> => {
  const emit = process.emitWarning
  process.emitWarning = () => undefined
  try {
    await work()
  } finally {
    process.emitWarning = emit
  }
}

const askKafka = async (port: number): Promise<void> => {
  const { Kafka } = await import('kafkajs')
  const client = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
    logCreator: () => () => undefined,
  })
  const admin = client.admin()
  try {
    await admin.connect()
    await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

const askCassandra = async (port: number, { passwords = false }: ServerSettings): Promise<void> => {
  const { Client } = (await import('cassandra-driver')).default
  const client = new Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: dataCenter,
    ...(passwords ? { credentials: { username: 'cassandra', password: 'cassandra' } } : {}),
  })
  try {
    await client.execute('SELECT cluster_name FROM system.local')
  } finally {
    await client.shutdown()
  }
}

const askS3 = async (port: number): Promise<void> => {
  const { ListBucketsCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: s3Keys.access, secretAccessKey: s3Keys.secret },
    maxAttempts: 1,
  })
  try {
    await client.send(new ListBucketsCommand({}))
  } finally {
    client.destroy()
  }
}

const questions = {
  kafka: (port: number) => withoutTimerWarnings(() => askKafka(port)),
  cassandra: askCassandra,
  s3: askS3,
} as const

/** One question; false for every failure. */
export const serverAnswers = async (
  kind: ServerKind,
  port: number,
  settings: ServerSettings = {},
): Promise<boolean> => {
  if (!(await isListening(port))) return false
  return questions[kind](port, settings).then(
    () => true,
    () => false,
  )
}

/** Asks until it answers; rejects when `isAlive` says that waiting is of no use, or after two minutes. */
export const serverAnswered = async (
  kind: ServerKind,
  port: number,
  settings: ServerSettings,
  isAlive: () => boolean,
): Promise<void> => {
  const endMs = Date.now() + 120_000
  while (!(await serverAnswers(kind, port, settings))) {
    if (!isAlive()) throw new Error(`${kind} has ended before it answered`)
    if (Date.now() > endMs) throw new Error(`${kind} has not answered within two minutes`)
    await pause(100)
  }
}
