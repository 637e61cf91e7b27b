/** From a changed file to what readers see: `replay --follow`, `promote`, `run`, `replay --drop`, as a person types them. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const flights = resolve(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-2k.json')
const topology = (by: string): string => `import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
export default defineTopology('air', (t) => {
  const events = t.spout('events', log())
  events.sink('flights', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.bolt('count', rollup({ window: '1 day', by: [${by}], values: { flights: count() } })).sink('by_place', tableRows())
  events.sink('archive', objects())
})
`
let world: CliWorld

beforeAll(() => {
  world = createWorld(true)
  world.write('air.mts', topology(`'origin'`))
  world.write('air2.mts', topology(`'origin', 'destination'`))
  const all: unknown[] = JSON.parse(readFileSync(flights, 'utf8'))
  world.write('flights.json', JSON.stringify(all.slice(0, 400)))
  world.write('more.json', JSON.stringify(all.slice(400, 500)))
})

afterAll(() => removeWorld(world.folder))

const json = async (line: string): Promise<Record<string, unknown>> =>
  JSON.parse((await world.topology(`${line} --json`)).stdout)
const groups = async (line: string): Promise<number> => {
  const { result } = await json(line)
  return Array.isArray(result) ? result.length : Number.NaN
}

test('A17: a dry run of one branch touches no sink: nothing is made, and nothing there is changed', async () => {
  await world.topology('ingest flights.json --collection flights --time date')
  const { exit, stdout } = await world.topology('run air.mts --only schema --dry-run')
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/schemas +400 +400 +0 +0 +\d+ rows in \d+ request/)])
  expect(stdout).not.toContain('by_place')
  expect(['rows.db', 'objects'].map((name) => existsSync(`${world.folder}/data/${name}`))).toEqual([false, false])
  await world.topology('run air.mts --until-caught-up')
  const before = await json('status')
  const rows = readFileSync(`${world.folder}/data/rows.db`)
  expect(await world.topology('run air.mts --dry-run --limit 10')).toMatchObject({ exit: 0 })
  expect(readFileSync(`${world.folder}/data/rows.db`).equals(rows)).toBe(true)
  expect(await json('status')).toEqual(before)
})

test('a dry run takes the slice that is asked for, and says what it is', async () => {
  const told = await json('run air.mts --dry-run --limit 10')
  expect(told).toMatchObject({ topology: 'air', state: 'caughtUp', records: 10, dead_letters: [] })
  expect((await world.topology('run air.mts --dry-run --to 2000-01-01')).stdout).toContain('over 0 records')
})

test.each([
  ['run air.mts --only count --limit 5', 'goes with --dry-run only'],
  ['run air.mts --only cuont --dry-run', 'did you mean "count"?'],
  ['replay air.mts --follow --to 2030-01-01 --into x', 'does not stand beside --follow'],
  ['replay air.mts --follow --into live', 'live is the name of the declared sinks themselves'],
  ['replay air.mts --follow --into x --rate fast', '"fast" is no rate'],
  ['replay --into x', 'FILE is missing'],
  ['replay air.mts --drop x', '--drop takes no FILE'],
  ['replay --drop x', 'there is no namespace x'],
  ['promote', 'NAMESPACE is missing'],
  ['promote x', 'there is no namespace x'],
  ['promote --undo', 'nothing was promoted yet'],
])('%s: exit 2, %s', async (line, said) => {
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
})

test('a dry run of a replay tells ranges, bytes, time, deletes and writes', async () => {
  const { stdout } = await world.topology('replay air.mts --follow --into v2 --rate 2K --dry-run')
  expect(stdout).toMatch(/^reads +400 records, about [\d.]+ KiB$/m)
  expect(stdout).toMatch(/^takes +[\d.]+ m?s/m)
  expect(stdout).toMatch(/^flights@v2 +400 +400 row writes$/m)
  expect(stdout).toContain('Nothing was changed.')
  const told = await json('replay air.mts --follow --into v2 --rate 2K --dry-run')
  expect(told).toMatchObject({
    state: 'planned',
    to: null,
    records: 400,
    rate: 2_000,
    eta_ms: [expect.any(Number), expect.any(Number)],
  })
})

test('a changed file: refused, computed beside, promoted, run', async () => {
  expect(await world.topology('run air2.mts --until-caught-up')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('`topology replay FILE --follow --into NAMESPACE`'),
  })
  expect(await world.topology('replay air2.mts --follow --into v2')).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('`topology promote v2` makes it what readers see'),
  })
  const places = await groups('query by_place --namespace v2 -g origin,destination')
  expect(await groups('query by_place -g origin')).toBeLessThan(places)
  const { exit, stdout } = await world.topology(`promote v2 --because 'by destination'`)
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^by_place +by_place +by_place@v2$/m)])
  expect(await groups('query by_place -g origin,destination')).toBe(places)
  const database = new DatabaseSync(`${world.folder}/data/rows.db`, { readOnly: true })
  expect(database.prepare(`SELECT reads FROM spillway_served WHERE sink = 'archive'`).get()).toMatchObject({
    reads: 'archive@v2',
  })
  database.close()
  await world.topology('ingest more.json --collection flights --time date')
  expect(await world.topology('run air2.mts --until-caught-up')).toMatchObject({ exit: 0 })
})

test('every reader follows it, and --namespace live leads to what is declared and still computed', async () => {
  expect((await json('schema flights'))['events']).toBe(500)
  const count = async (line: string): Promise<number> => (await world.topology(line)).stdout.trim().split('\n').length
  expect(await count('events flights --limit 1000')).toBe(500)
  const objects = (await world.topology('objects --json')).stdout.trim().split('\n')
  expect(objects.every((line) => line.includes('/air.v2-'))).toBe(true)
  expect((await world.topology('objects --verify')).stdout).toContain('500 events')
  expect((await world.topology('objects --verify --namespace live')).stdout).toContain('500 events')
  expect(await world.topology('query by_place --namespace live')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('no rollup "by_place"'),
  })
})

test('the way back is closed when the definition before is no longer computed, and that is said', async () => {
  const { exit, stderr } = await world.topology('promote --undo')
  expect([exit, stderr]).toEqual([1, expect.stringContaining('by_place is out of service')])
  expect(stderr).toContain('`topology replay` the earlier file with --follow into a new namespace')
})

test('a replay that nobody wants any more is dropped, and what stays of it is told', async () => {
  await world.topology('replay air2.mts --from 2000-01-01 --to 2200-01-01 --into old')
  expect(await world.topology('replay --drop v2')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('readers see namespace v2'),
  })
  const { exit, stdout, stderr } = await world.topology('replay --drop old')
  expect([exit, stdout]).toEqual([0, expect.stringContaining('archive@old, by_place@old, flights@old, schemas@old')])
  expect(stderr).toContain('deletes do not reach that any more')
  expect(await world.topology('schema --namespace old')).toMatchObject({ exit: 2 })
  expect(await world.topology('replay air2.mts --from 2000-01-01 --to 2200-01-01 --into old')).toMatchObject({
    exit: 2,
  })
})

test('the sinks that nobody reads rest once they are dropped, and what is read goes on', async () => {
  expect(await world.topology('replay --drop live')).toMatchObject({ exit: 0 })
  await world.topology('ingest more.json --collection flights --time date')
  expect(await world.topology('run air2.mts --until-caught-up')).toMatchObject({ exit: 0 })
  expect((await json('schema flights'))['events']).toBe(600)
})
