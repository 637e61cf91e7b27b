/** One small project from `init` on, and every reading command over it. */
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytes, type CliOutcome, type CliWorld, createWorld, removeWorld } from './cli-world.ts'

let world: CliWorld
let made: CliOutcome
let ran: CliOutcome

beforeAll(async () => {
  world = createWorld(true)
  made = await world.topology('init')
  await world.topology('ingest sample/purchases.ndjson --collection purchases --project shop')
  await world.topology('ingest - -c purchases -p shop --keep-bad', { stdin: bytes('nope\n') })
  ran = await world.topology('run topology.ts --until-caught-up --json')
})

afterAll(() => removeWorld(world.folder))

const json = async (line: string): Promise<unknown> => JSON.parse((await world.topology(`${line} --json`)).stdout)
const lines = async (line: string): Promise<unknown[]> =>
  (await world.topology(line)).stdout
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one))

test('init makes the files, prints the next commands one a line, and never overwrites', async () => {
  expect(made.exit).toBe(0)
  expect(made.stdout.split('\n')).toContain('npx topology run topology.ts --until-caught-up')
  expect(readdirSync(world.folder)).toEqual(expect.arrayContaining(['topology.ts', 'topology.test.ts', 'sample']))
  const again = await world.topology('init')
  expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining('is there already; nothing was written')])
})

test('run ends with counts, dead letters among them, and exit 0', () => {
  expect(ran.exit).toBe(0)
  expect(JSON.parse(ran.stdout)).toMatchObject({ state: 'caughtUp', dead_letters: 1 })
  expect(ran.stderr).toMatch(/caught up: .*1 dead letter \(`topology dead-letters list`\)\n$/)
})

test('query: the total, groups and intervals have the public shapes', async () => {
  expect(await json('query revenue_by_country')).toMatchObject({
    result: { orders: 40, revenue: 2008.2 },
    meta: {
      milliseconds_behind: 0,
      complete: true,
      latest_subtimeframe_available: expect.stringMatching(/:00\.000Z$/),
    },
  })
  expect(await json('query revenue_by_country -g country')).toMatchObject({
    result: [
      { country: 'AU', orders: 8 },
      { country: 'DE', orders: 16 },
      { country: 'NZ', orders: 16 },
    ],
  })
  expect(await json(`query revenue_by_country -i every_5_minutes -w 'country eq "AU"'`)).toMatchObject({
    result: [{ timeframe: { start: '2026-03-14T09:00:00.000Z' }, value: { orders: 4 } }, { value: { orders: 4 } }],
  })
})

test('query: the table for people holds the same numbers', async () => {
  const { stdout, stderr } = await world.topology('query revenue_by_country -g country')
  expect(stdout.split('\n')[0]).toMatch(/^country {2}orders {2}revenue {4}p95$/)
  expect(stdout).toMatch(/\nAU {12}8 {3}419\.64 /)
  expect(stderr).toBe('all events are in\n')
})

test.each([
  ['query revenue_by_contry', 'did you mean "revenue_by_country"?'],
  ['query revenue_by_country -g color', 'not kept by color; its groups are country'],
  ['query revenue_by_country -t soon -i often --fill x', '3 problems'],
  ['schema purchase', 'did you mean "purchases"?'],
  ['events purchas', 'did you mean "purchases"?'],
  ['status --topology shopp', 'did you mean "shop"?'],
  ['objects --sink archiv', 'did you mean "archive"?'],
  ['dead-letters show 3/7', 'no dead letter stands at 3/7'],
  [
    'dead-letters redrive --cause InvalidEventEror',
    'did you mean "InvalidEventError"?\n  There are letters of InvalidEvent',
  ],
  ['dead-letters list --cause Foo', 'no dead letter has the cause "Foo"'],
])('%s: exit 2, %s', async (line, said) => {
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
})

