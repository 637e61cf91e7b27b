/** `topology audit` as a person types it: silent when everything has arrived, and loud about what has not. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const flights = resolve(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-2k.json')
const topology = `import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
export default defineTopology('air', (t) => {
  const events = t.spout('events', log())
  events.sink('flights', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.bolt('count', rollup({ window: '1 day', by: ['origin'], values: { flights: count() } })).sink('by_place', tableRows())
  events.sink('archive', objects())
  events
    .bolt('late', filter((event) => Number(event.body.delay) > 0))
    .bolt('lateDays', rollup({ window: '1 day', values: { flights: count() } }))
    .sink('late_days', tableRows())
})
`
let world: CliWorld

beforeAll(async () => {
  world = createWorld(true)
  world.write('air.mts', topology)
  const all: unknown[] = JSON.parse(readFileSync(flights, 'utf8'))
  world.write('flights.json', JSON.stringify(all.slice(0, 300)))
  world.write('more.json', JSON.stringify(all.slice(300, 350)))
  await world.topology('ingest flights.json --collection flights --time date')
  await world.topology('run air.mts --until-caught-up')
})

afterAll(() => removeWorld(world.folder))

const json = async (line: string): Promise<Record<string, unknown>> =>
  JSON.parse((await world.topology(`${line} --json`)).stdout)

test('D20: agrees by the catalogue alone, and says which sink needs the file', async () => {
  const { exit, stdout } = await world.topology('audit')
  expect(stdout).toMatch(/^flights +1 hour +300 +0 +0 +300 +300 /m)
  expect(stdout).toMatch(/^archive +1 hour of append time +300 +0 +0 +300 +300 /m)
  expect(stdout).toContain('not compared: late_days, it stands behind late')
  expect(stdout).toMatch(/all [\d,]+ counts of 4 sinks agree\n$/)
  expect(exit).toBe(0)
})

test('D20: with the file bolts are run, and with --verify objects are read back', async () => {
  const { exit, stdout } = await world.topology('audit air.mts --verify')
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/counts of 5 sinks agree\n$/)])
  expect(await json('audit air.mts')).toMatchObject({
    topology: 'air',
    equal: true,
    records: 300,
    not_compared: [],
    difference_count: 0,
    sinks: expect.arrayContaining([expect.objectContaining({ sink: 'late_days', at_least: false })]),
  })
})

test('what is not committed yet is no difference: it is told as such', async () => {
  await world.topology('ingest more.json --collection flights --time date')
  const { exit, stdout } = await world.topology('audit')
  expect(stdout).toMatch(/not yet: flights has committed everything below offset 300 of 350, partition \d of events/)
  expect(exit).toBe(0)
  await world.topology('run air.mts --until-caught-up')
})

test('D20: after a delete, and for one project, day by day', async () => {
  await world.topology(`delete -p default -c flights --where 'origin eq "ORD"'`)
  await world.topology('run air.mts --until-caught-up')
  const report = await json('audit air.mts')
  expect(report['equal']).toBe(true)
  const deleted = (report['sinks'] as { deleted: number }[]).map((one) => one.deleted) // as the command prints them
  expect(Math.min(...deleted)).toBeGreaterThan(0)
  const { exit, stdout } = await world.topology('audit --project default --timeframe 2001-01-01/2001-01-03 --all')
  expect(stdout).toMatch(/^by_place +default +\(all\) +2001-01-02T00:00:00.000Z +1 day +\d+ +\d+$/m)
  expect(stdout).toContain('not compared: schemas, a schema counts all times together')
  expect(exit).toBe(0)
})

test('D20: names the hour of a row that is gone, and ends with 1', async () => {
  const database = new DatabaseSync(`${world.folder}/data/rows.db`)
  database.exec('DELETE FROM flights WHERE id = (SELECT id FROM flights WHERE dead IS NULL LIMIT 1)')
  database.close()
  const { exit, stdout } = await world.topology('audit')
  expect(stdout).toMatch(/^flights +default +flights +2001-\S+Z +1 hour +\d+ +\d+ +1 row missing: taken away by hand/m)
  expect(stdout).toMatch(/\n1 of [\d,]+ counts differ\n$/)
  expect(exit).toBe(1)
  expect(await json('audit')).toMatchObject({
    equal: false,
    difference_count: 1,
    differences: [{ sink: 'flights', project: 'default', collection: 'flights', window: '1 hour' }],
  })
})

test.each([
  ['audit other.mts', 'there is no such file'],
  ['audit --timeframe yesterdy', 'yesterdy'],
  ['audit --namespace v9', 'no replay "v9"'],
])('%s: exit 2, %s', async (line, said) => {
  expect(await world.topology(line)).toMatchObject({ exit: 2, stderr: expect.stringContaining(said) })
})
