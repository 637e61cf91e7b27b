/** `topology replay` on real flights: equal to the live result, without what was deleted, beside it and read by name. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockForRun } from '../../sinks/rows/sqlite/run-lock.ts'
import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const flights = resolve(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-2k.json')
const topology = `import { defineTopology, log } from 'spillway'
import { count, inferSchema, maximum, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
export default defineTopology('air', (t) => {
  const events = t.spout('events', log())
  events.sink('flights', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  const values = { flights: count(), delay: sum('delay'), worst: maximum('delay') }
  events.bolt('delays', rollup({ window: '1 day', by: ['origin'], values })).sink('delays_by_origin', tableRows())
  events.sink('archive', objects())
})
`
const always = '--from 2000-01-01 --to 2200-01-01'
let world: CliWorld

beforeAll(async () => {
  world = createWorld(true)
  world.write('air.mts', topology)
  world.write('flights.json', readFileSync(flights, 'utf8'))
  await world.topology('ingest flights.json --collection flights --time date')
  await world.topology('run air.mts --until-caught-up')
}, 30_000)

afterAll(() => removeWorld(world.folder))

const json = async (line: string): Promise<Record<string, unknown>> =>
  JSON.parse((await world.topology(`${line} --json`)).stdout)
const lines = async (line: string): Promise<readonly Record<string, unknown>[]> =>
  (await world.topology(line)).stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one))

/** What each reader says, without what differs by name. */
const seen = async (more = ''): Promise<unknown> => ({
  query: (await json(`query delays_by_origin -g origin ${more}`))['result'],
  schema: { ...(await json(`schema flights ${more}`)), as_of: undefined },
  events: await lines(`events flights --limit 5000 ${more}`),
  objects: (await lines(`objects --json ${more}`)).reduce((sum, one) => sum + Number(one['count']), 0),
})

test('a dry run tells what would be read, and changes nothing', async () => {
  const planned = await json(`replay air.mts ${always} --into shadow --dry-run`)
  expect(planned).toMatchObject({
    namespace: 'shadow',
    state: 'planned',
    sinks: [{ records: 2000, received: 0 }, {}, {}, {}],
  })
  expect((await world.topology('query delays_by_origin --namespace shadow')).stderr).toContain('There are none')
})

test('the replay of everything equals the live result: rows, schema, rollup, objects', async () => {
  const { exit, stdout, stderr } = await world.topology(`replay air.mts ${always} --into shadow`)
  expect([exit, stderr]).toEqual([0, expect.stringContaining('replay shadow is done: --namespace shadow reads it')])
  expect(stdout).toMatch(/delays_by_origin@shadow +2,000 +2,000 +2,000 +0 +0/)
  expect(await seen('--namespace shadow')).toEqual(await seen())
})

test('objects: replays are left out without a namespace, and each side is whole', async () => {
  const live = await lines('objects --json')
  const replayed = await lines('objects --json --namespace shadow')
  expect(live.every(({ key }) => !String(key).includes('/air.shadow-'))).toBe(true)
  expect(replayed.every(({ key }) => String(key).includes('/air.shadow-'))).toBe(true)
  for (const more of ['', '--namespace shadow'])
    expect((await world.topology(`objects --verify ${more}`)).stdout).toContain('2,000 events')
})

test('the same replay again is done at once, another range is refused', async () => {
  const again = await world.topology(`replay air.mts ${always} --into shadow --json`)
  expect(JSON.parse(again.stdout)).toMatchObject({ state: 'done' })
  expect(again.stderr).not.toContain('runs on')
  const { exit, stderr } = await world.topology('replay air.mts --from 2000-01-01 --to 2001-01-01 --into shadow')
  expect([exit, stderr]).toEqual([2, expect.stringContaining('holds the replay of another range: --from 2')])
})

test('D21: one origin is deleted, and neither the namespace nor a new replay holds it', async () => {
  const [flight] = await lines(`events flights -w 'origin eq "SAN"' --limit 1`)
  expect(flight).toBeDefined()
  const request = { id: 'san', project: 'default', collection: 'flights', allowScan: true }
  const filters = [{ property_name: 'origin', operator: 'eq', property_value: 'SAN' }]
  const { openLog } = await import('../../topology/resources.ts')
  const log = await openLog(`file:${world.folder}/data/log`)
  const value = new TextEncoder().encode(JSON.stringify({ ...request, filters }))
  const headers = [['spillway-kind', 'delete']] as const
  await log.append([0, 1, 2, 3].map((index) => ({ key: null, headers, value, partition: index as never }))) // a branded number
  await log.close()
  expect(await world.topology(`replay air.mts ${always} --into after`)).toMatchObject({ exit: 0 })
  for (const more of ['', '--namespace shadow', '--namespace after']) {
    expect(await lines(`events flights -w 'origin eq "SAN"' ${more}`)).toEqual([])
    expect(await seen(more)).toEqual(await seen())
  }
})

test('where nothing has run, nothing is made', async () => {
  const other = createWorld()
  other.write('air.mts', topology)
  const { exit, stderr } = await other.topology(`replay air.mts ${always} --into shadow`)
  expect([exit, stderr]).toEqual([2, expect.stringContaining('`topology run` comes first')])
  expect(existsSync(`${other.folder}/data`)).toBe(false)
})

test.each([
  ['replay air.mts', '3 problems'],
  [`replay air.mts ${always} --into Shadow_1`, 'a namespace has 1 to 40 characters'],
  [`replay air.mts --from noon --to 2027 --into x`, '"noon" is no time'],
  [`replay air.mts --from 2027-01-02 --to 2027-01-01 --into x`, 'does not lie behind --from'],
  [`replay air.mts ${always} --into x --timeframe today`, 'moves with time'],
  ['query delays_by_origin --namespace shadwo', 'did you mean "shadow"?'],
])('%s: exit 2, %s', async (line, said) => {
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
})

test('status marks replays', async () => {
  expect((await world.topology('status')).stdout).toMatch(/\nflights@shadow \(replay\) +events /)
  const { sinks } = await json('status')
  expect(sinks).toContainEqual(expect.objectContaining({ sink: 'schemas@shadow', namespace: 'shadow', retired: false }))
})

test('beside a running topology the replay is served by that run', async () => {
  const stop = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  await new Promise<void>((started) => {
    const talk = (text: string): void => void (text.includes('runs on') && started())
    running = world.topology('run air.mts', { signal: stop.signal, talk })
  })
  const { exit, stderr } = await world.topology(`replay air.mts ${always} --into beside`)
  stop.abort()
  await running
  expect([exit, stderr]).toEqual([0, expect.stringContaining('it serves the replay')])
  expect(await seen('--namespace beside')).toEqual(await seen())
})

test('a run that ends before it has served the replay leaves it to the command', async () => {
  const lock = lockForRun(`${world.folder}/data/rows.db`)
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    lock.release()
    await systemClock.sleep(Math.min(ms, 20), signal)
  }
  const { exit, stderr } = await world.topology(`replay air.mts ${always} --into left`, {
    clock: { nowMs: systemClock.nowMs, sleep },
  })
  expect([exit, stderr]).toEqual([0, expect.stringContaining('it serves the replay')])
  expect(await seen('--namespace left')).toEqual(await seen())
})
