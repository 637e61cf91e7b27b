import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld } from './cli-world.ts'

test.each([
  ['init --topic', '--topic: there is no URL of a topic to make\n  Name it: `--log kafka://host:9092/topic`'],
  ['init --keyspace', '--keyspace: there is no URL of a keyspace to make'],
  ['init --bucket', '--bucket: there is no URL of a bucket to make'],
  ['init --partitions 3', '--partitions: goes with --topic'],
  ['init --bucket --replication 2 --objects s3://shop-archive', '--replication: goes with --topic or --keyspace'],
  ['init --topic --partitions 0 --log kafka://h/t', '"0" is no whole number from 1 to 10000'],
  ['init --topic --log kafka://h', 'names no topic'],
  ['init --topic --log kafka://ann:hunter2@h/t', 'set KAFKA_SASL_MECHANISM'],
])('%s: exit 2, %s', async (line, said) => {
  const world = createWorld()
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
  expect(stderr).not.toContain('hunter2')
  expect(existsSync(join(world.folder, 'topology.ts'))).toBe(false)
})

test('a project made with URLs keeps them in spillway.yaml, and has the client that they need', async () => {
  const world = createWorld()
  const { exit } = await world.topology('init shop --log kafka://a,b:9093/shop --objects s3://shop-archive/events')
  expect(exit).toBe(0)
  const text = (path: string): string => readFileSync(join(world.folder, 'shop', path), 'utf8')
  expect(text('spillway.yaml')).toMatch(/\nlog: kafka:\/\/a,b:9093\/shop\nobjects: s3:\/\/shop-archive\/events\n$/)
  expect(text('package.json')).toContain('@aws-sdk/client-s3')
  expect(text('README.md')).toContain('`spillway.yaml` says where')
})

test('--save writes the URLs alone, once; other ones are not written over them', async () => {
  const world = createWorld()
  const env = { SPILLWAY_ROWS: 'cassandra://c/shop?dc=dc1' }
  const save = (log: string) => world.topology(`init --save --log ${log}`, { env })
  expect(await save('kafka://a/shop')).toMatchObject({ exit: 0, stdout: '', stderr: 'made spillway.yaml\n' })
  expect(await save('kafka://a/shop')).toMatchObject({
    exit: 0,
    stderr: expect.stringMatching(/spillway\.yaml is there already\n$/),
  })
  const other = await save('kafka://b/shop')
  expect([other.exit, other.stderr]).toEqual([2, expect.stringContaining('is there already and names other resources')])
  expect(readFileSync(join(world.folder, 'spillway.yaml'), 'utf8')).toContain('rows: cassandra://c/shop?dc=dc1\n')
})
