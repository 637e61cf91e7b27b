/**
 * Secrets stand in the environment and nowhere else: every command, against servers that take them and servers that
 * refuse, and then everything that was printed, written and stored is searched for them.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import cassandra from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { commandTable } from '../../topology/cli/command-table.ts'
import { type OpenLogOptions, openLog } from '../../topology/resources.ts'
import { ServedPlace } from '../drills/served-place.ts'
import { saslUser } from '../servers/server-kinds.ts'
import { serverOf } from '../servers/server-of.ts'
import { type StartedServers, startServers } from '../servers/start-servers.ts'
import { type CliOutcome, type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const [kafka, shared, s3] = [serverOf('kafka'), serverOf('cassandra'), serverOf('s3')]
const brokers = kafka?.saslBrokers?.join(',')

const id = randomUUID().replaceAll('-', '').slice(0, 12)
const name = `secrets${id}`
const rowsPassword = `rows-secret-${id}`
const wrong = `wrong-secret-${id}`

describe.skipIf(brokers === undefined || shared === undefined || s3 === undefined)('secrets', () => {
  let servers: StartedServers
  let admin: cassandra.Client
  let world: CliWorld
  let env: Record<string, string>
  const said: string[] = []

  const topology = async (line: string, more: Readonly<Record<string, string>> = {}): Promise<CliOutcome> => {
    const begin = performance.now()
    const outcome = await world.topology(line, { env: { ...env, ...more } })
    said.push(outcome.stdout, outcome.stderr)
    if (outcome.exit !== 0) expect(performance.now() - begin).toBeLessThan(10_000)
    return outcome
  }

  beforeAll(async () => {
    servers = await startServers({ kinds: ['cassandra'], settings: { passwords: true } })
    const contact = servers.env['CASSANDRA_CONTACT']!
    admin = new cassandra.Client({
      contactPoints: [contact],
      localDataCenter: 'datacenter1',
      credentials: { username: 'cassandra', password: 'cassandra' },
    })
    await admin.execute(`CREATE ROLE worker WITH PASSWORD = '${rowsPassword}' AND LOGIN = true`)
    await admin.execute('GRANT CREATE ON ALL KEYSPACES TO worker')
    await admin.execute(`CREATE ROLE stranger WITH PASSWORD = '${rowsPassword}' AND LOGIN = true`)
    env = {
      SPILLWAY_LOG: `kafka://${brokers}/${name}`,
      SPILLWAY_ROWS: `cassandra://${contact}/${name}?dc=datacenter1`,
      SPILLWAY_OBJECTS: `s3://${name}/archive`,
      KAFKA_SASL_MECHANISM: 'scram-sha-256',
      KAFKA_SASL_USERNAME: saslUser.name,
      KAFKA_SASL_PASSWORD: saslUser.password,
      CASSANDRA_USERNAME: 'worker',
      CASSANDRA_PASSWORD: rowsPassword,
      AWS_ENDPOINT_URL_S3: s3!.endpoint,
      AWS_REGION: s3!.region,
      AWS_ACCESS_KEY_ID: s3!.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3!.secretAccessKey,
      AWS_SESSION_TOKEN: '',
    }
    world = createWorld(true)
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...words) => void said.push(words.map(String).join(' ')))
  }, 120_000)

  afterAll(async () => {
    vi.restoreAllMocks()
    removeWorld(world.folder)
    await admin.shutdown()
    await servers.stop()
    await new ServedPlace({ kafka: kafka!, cassandra: shared!, s3: s3!, name, partitions: 1 }).remove()
  })

  const lines = [
    'init . --topic --partitions 1 --keyspace --bucket --save --log-level debug',
    'ingest sample/purchases.ndjson -c purchases -p shop --log-level debug',
    'ingest bad.ndjson -c purchases -p shop --keep-bad',
    'run topology.ts --until-caught-up --log-level debug --json',
    'status --lanes',
    'status --json',
    'query revenue_by_country --json',
    'schema purchases',
    'events purchases --limit 1',
    `delete -p shop -c purchases --where 'country eq "AU"' --explain`,
    `delete -p shop -c purchases --where 'country eq "AU"'`,
    'deletes --json',
    'objects --verify --log-level debug',
    'describe topology.ts --format json',
    'describe topology.ts --tables',
    'lint topology.ts',
    'simulate topology.ts --seeds 1 --no-keep',
    'skip --json',
    'dead-letters list --json',
    'dead-letters show 0/40',
    'dead-letters redrive --all',
    'log tail --json',
    'audit --json',
    'lag --json',
    'dump --json',
    'runbook "lag grows"',
    'pause archive --because moved',
    'resume archive',
    'tenant list --json',
    'tenant limit shop 500/s --because spike',
    'tenant block shop --because spike',
    'tenant clear shop',
    'tune list --json',
    'tune set epoch.ageMs 2s --because slow',
    'tune unset epoch.ageMs',
    'tune profile auto --because calm',
    'tune log --json',
    'replay topology.ts --from 2020-01-01 --to 2030-01-01 --into again --dry-run',
    'replay topology.ts --from 2020-01-01 --to 2030-01-01 --into again --log-level debug',
  ]
  // Nobody is told of alerts, no worker is there, nothing is drained, and the namespace has an end.
  const refused = new Map([
    ['alert test', 2],
    ['drain 1', 2],
    ['undrain 1', 2],
    ['promote again', 1],
  ])

  test.each([...lines, ...refused.keys()])(
    '%s',
    async (line) => {
      world.write('bad.ndjson', 'nope\n')
      const { exit, stderr } = await topology(line)
      // Bad lines that are kept are still told by the exit code.
      const expected = refused.get(line) ?? (line.includes('--keep-bad') ? 1 : 0)
      expect([exit, stderr]).toEqual([expected, expect.any(String)])
    },
    60_000,
  )

  test('every command was run', () => {
    const isRun = ({ name: command }: { readonly name: string }): boolean =>
      [...lines, ...refused.keys()].some((line) => line.startsWith(command))
    expect(commandTable.filter((entry) => !isRun(entry)).map((entry) => entry.name)).toEqual([])
  })

  const rights = { CASSANDRA_USERNAME: 'stranger' }
  test.each([
    ['log tail', { KAFKA_SASL_PASSWORD: wrong }, /refuses.*KAFKA_SASL_PASSWORD/],
    ['schema', { CASSANDRA_PASSWORD: wrong }, /user or password is wrong.*CASSANDRA_PASSWORD/],
    ['schema', { CASSANDRA_USERNAME: '', CASSANDRA_PASSWORD: '' }, /wants user and password.*CASSANDRA_PASSWORD/],
    ['schema', rights, /may not do that.*SELECT/],
    ['run topology.ts --until-caught-up', rights, /may not do that.*MODIFY/],
    ['init --keyspace --rows cassandra://CONTACT/other', rights, /may not do that/],
    ['objects --verify', { AWS_SECRET_ACCESS_KEY: wrong }, /refuses these credentials.*AWS_SECRET_ACCESS_KEY/],
    ['run topology.ts --until-caught-up', { AWS_SECRET_ACCESS_KEY: wrong }, /refuses these credentials/],
    ['run topology.ts --until-caught-up', { KAFKA_SASL_PASSWORD: wrong }, /refuses.*KAFKA_SASL_PASSWORD/],
    ['status', { SPILLWAY_ROWS: `cassandra://worker:${wrong}@host/rows` }, /do not stand in a URL/],
    ['status', { SPILLWAY_LOG: `kafka://ann:${wrong}@host/topic` }, /do not stand in a URL/],
    ['objects --verify', { AWS_ENDPOINT_URL_S3: `http://ann:${wrong}@host` }, /do not stand in a URL/],
  ])(
    '%s with %o: one line that says what to do',
    async (line, more, told) => {
      const { exit, stdout, stderr } = await topology(line.replace('CONTACT', servers.env['CASSANDRA_CONTACT']!), more)
      expect([exit === 1 || exit === 2, stdout, stderr]).toEqual([true, '', expect.stringMatching(told)])
    },
    20_000,
  )

  test('nothing that was printed, written or stored holds a secret', async () => {
    const stored = [...said, ...filesBelow(world.folder), ...(await storedRows(admin)), ...(await records(env))]
    const whole = stored.join('\n')
    expect(whole.length).toBeGreaterThan(10_000)
    for (const secret of [saslUser.password, rowsPassword, s3!.secretAccessKey, wrong]) {
      const at = whole.indexOf(secret)
      expect(at < 0 ? '' : whole.slice(Math.max(0, at - 200), at + 40)).toBe('')
    }
  }, 20_000)
})

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))

const storedRows = async (admin: cassandra.Client): Promise<readonly string[]> => {
  const tables = await admin.execute('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [name])
  const found: string[] = []
  for (const { table_name: table } of tables.rows) {
    const { rows } = await admin.execute(`SELECT * FROM ${name}."${table}"`)
    found.push(...rows.map((row) => row.values().map(textOf).join(' ')))
  }
  expect(tables.rows.map((row) => row['table_name'])).toContain('spillway_topologies')
  return found
}

const textOf = (cell: unknown): string => (Buffer.isBuffer(cell) ? cell.toString('latin1') : String(cell))

const records = async (env: OpenLogOptions['env'] & object): Promise<readonly string[]> => {
  const log = await openLog(env['SPILLWAY_LOG']!, { env })
  const place = 0 as Parameters<typeof log.bounds>[0] // the only partition
  const batch = await log.fetch(place, (await log.bounds(place)).start, { maxBytes: 1_000_000, waitMs: 0 })
  await log.close()
  return batch.records.map(({ key, headers, bytes, start, end }) =>
    [key, headers, Buffer.from(bytes.subarray(start, end)).toString()].join(' '),
  )
}
