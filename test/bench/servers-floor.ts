/**
 * The floors of the servers benchmark: what a plain loop over the bare clients does on the same topic, without recovery,
 * deletes or exactness. node servers-floor.ts CASE TOPIC EVENTS ROUNDS; prints one JSON line per round.
 *
 * `rollup` consumes, parses and keeps a Map, whose rows are written at the end; `archive` consumes, parses, and puts
 * grouped gzip; `events` consumes and writes each event as a row. Records are copied into chunks where they are kept.
 */
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Client } from 'cassandra-driver'
import { type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { servedEnv } from './served-env.ts'

const [name = '', topic = '', eventsText = '', roundsText = '1'] = process.argv.slice(2)
const events = Number(eventsText)
const { brokers, contactPoint, dataCenter, bucket, keyspace, s3 } = servedEnv()

type Take = (payload: EachBatchPayload) => Promise<void>

/** Reads the whole topic from its beginning. */
const consume = async (take: Take): Promise<void> => {
  const kafka = new Kafka({ clientId: 'floor', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({
    groupId: `floor-${randomUUID()}`,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1_048_576,
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let seen = 0
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      await take(payload)
      seen += payload.batch.messages.length
      if (seen >= events) resolve()
    }
    consumer.run({ partitionsConsumedConcurrently: 6, autoCommit: false, eachBatch }).catch(reject)
  })
  await consumer.disconnect()
}

interface Body {
  readonly keen: { readonly timestamp: string }
  readonly country: string
  readonly price: number
}

const connect = async (): Promise<Client> => {
  const client = new Client({ contactPoints: [contactPoint], localDataCenter: dataCenter, keyspace })
  await client.connect()
  return client
}

const rollup = async (): Promise<void> => {
  const client = await connect()
  const table = `floor_${randomUUID().slice(0, 8)}`
  await client.execute(
    `CREATE TABLE ${table} (minute text, country text, orders bigint, revenue double, PRIMARY KEY (minute, country))`,
  )
  startMeasure()
  const groups = new Map<string, { minute: string; country: string; orders: number; revenue: number }>()
  await consume(async ({ batch }) => {
    for (const { value } of batch.messages) {
      const body: Body = JSON.parse(value!.toString())
      const minute = body.keen.timestamp.slice(0, 16)
      const key = `${minute} ${body.country}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { minute, country: body.country, orders: 1, revenue: body.price })
      else {
        group.orders += 1
        group.revenue += body.price
      }
    }
  })
  const insert = `INSERT INTO ${table} (minute, country, orders, revenue) VALUES (?, ?, ?, ?)`
  const rows = [...groups.values()]
  for (let from = 0; from < rows.length; from += 256) {
    await Promise.all(
      rows
        .slice(from, from + 256)
        .map(({ minute, country, orders, revenue }) =>
          client.execute(insert, [minute, country, orders, revenue], { prepare: true }),
        ),
    )
  }
  stopMeasure()
  await client.shutdown()
}

const chunkBytes = 262_144
const partBytes = 33_554_432
const zip = promisify(gzip)

/** Lines of one output as chunks of our own: a slice of a fetch would keep all of it in memory. */
class Lines {
  chunks: Buffer[] = []
  bytes = 0
  #used = chunkBytes

  add(value: Buffer): void {
    const length = value.length + 1
    let chunk = this.chunks.at(-1)
    if (chunk === undefined || this.#used + length > chunk.length) {
      chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, length))
      this.chunks.push(chunk)
      this.#used = 0
    }
    value.copy(chunk, this.#used)
    chunk[this.#used + length - 1] = 0x0a
    this.#used += length
    this.bytes += length
  }

  take(): Buffer {
    const last = this.chunks.at(-1)
    if (last !== undefined) this.chunks[this.chunks.length - 1] = last.subarray(0, this.#used)
    const whole = Buffer.concat(this.chunks)
    this.chunks = []
    this.bytes = 0
    this.#used = chunkBytes
    return whole
  }
}

const archive = async (): Promise<void> => {
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: s3.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey },
  })
  const prefix = `floor-${randomUUID()}`
  const outputs = new Map<string, Lines>()
  let part = 0
  const put = async (output: string, lines: Lines): Promise<void> => {
    const body = await zip(lines.take())
    part += 1
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${output}/${part}.gz`, Body: body }))
  }
  startMeasure()
  await consume(async ({ batch }) => {
    for (const { value, headers } of batch.messages) {
      const body: Body = JSON.parse(value!.toString())
      const output = `${batch.partition}/${String(headers?.['collection'])}/${body.keen.timestamp.slice(0, 10)}`
      const lines = outputs.get(output) ?? new Lines()
      outputs.set(output, lines)
      lines.add(value!)
      if (lines.bytes >= partBytes) await put(output, lines)
    }
  })
  await Promise.all([...outputs].map(([output, lines]) => put(output, lines)))
  stopMeasure()
  client.destroy()
}

const rowsPerBatch = 60
const batchesInFlight = 32

const eventRows = async (): Promise<void> => {
  const client = await connect()
  const table = `floor_${randomUUID().slice(0, 8)}`
  await client.execute(
    `CREATE TABLE ${table} (partition int, bucket bigint, id text, created_at bigint, body text, PRIMARY KEY ((partition, bucket), id))`,
  )
  const insert = `INSERT INTO ${table} (partition, bucket, id, created_at, body) VALUES (?, ?, ?, ?, ?)`
  const pending = new Set<Promise<unknown>>()
  startMeasure()
  await consume(async ({ batch }) => {
    for (let from = 0; from < batch.messages.length; from += rowsPerBatch) {
      const queries = batch.messages.slice(from, from + rowsPerBatch).map(({ value, offset, timestamp }) => ({
        query: insert,
        params: [batch.partition, Math.floor(Number(offset) / 262_144), offset, Number(timestamp), value!.toString()],
      }))
      const sent: Promise<unknown> = client
        .batch(queries, { prepare: true, logged: false })
        .then(() => pending.delete(sent))
      pending.add(sent)
      while (pending.size >= batchesInFlight) await Promise.race(pending)
    }
  })
  await Promise.all(pending)
  stopMeasure()
  await client.shutdown()
}

let startedMs = 0
let before = process.cpuUsage()
const startMeasure = (): void => {
  startedMs = performance.now()
  before = process.cpuUsage()
}
const stopMeasure = (): void => {
  const elapsedMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(before)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  process.stdout.write(`${JSON.stringify({ elapsedMs, cpuMs: (user + system) / 1_000, peakBytes })}\n`)
}

const cases: Readonly<Record<string, () => Promise<void>>> = { rollup, archive, events: eventRows }
for (let round = 0; round < Number(roundsText); round++) await cases[name]!()
