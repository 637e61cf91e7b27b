/** The drills on real servers in their short form: each once. `npm run drill -- servers 5` is the long one. */
import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempFolders } from '../conformance/temp-folder.ts'
import { serverKinds } from '../servers/server-kinds.ts'
import { serverOf } from '../servers/server-of.ts'
import { type StartedServers, startServers } from '../servers/start-servers.ts'
import { checkServed } from './check-served.ts'
import { topology } from './cli-process.ts'
import { LineFeed } from './line-feed.ts'
import { pacedTopology } from './run-pair.ts'
import { disturbanceNames } from './served-disturbances.ts'
import { servedDrill } from './served-drill.ts'
import { ServedObjects } from './served-objects.ts'
import { ServedPlace } from './served-place.ts'

const [kafka, cassandra, s3] = [serverOf('kafka'), serverOf('cassandra'), serverOf('s3')]
const newFolder = tempFolders()

describe.skipIf(!kafka || !cassandra || !s3)('on real servers', () => {
  // The servers of the other suites are not to be killed.
  let servers: StartedServers
  beforeAll(async () => {
    servers = await startServers({ kinds: serverKinds })
  }, 300_000)
  afterAll(() => servers?.stop(), 60_000)

  test.each(disturbanceNames)(
    '%s: nothing is lost, nothing doubled (I-1, I-2, I-8, I-9)',
    async (name) => {
      const place = { folder: newFolder(), env: servers.env, server: servers.get }
      // How fast the takeover is, the long form judges, which has the machine for itself.
      const { problems, records } = await servedDrill({
        ...place,
        name,
        seed: 11,
        linesPerSecond: 100,
        takeoverMs: 60_000,
      })
      expect(problems).toEqual([])
      expect(records).toBeGreaterThan(0)
    },
    420_000,
  )
})

describe.skipIf(!kafka || !cassandra || !s3)('the drill', () => {
  test('sees a lost row, a line that never arrived and an object that is there twice', async () => {
    const [folder, name] = [newFolder(), `seen${process.pid}`]
    const place = await new ServedPlace({ kafka: kafka!, cassandra: cassandra!, s3: s3!, name, partitions: 2 }).make()
    const env = place.env()
    const feed = new LineFeed({ folder, env, seed: 5, linesPerSecond: 200 })
    expect(await feed.end()).toEqual([])
    const run = await topology(folder, ['run', pacedTopology, '--until-caught-up'], env)
    expect(run.code, run.stderr).toBe(0)
    const judge = (fed: readonly string[]) => checkServed({ place, folder, env, fed })
    expect(await judge(feed.lines)).toEqual([])

    await loseRow(place)
    await doubleObject(place)
    const problems = await judge([...feed.lines, '{"number":-1}'])
    expect(problems).toContainEqual(expect.stringMatching(/^bare row .* is missing$/))
    expect(problems).toContainEqual(expect.stringMatching(/^a line is 0 times in the log/))
    expect(problems).toContainEqual(expect.stringMatching(/^archived line .* is there twice$/))
    await place.remove()
  }, 120_000)
})

const loseRow = async ({ rows, name }: ServedPlace): Promise<void> => {
  const key = ['project', 'collection', 'hour', 'log_partition', 'block', 'id', 'spout']
  const { rows: found } = await rows.execute(`SELECT ${key.join(', ')} FROM ${name}.events LIMIT 1`)
  const where = key.map((column) => `${column} = ?`).join(' AND ')
  const values = key.map((column) => found[0]?.[column])
  // Later than the stamp of any event.
  const query = `DELETE FROM ${name}.events USING TIMESTAMP 9000000000000000 WHERE ${where}`
  await rows.execute(query, values, { prepare: true })
}

const doubleObject = async ({ objects, name }: ServedPlace): Promise<void> => {
  const [key = ''] = await new ServedObjects(objects, name).keys()
  const copy = key.replace('.ndjson.gz', '-9.ndjson.gz')
  await objects.send(new CopyObjectCommand({ Bucket: name, Key: copy, CopySource: encodeURI(`${name}/${key}`) }))
}
