import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandInput } from '../../topology/cli/command-input.ts'
import { type Configuration, readConfiguration } from '../../topology/cli/configuration.ts'
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { bytes, type CliWorld, createWorld } from './cli-world.ts'

const read = async (
  world: CliWorld,
  options: Record<string, string> = {},
  env: Record<string, string> = {},
  file?: string,
): Promise<Configuration & { readonly problems: readonly unknown[] }> => {
  const input = new CommandInput([], options)
  const io = {
    print: async () => {},
    talk: () => {},
    stdin: bytes(''),
    env,
    folder: world.folder,
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    isLive: false,
    colour: { stdout: false, stderr: false },
    columns: 80,
  }
  return { ...(await readConfiguration(io, input, file)), problems: input.problems }
}

test('flags win over the environment, that over spillway.yaml, that over defaults', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'log: file:yaml-log\nrows: sqlite:yaml.db\nobjects: file:yaml-objects\n')
  const env = { SPILLWAY_LOG: 'file:env-log', SPILLWAY_ROWS: 'sqlite:env.db' }
  const { log, rows, objects, problems } = await read(world, { log: 'file:flag-log' }, env)
  expect(problems).toEqual([])
  expect(log).toEqual({ value: `file:${join(world.folder, 'flag-log')}`, at: '--log' })
  expect(rows).toEqual({ value: `sqlite:${join(world.folder, 'env.db')}`, at: 'SPILLWAY_ROWS' })
  expect(objects).toEqual({ value: `file:${join(world.folder, 'yaml-objects')}`, at: 'spillway.yaml:3:10' })
})

test('defaults lie below ./data', async () => {
  const world = createWorld()
  const { log, rows, objects } = await read(world)
  const values = [log, rows, objects].map(({ value }) => value.replace(world.folder, '.'))
  expect(values).toEqual(['file:./data/log', 'sqlite:./data/rows.db', 'file:./data/objects'])
})

test('spillway.yaml beside the topology is read, and its paths begin there', async () => {
  const world = createWorld()
  world.write('shop/spillway.yaml', 'log: file:log?partitions=2\n')
  const { log } = await read(world, {}, {}, 'shop/topology.ts')
  expect(log.value).toBe(`file:${join(world.folder, 'shop/log')}?partitions=2`)
})

test('a setting given twice does not hide the other problems', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'rows: 5\nrowz: 1\nlog: file:a\nlog: file:b\n')
  const { problems } = await read(world)
  const places = problems.map((problem) => (problem as { at: string }).at) // problems of `CommandInput`
  expect(places).toEqual(['spillway.yaml:4:1', 'spillway.yaml:1:7', 'spillway.yaml:2:1'])
})

test('every problem of spillway.yaml is told with its line and column', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'log: kafka://x\nrowz: 1\nknobs:\n  epoch.ageMS: 5\n  batch.records: 0\nobjects: 5\n')
  const { problems } = await read(world)
  expect(problems).toEqual([
    { at: 'spillway.yaml:2:1', text: 'unknown setting "rowz"; did you mean "rows"?' },
    { at: 'spillway.yaml:4:3', text: 'unknown knob "epoch.ageMS"; did you mean "epoch.ageMs"?' },
    { at: 'spillway.yaml:5:18', text: 'batch.records is no "0": it is a whole number of records from 1 to 20,000' },
    { at: 'spillway.yaml:6:10', text: 'objects is a text' },
    { at: 'spillway.yaml:1:6', text: 'log "kafka://x": names no topic: it is written kafka://host:9092/topic' },
  ])
})

test('a secret in spillway.yaml is refused with its place and the variables to use, and is not repeated', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'rows: cassandra://ann:hunter2@host/shop\n')
  const { problems } = await read(world)
  expect(problems).toEqual([
    {
      at: 'spillway.yaml:1:7',
      text: 'rows "cassandra://***@host/shop": a user and a password do not stand in a URL: set CASSANDRA_USERNAME and CASSANDRA_PASSWORD in the environment',
    },
  ])
})

test('broken YAML is told with its place', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'log: [a\nrows: b\n')
  const { problems } = await read(world)
  expect(problems.length).toBeGreaterThan(0)
  expect(problems[0]).toMatchObject({ at: expect.stringMatching(/^spillway\.yaml:\d+:\d+$/) })
})
