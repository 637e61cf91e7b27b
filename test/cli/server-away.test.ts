/** A server that goes away while a topology runs: told once, shown by `status`, waited for, and nothing is lost. */
import { expect, test } from 'vitest'
import { type StartedServers, serverWay, startServers } from '../servers/start-servers.ts'
import { bytes, type CliOutcome, createWorld } from './cli-world.ts'

const topology = `import { defineTopology, log } from 'spillway'
import { eventRows, objects } from 'spillway/sinks'
export default defineTopology('away', (t) => {
  const events = t.spout('events', log())
  events.sink('events', eventRows())
  events.sink('archive', objects({ format: 'ndjson', rotate: { idle: '1 second', age: '1 second' } }))
})
`

/** Runs a command until its answer fits; fails with the last one. */
const until = async (run: () => Promise<CliOutcome>, fits: (outcome: CliOutcome) => boolean): Promise<CliOutcome> => {
  for (let left = 100; ; left--) {
    const outcome = await run()
    if (fits(outcome)) return outcome
    if (left === 0) throw new Error(`${outcome.stdout}${outcome.stderr}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 200)
    })
  }
}

const envOf = (servers: StartedServers): Record<string, string> => ({
  SPILLWAY_OBJECTS: 's3://away-bucket/events',
  AWS_ENDPOINT_URL_S3: servers.env['S3_ENDPOINT']!,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: servers.env['S3_ACCESS_KEY']!,
  AWS_SECRET_ACCESS_KEY: servers.env['S3_SECRET_KEY']!,
})

test.skipIf('missing' in serverWay(['s3']))(
  'objects go away and come back under a run',
  async () => {
    const servers = await startServers({ kinds: ['s3'] })
    const world = createWorld()
    world.write('away.mts', topology)
    const env = envOf(servers)
    const ask = (line: string) => world.topology(line, { env })
    const ingest = (n: number) => world.topology('ingest - -c visits', { env, stdin: bytes(`{"n":${n}}\n`) })
    const stopping = new AbortController()
    let said = ''
    const talk = (chunk: string): void => {
      said += chunk
    }
    try {
      await ask('init --bucket')
      await ingest(1)
      const running = world.topology('run away.mts', { env, talk, signal: stopping.signal })
      await until(
        () => ask('objects --json'),
        ({ stdout }) => stdout.includes('"count":1'),
      )
      await servers.get('s3').kill()
      await ingest(2)
      const away = await until(
        () => ask('status'),
        ({ stdout }) => stdout.includes('waiting (') && said.includes('waiting for'),
      )
      expect(away.stdout).toMatch(/running; .*\nwaiting \([\d.]+ m?s\) for objects s3:\/\/away-bucket\/events: .+\n/)
      const [wait] = JSON.parse((await ask('status --json')).stdout).waiting_for
      expect(wait).toMatchObject({ resource: 'objects', name: 's3://away-bucket/events' })
      await servers.get('s3').restart()
      await until(
        () => ask('status'),
        ({ stdout }) => !stdout.includes('waiting ('),
      )
      await until(
        () => ask('objects --json'),
        ({ stdout }) => (stdout.match(/"count":1/g) ?? []).length === 2,
      )
      stopping.abort()
      expect((await running).exit).toBe(0)
      expect(said.match(/waiting for objects|answers again after/g)).toEqual([
        'waiting for objects',
        'answers again after',
      ])
      expect((await ask('objects --verify')).stdout).toMatch(/^2 objects, 2 events, .*: all whole/)
    } finally {
      stopping.abort()
      await servers.stop()
    }
  },
  60_000,
)
