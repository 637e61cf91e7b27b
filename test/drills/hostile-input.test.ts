import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type NewRecord, openLog } from 'spillway'
import { expect, test } from 'vitest'
import { type CliWorld, createWorld } from '../cli/cli-world.ts'
import {
  badCollections,
  badLines,
  badProjects,
  longLine,
  namedRecord,
  oddCollections,
  oddProjects,
} from './hostile-records.ts'

const topologyFile = join(import.meta.dirname, 'drill-topology.ts')
const places = '--log file:deep/er/log --rows sqlite:deep/er/rows.db'
const objects = '--objects file:deep/er/objects'
const run = (world: CliWorld) => world.topology(`run ${topologyFile} --until-caught-up ${places} ${objects}`)

const append = async (world: CliWorld, records: readonly NewRecord[]): Promise<void> => {
  const log = await openLog(`file:${join(world.folder, 'deep/er/log')}`)
  await log.append(records)
  await log.close()
}

const letters = async (world: CliWorld): Promise<readonly { readonly cause: string; readonly attempts: number }[]> =>
  JSON.parse((await world.topology(`dead-letters list --json --rows sqlite:deep/er/rows.db`)).stdout)

const listing = (world: CliWorld, hidden: RegExp): readonly string[] =>
  // The project's own packages are a link to this repository, where other tests write.
  readdirSync(world.folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.startsWith('node_modules') && !hidden.test(path),
  )

/** Bad lines between good ones, as a file. */
const writeBadFile = (world: CliWorld): void => {
  const good = (n: number): string => `{"n":${n}}`
  const lines = ['', longLine, ...badLines.map(([, line]) => line)].flatMap((line, index) => [good(index), line])
  const bytes = lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
  writeFileSync(join(world.folder, 'bad.ndjson'), Buffer.concat(bytes))
}

test('malformed lines of every kind become dead letters with their cause; everything else is applied', async () => {
  const world = createWorld()
  writeBadFile(world)
  const ingest = await world.topology(`ingest bad.ndjson -c things -p ann --keep-bad --json --log file:deep/er/log`)
  const good = badLines.length + 2
  const lines = 2 * good
  // A line that no record can hold is refused; a blank line is none.
  expect(JSON.parse(ingest.stdout)).toEqual({ appended: lines - 2, refused: badLines.length + 1, lines })
  expect(ingest.stderr).toContain('bad.ndjson:4: is longer than 1048576 bytes\n')
  const { exit, stderr } = await run(world)
  expect([exit, stderr.trim().split('\n').at(-1)]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^caught up: ${lines - 2} records .*, ${badLines.length} dead letters `)),
  ])
  expect((await letters(world)).map(({ cause }) => cause)).toEqual(badLines.map(([, , cause]) => cause))
  const events = await world.topology(`events things --json --rows sqlite:deep/er/rows.db`)
  const numbers = events.stdout.trim().split('\n')
  expect(numbers.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: good }, (_, n) => n))
  const verified = await world.topology(`objects --verify --json --rows sqlite:deep/er/rows.db ${objects}`)
  expect(JSON.parse(verified.stdout)).toMatchObject({ events: good, problem_count: 0 })
})

test('a dead letter keeps the raw bytes', async () => {
  const world = createWorld()
  const raw = Buffer.from('{"a":"\u00c3("}', 'latin1')
  await append(world, [{ ...namedRecord('ann', 'things'), value: raw }])
  await run(world)
  const { stdout } = await world.topology('dead-letters show events/0/0 --json --rows sqlite:deep/er/rows.db')
  expect(Buffer.from(JSON.parse(stdout)[0].base64, 'base64')).toEqual(raw)
})

test('a record whose headers are too long for its letter is redriven whole, from the log', async () => {
  const world = createWorld()
  const { headers } = namedRecord('ann', 'things')
  const long = 'x'.repeat(70_000)
  await append(world, [{ key: 'k', headers: [...headers, ['long', long]], value: Buffer.from('nope') }])
  await run(world)
  const redriven = `--rows sqlite:deep/er/rows.db --log file:deep/er/log`
  expect((await world.topology(`dead-letters redrive --all ${redriven}`)).exit).toBe(0)
  const { stdout } = await world.topology('log tail -n 1 --json --log file:deep/er/log')
  expect(JSON.parse(stdout)).toMatchObject({ key: 'k', headers: { long, 'spillway-redrive': 'events/0/0' } })
})

test('a value that is empty or null, and a time header that is none, are dead letters', async () => {
  const world = createWorld()
  const { headers } = namedRecord('ann', 'things')
  await append(world, [
    { key: 'k', headers, value: new Uint8Array(0) },
    { key: 'k', headers, value: null },
    { ...namedRecord('ann', 'things'), key: 'k', headers: [...headers, ['spillway-time', 'soon']] },
  ])
  await run(world)
  const causes = (await letters(world)).map(({ cause }) => cause)
  expect(causes).toEqual(['InvalidEventError', 'InvalidEventError', 'InvalidPropertyValueError'])
})

test('names that cannot be part of a key are dead letters, the others are encoded', async () => {
  const world = createWorld()
  await append(world, [
    ...badCollections.map((name) => namedRecord('ann', name)),
    ...badProjects.map((name) => namedRecord(name, 'things')),
    ...oddCollections.map((name) => namedRecord('ann', name)),
    ...Object.keys(oddProjects).map((name) => namedRecord(name, 'things')),
  ])
  const before = listing(world, /^deep/)
  expect((await run(world)).exit).toBe(0)
  expect(listing(world, /^deep/)).toEqual(before)
  expect(readdirSync(join(world.folder, 'deep'))).toEqual(['er'])
  expect(listing(world, /^(?!deep\/er\/[^/]+$)|rows\.db/)).toEqual(['deep/er/log', 'deep/er/objects'])
  const causes = (await letters(world)).map(({ cause }) => cause)
  expect(causes.filter((cause) => cause === 'InvalidCollectionNameError')).toHaveLength(badCollections.length)
  expect(causes).toHaveLength(badCollections.length + badProjects.length)
  const projects = readdirSync(join(world.folder, 'deep/er/objects')).filter((name) => name !== '.spillway~')
  expect(projects.sort()).toEqual([...Object.values(oddProjects), 'ann'].sort())
  const verified = await world.topology(`objects --verify --json --rows sqlite:deep/er/rows.db ${objects}`)
  const count = oddCollections.length + Object.keys(oddProjects).length
  expect(JSON.parse(verified.stdout)).toMatchObject({ events: count, objects: count, problem_count: 0 })
})

test.each(Object.keys(oddProjects))('project %j keeps its name for every reader', async (project) => {
  const world = createWorld()
  world.write('one.ndjson', '{"a":1}\n')
  expect((await world.topology(`ingest one.ndjson -c things -p '${project}' --log file:deep/er/log`)).exit).toBe(0)
  await run(world)
  const { stdout } = await world.topology(`events things -p '${project}' --rows sqlite:deep/er/rows.db`)
  expect(JSON.parse(stdout)).toMatchObject({ a: 1 })
})