test('schema: counts, types, share and positions', async () => {
  expect(await json('schema purchases')).toMatchObject({
    collection: 'purchases',
    events: 40,
    properties: { coupon: { type: 'string', count: 10, types: { string: 10 }, present: 0.25 } },
    as_of: { '0': expect.any(Number) },
  })
  expect(await json('schema')).toEqual([{ collection: 'purchases', events: 40, properties: 5 }])
  expect((await world.topology('schema purchases')).stdout).toMatch(/\ncoupon +string +10 {2}25\.0 %\n/)
})

test('events: NDJSON with the keen object, filtered and limited', async () => {
  const found = await lines(`events purchases -w 'country eq "AU"' --limit 3`)
  expect(found).toHaveLength(3)
  expect(found[0]).toMatchObject({ keen: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) }, country: 'AU' })
  expect((await world.topology('events purchases --limit 3')).stderr).toBe('the first 3; --limit shows more\n')
})

test('objects: the manifest, and each object read back', async () => {
  const [object] = await lines('objects --json')
  expect(object).toMatchObject({ project: 'shop', collection: 'purchases', count: 40 })
  const { exit, stdout } = await world.topology('objects --verify')
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^1 object, 40 events, .*: all whole/)])
})

test('status: every sink has received what it applied and dead-lettered', async () => {
  const { sinks } = (await json('status')) as { sinks: Record<string, unknown>[] } // the shape of the test
  for (const sink of sinks) expect(sink).toMatchObject({ received: 41, applied: 40, dead_lettered: 1, lag_events: 0 })
  expect((await world.topology('status')).stdout).toMatch(/\nrevenue_by_country +rows +41 +40 +1 +0 +0 +0 /)
})

test('a cause that no letter has today is an empty answer', async () => {
  expect(await json('dead-letters redrive --cause BoltError')).toEqual({ redriven: 0, failed: 0 })
})

test('dead letters are listed, shown, and appended again once', async () => {
  const [letter] = (await json('dead-letters list')) as Record<string, unknown>[] // the shape of the test
  expect(letter).toMatchObject({ topology: 'shop', topic: 'events', cause: 'InvalidEventError', attempts: 1 })
  const place = `${letter?.['partition']}/${letter?.['offset']}`
  expect((await world.topology(`dead-letters show ${place}`)).stdout).toContain('value: nope\n')
  expect((await world.topology(`dead-letters show ${place} --raw`)).stdout).toBe('nope')
  expect(await json('dead-letters redrive --all')).toEqual({ redriven: 1, failed: 0 })
  expect(await json('dead-letters redrive --all')).toEqual({ redriven: 0, failed: 0 })
  expect((await world.topology('log tail -n 1')).stdout).toContain(`spillway-redrive=events/${place}  nope`)
})

test('describe: text, diagram, JSON and tables come from the same declaration', async () => {
  expect((await world.topology('describe topology.ts')).stdout).toContain('revenue_by_country  sink: tableRows')
  expect((await world.topology('describe topology.ts --format mermaid')).stdout).toMatch(/^flowchart /)
  expect(await json('describe topology.ts')).toMatchObject({ topology: 'shop', sinks: expect.any(Array) })
  expect((await world.topology('describe topology.ts --tables')).stdout).toContain('CREATE TABLE "revenue_by_country"')
  const cql = 'describe topology.ts --tables --rows cassandra://localhost/shop'
  const cassandra = /^CREATE TABLE IF NOT EXISTS "?shop"?\."?revenue_by_country"? \((?:.|\n)*PRIMARY KEY \(\(/m
  expect((await world.topology(cql)).stdout).toMatch(cassandra)
  const env = { SPILLWAY_ROWS: 'cassandra://localhost/shop' }
  expect((await world.topology('describe topology.ts --tables', { env })).stdout).toMatch(cassandra)
})

test('lint finds nothing in a fresh project', async () => {
  expect(await world.topology('lint topology.ts')).toMatchObject({ exit: 0, stdout: 'topology.ts: nothing found\n' })
  expect(await json('lint topology.ts')).toEqual([])
})
