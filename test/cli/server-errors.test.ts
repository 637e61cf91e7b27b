/** What a person meets who has named a server wrongly: one line that says what and what to do, in time, and no secret. */
import { randomUUID } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverOf } from '../servers/server-of.ts'
import { createWorld } from './cli-world.ts'

const secret = `hunter2-${randomUUID()}`
const missing = `none${randomUUID().replaceAll('-', '').slice(0, 12)}`
const mostMs = 10_000

const keys = { AWS_ACCESS_KEY_ID: 'ann', AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: 'us-east-1' }
const sasl = (mechanism: string, password = secret) => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: 'ann',
  KAFKA_SASL_PASSWORD: password,
})

/** Runs a command that must fail; gives its one line. */
const failing = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<string> => {
  const world = createWorld()
  world.write('a.ndjson', '{"a":1}\n')
  const begin = performance.now()
  const { exit, stdout, stderr } = await world.topology(line, { env })
  expect(performance.now() - begin).toBeLessThan(mostMs)
  expect([exit === 1 || exit === 2, stdout]).toEqual([true, ''])
  expect(stderr).not.toContain(secret)
  expect(stderr).not.toMatch(/\n {4}at |[^\n]\n(?!see `topology)[^\n]/)
  return stderr
}

const commandOf = { kafka: 'log tail --log', cassandra: 'schema --rows', s3: 'init --bucket --objects' } as const
const urlOf = (kind: keyof typeof commandOf, host: string): string =>
  kind === 's3' ? 's3://some-bucket' : `${kind}://${host}/${missing}`
const envOf = (host: string) => ({ AWS_ENDPOINT_URL_S3: `http://${host}`, ...keys })

describe.each(['kafka', 'cassandra', 's3'] as const)('%s', (kind) => {
  const reach = (host: string): Promise<string> => failing(`${commandOf[kind]} ${urlOf(kind, host)}`, envOf(host))

  test('a host that does not exist', async () => {
    expect(await reach('nobody.invalid:9')).toMatch(/nobody\.invalid:9.* \(SPW-\d+\)\. .*[Cc]heck/)
  })

  test('a port that nobody listens on', async () => {
    expect(await reach('127.0.0.1:1')).toMatch(/127\.0\.0\.1:1.*refused.* \(SPW-\d+\)\. .*check/i)
  })

  describe('a server that accepts and never answers', () => {
    const sockets = new Set<Socket>()
    let silent: Server

    beforeAll(async () => {
      silent = createServer((socket) => {
        socket.on('error', () => undefined)
        sockets.add(socket)
      })
      await new Promise<void>((resolve) => {
        silent.listen(0, '127.0.0.1', resolve)
      })
    })

    afterAll(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })

    test('is given up in time', async () => {
      const { port } = silent.address() as AddressInfo // it listens on a port
      expect(await reach(`127.0.0.1:${port}`)).toMatch(/ \(SPW-\d+\)\. .*[Cc]heck/)
    }, 15_000)
  })
})

const kafka = serverOf('kafka')
describe.skipIf(kafka === undefined)('a Kafka that runs', () => {
  const url = `kafka://${kafka?.brokers.join(',')}/${missing}`
  const signed = `kafka://${kafka?.saslBrokers?.join(',')}/${missing}`

  test.each(['log tail', 'ingest a.ndjson', 'delete --all', 'delete --all --explain'])(
    '%s: a topic that is missing, and nothing makes it',
    async (command) => {
      const rows = command.startsWith('delete') ? ' --rows memory:' : ''
      expect(await failing(`${command} --log ${url}${rows}`)).toMatch(
        /has no topic none.*`topology init --topic --log kafka:\S+`\.\n$/,
      )
    },
  )

  test.each(['plain', 'scram-sha-256'])('a wrong password (%s)', async (mechanism) => {
    if (kafka?.saslBrokers === undefined) return
    expect(await failing(`log tail --log ${signed}`, sasl(mechanism))).toMatch(/refuses.*KAFKA_SASL_PASSWORD/)
  })

  test.each([
    ['a password where none is asked for', url, sasl('plain')],
    ['no password where one is asked for', signed, {}],
    ['TLS where none is spoken', url, { KAFKA_TLS: 'true' }],
  ])('%s', async (_, log, env) => {
    if (log.includes('undefined')) return
    expect(await failing(`log tail --log ${log}`, env)).toMatch(/KAFKA_(?:SASL|TLS)/)
  })

  test('half of a secret', async () => {
    const said = await failing(`log tail --log ${url}`, { KAFKA_SASL_PASSWORD: secret })
    expect(said).toContain('has KAFKA_SASL_PASSWORD but not KAFKA_SASL_MECHANISM and KAFKA_SASL_USERNAME')
  })

  test('the file of an authority that is not there', async () => {
    expect(await failing(`log tail --log ${url}`, { KAFKA_TLS_CA: 'none.pem' })).toContain(
      'KAFKA_TLS_CA cannot be read',
    )
  })
})

const cassandra = serverOf('cassandra')
describe.skipIf(cassandra === undefined)('a Cassandra that runs', () => {
  const url = `cassandra://${cassandra?.contactPoints.join(',')}/${missing}`

  test.each(['schema', 'query revenue', 'events films', 'deletes', 'status', 'objects', 'dead-letters list'])(
    '%s: a keyspace that is missing, and nothing makes it',
    async (command) => {
      expect(await failing(`${command} --rows ${url}`)).toMatch(
        /there is no keyspace none.*`topology init --keyspace --rows cassandra:\S+`/,
      )
    },
  )

  test('a data centre that is not there', async () => {
    expect(await failing(`schema --rows ${url}?dc=nowhere`)).toMatch(/nowhere.*datacenter1/)
  })
})

const s3 = serverOf('s3')
describe.skipIf(s3 === undefined)('an S3 that runs', () => {
  const env = {
    AWS_ENDPOINT_URL_S3: s3?.endpoint ?? '',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: s3?.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: s3?.secretAccessKey ?? '',
  }
  const topology = `import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
export default defineTopology('t', (t) => void t.spout('e', log()).sink('a', objects({ format: 'ndjson' })))
`
  const running = async (more: Readonly<Record<string, string>>): Promise<string> => {
    const world = createWorld()
    world.write('t.mts', topology)
    const { exit, stderr } = await world.topology(`run t.mts --until-caught-up --objects s3://${missing}`, {
      env: { ...env, ...more },
    })
    expect([exit, stderr.includes(secret)]).toEqual([1, false])
    return stderr
  }

  test('a bucket that is missing, and nothing makes it', async () => {
    expect(await running({})).toMatch(/there is no bucket none.*`topology init --bucket --objects s3:\S+`/)
  })

  test('a wrong key', async () => {
    expect(await running({ AWS_SECRET_ACCESS_KEY: secret })).toMatch(/refuses these credentials.*AWS_SECRET_ACCESS_KEY/)
  })
})
