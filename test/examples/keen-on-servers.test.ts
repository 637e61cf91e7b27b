/** The same example and the same code on a topic, a keyspace and a bucket: every number equals the embedded run's. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type cassandra from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataSets } from '../../examples/keen/data-sets.ts'
import { createWorld } from '../cli/cli-world.ts'
import { ServedPlace } from '../drills/served-place.ts'
import { serverOf } from '../servers/server-of.ts'
import { type KeenPlace, runKeen } from './keen-numbers.ts'

const [kafka, rows, s3] = [serverOf('kafka'), serverOf('cassandra'), serverOf('s3')]

// The large set of flights feeds no rollup: 200,000 events more of the same kind.
const sets = () => [...dataSets()].filter(({ name }) => name !== 'flights-200k.json')

describe.skipIf(kafka === undefined || rows === undefined || s3 === undefined)('keen on servers', () => {
  let folder: string
  let served: ServedPlace
  let place: KeenPlace

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spillway-keen-'))
    const name = `keen${randomUUID().replaceAll('-', '').slice(0, 12)}`
    served = new ServedPlace({ kafka: kafka!, cassandra: rows!, s3: s3!, name, partitions: 4 })
    const env = served.env()
    place = { log: env['SPILLWAY_LOG']!, rows: env['SPILLWAY_ROWS']!, objects: env['SPILLWAY_OBJECTS']!, env }
  })

  afterAll(async () => {
    await served.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  test('init makes topic, keyspace and bucket once, and says what is there', async () => {
    const world = createWorld()
    const words = `init --topic --partitions 4 --keyspace --bucket`
    const env = served.env()
    const first = await world.topology(words, { env })
    expect([first.exit, first.stderr]).toEqual([
      0,
      `made topic ${served.name} with 4 partitions\nmade keyspace ${served.name}\nmade bucket ${served.name}\n`,
    ])
    const { exit, stderr } = await world.topology(words, { env })
    expect([exit, stderr.match(/is there already/g)]).toEqual([0, Array(3).fill('is there already')])
  })

  test('every number equals the embedded run', async () => {
    const embedded = {
      log: `file:${join(folder, 'log')}`,
      rows: `sqlite:${join(folder, 'rows.db')}`,
      objects: `file:${join(folder, 'objects')}`,
    }
    const expected = await runKeen(embedded, sets())
    expect(expected).toMatchObject({ records: 25_237, deadLetters: 0, archive: { events: 25_237, problems: [] } })
    expect(await runKeen(place, sets())).toEqual(expected)
  }, 240_000)

  test('tools that show the lag of a group see none', async () => {
    const admin = served.kafka.admin()
    await admin.connect()
    const [topic] = await admin.fetchOffsets({ groupId: 'spillway.keen', topics: [served.name] })
    const ends = await admin.fetchTopicOffsets(served.name)
    await admin.disconnect()
    const lags = ends.map(({ partition, high }) => {
      const committed = topic?.partitions.find((one) => one.partition === partition)?.offset
      return Number(high) - Math.max(0, Number(committed))
    })
    expect(lags).toEqual([0, 0, 0, 0])
  })

  test('another program reads the tables by the statements of docs/servers.md', async () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/servers.md'), 'utf8')
    const blocks = [...page.matchAll(/^```sql\n([^`]+)```/gm)].map((match) => match[1]!)
    await served.rows.execute(`USE ${served.name}`)
    const answers: cassandra.types.ResultSet[] = []
    for (const statement of blocks.join('').split(';').slice(0, -1))
      answers.push(await served.rows.execute(statement, [], { fetchSize: 50_000 }))
    const [hours, events, buckets, days] = answers.map(({ rows }) => rows)
    for (const found of [hours, events, buckets]) expect(found!.length).toBeGreaterThan(0)
    const flights = days!.reduce((sum, row) => sum + Number(row['flights']), 0)
    expect(flights).toBe(20_000)
  })

  test('any S3 client sees each event once', async () => {
    const lines: string[] = []
    const { Contents = [] } = await served.objects.send(new ListObjectsV2Command({ Bucket: served.name }))
    for (const { Key } of Contents) {
      if (!Key!.endsWith('.gz')) continue
      const { Body } = await served.objects.send(new GetObjectCommand({ Bucket: served.name, Key }))
      lines.push(
        ...gunzipSync(await Body!.transformToByteArray())
          .toString()
          .trim()
          .split('\n'),
      )
    }
    expect([lines.length, new Set(lines.map((line) => JSON.parse(line).keen.id)).size]).toEqual([25_237, 25_237])
  })
})
