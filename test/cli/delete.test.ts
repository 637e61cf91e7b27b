/** Requests to delete by the command line, on a small project: what they cost, what is written, what comes of it. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drive } from '../../topology/testing/drive.ts'
import { createVirtualClock } from '../../topology/testing/virtual-clock.ts'
import { bytes, type CliOutcome, type CliWorld, createWorld } from './cli-world.ts'

const australians = `--where 'country eq "AU"'`

/** A project with 40 purchases, 8 of them from AU, and settings under which deletes are not gathered. */
const shop = async (isRun = true): Promise<CliWorld> => {
  const world = createWorld()
  await world.topology('init')
  world.write('spillway.yaml', 'knobs:\n  delete.coalesceMs: 0\n  delete.rewriteMs: 0\n')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  if (isRun) await run(world)
  return world
}

const run = (world: CliWorld): Promise<CliOutcome> => world.topology('run topology.ts --until-caught-up')

const lines = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const eventsOf = async (world: CliWorld): Promise<readonly Record<string, unknown>[]> =>
  lines((await world.topology('events purchases --limit 200')).stdout)

const deletesOf = async (world: CliWorld): Promise<readonly Record<string, unknown>[]> =>
  JSON.parse((await world.topology('deletes --json')).stdout)

test('B15: --explain tells class, reads, objects and lane of a scan, and changes nothing', async () => {
  const world = await shop()
  const { exit, stdout } = await world.topology(`delete -p shop -c purchases ${australians} --explain`)
  expect([exit, stdout.replace(/[\d.]+ (?:KiB|bytes)/, 'N KiB')]).toEqual([
    0,
    `class       scan: every event is looked at
written to  4 partitions
reads       at most 40 records of the log
objects     at most 1 to rewrite, N KiB
lane        delete, beside the live ones
Nothing was changed.
`,
  ])
  expect([await deletesOf(world), await eventsOf(world)]).toEqual([[], expect.objectContaining({ length: 40 })])
})

test('B15: --explain of ids looks them up, and reads no more records than there are ids', async () => {
  const world = await shop()
  const ids = (await eventsOf(world)).slice(3, 5).map(({ keen }) => (keen as { id: string }).id) // the shape of events
  const { stdout } = await world.topology(
    `delete -p shop -c purchases --where 'keen.id in ${JSON.stringify(ids)}' --explain`,
  )
  expect(stdout.replace(/[\d.]+ (?:KiB|bytes)/, 'N KiB')).toBe(`class       by-id: each id leads to its event
written to  1 partition
reads       at most 2 records of the log
events      2 in the event store
objects     at most 1 to rewrite, N KiB
lane        delete, beside the live ones
Nothing was changed.
`)
})

test('B15: --explain --json has the public shape, and says what would be refused', async () => {
  const world = await shop()
  const frame = '--timeframe 2026-03-14/2026-03-15'
  const { stdout } = await world.topology(`delete -p shop ${frame} --explain --json`)
  expect(JSON.parse(stdout)).toEqual({
    class: 'time-range',
    estimate: { reads: 40, partitions: 4, objects: 1, object_bytes: expect.any(Number), events: null },
    lane: 'delete',
  })
  appendFileSync(join(world.folder, 'spillway.yaml'), '  delete.scanRecords: 10\n')
  const over = await world.topology('delete -p shop -c purchases --explain --json')
  expect(JSON.parse(over.stdout)).toMatchObject({ class: 'scan', refused: expect.stringContaining('SPW-0505') })
})

test('what a filter names leaves rows, schema, rollup and objects; the rest stays as it is', async () => {
  const world = await shop()
  const { exit, stdout, stderr } = await world.topology(`delete -p shop -c purchases ${australians} --id gone`)
  expect([exit, stdout]).toEqual([0, '{"id":"gone"}\n'])
  expect(stderr).toContain(
    'delete gone is in the log: class scan, 4 records in 4 partitions\nnothing runs here now; `topology run topology.ts`',
  )
  await run(world)
  expect((await eventsOf(world)).filter(({ country }) => country === 'AU')).toEqual([])
  expect(await eventsOf(world)).toHaveLength(32)
  const { result } = JSON.parse((await world.topology('query revenue_by_country -g country --json')).stdout)
  expect(result).toMatchObject([
    { country: 'DE', orders: 16 },
    { country: 'NZ', orders: 16 },
  ])
  expect(JSON.parse((await world.topology('schema purchases --json')).stdout)).toMatchObject({ events: 32 })
  expect((await world.topology('objects --verify')).stdout).toMatch(/^1 object, 32 events, /)
})

test('a delete before the first run is met by it', async () => {
  const world = await shop(false)
  await world.topology(`delete -p shop -c purchases ${australians} --id early`)
  expect(await deletesOf(world)).toMatchObject([{ id: 'early', state: 'accepted' }])
  await run(world)
  expect(await eventsOf(world)).toHaveLength(32)
  expect(await deletesOf(world)).toMatchObject([{ id: 'early', state: 'done', class: 'scan', collection: 'purchases' }])
})

test('B16: the same id again is one delete on screen', async () => {
  const world = await shop()
  await world.topology(`delete -p shop -c purchases ${australians} --id gone`)
  const again = await world.topology('delete --id gone')
  expect([again.exit, again.stdout, again.stderr]).toEqual([
    0,
    '{"id":"gone"}\n',
    expect.stringContaining('nothing was written'),
  ])
  const other = await world.topology('delete -p shop -c visits --id gone')
  expect([other.exit, other.stderr]).toEqual([2, expect.stringContaining('asks for something else')])
  expect(await deletesOf(world)).toMatchObject([{ id: 'gone', records: 4, records_written: 4 }])
})

test('B18: a scan over budget is refused by the plain command as well', async () => {
  const world = await shop()
  appendFileSync(join(world.folder, 'spillway.yaml'), '  delete.scanRecords: 10\n')
  const { exit, stdout, stderr } = await world.topology(`delete -p shop -c purchases ${australians}`)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringMatching(/would read 40 records .*--allow-scan/)])
  expect(await deletesOf(world)).toEqual([])
})

test('B18: --from refuses a scan over budget with FILE:LINE, and writes the others', async () => {
  const world = await shop()
  appendFileSync(join(world.folder, 'spillway.yaml'), '  delete.scanRecords: 10\n')
  const filter = '[{"property_name":"country","operator":"eq","property_value":"AU"}]'
  world.write(
    'all.ndjson',
    `{"id":"a","collection":"purchases","filters":${filter}}\n\nnope\n{"colection":"purchases"}\n{"id":"b","timeframe":"yesterday"}\n`,
  )
  const { exit, stdout, stderr } = await world.topology('delete --from all.ndjson --project shop')
  expect([exit, stdout]).toEqual([1, '{"id":"b"}\n'])
  expect(stderr.split('\n').slice(0, 4)).toEqual([
    expect.stringMatching(/^warning: all\.ndjson:1: a delete of class scan would read 40 records/),
    'warning: all.ndjson:3: is not JSON',
    'warning: all.ndjson:4: a delete request has no member "colection"; did you mean "collection"?',
    '1 request in the log, 3 refused',
  ])
  const permitted = await world.topology('delete --from all.ndjson --project shop --allow-scan')
  expect(permitted.stdout).toBe('{"id":"a"}\n{"id":"b"}\n')
})

test('a thousand requests of one stream are a thousand deletes, and one sending again writes nothing', async () => {
  const world = await shop(false)
  const text = Array.from(
    { length: 1_000 },
    (_, n) =>
      `{"id":"r${n}","collection":"purchases","filters":[{"property_name":"n","operator":"eq","property_value":${n}}]}\n`,
  ).join('')
  const { exit, stdout } = await world.topology('delete --from - -p shop', { stdin: bytes(text, 5_000) })
  expect([exit, lines(stdout).length]).toEqual([0, 1_000])
  const again = await world.topology('delete --from - -p shop', { stdin: bytes(text) })
  expect(again.stderr).toContain('1,000 requests in the log, 1,000 of them were there before, 0 refused\n')
  await run(world)
  const all = JSON.parse((await world.topology('deletes --json --all')).stdout)
  expect([all.length, all.every(({ state }: { state: string }) => state === 'done')]).toEqual([1_000, true])
})

test('B13: duplicates are one job and one line, and all but the first of each go', async () => {
  const world = await shop()
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await run(world)
  const twice = '-p shop -c purchases --duplicates-of keen.timestamp,country'
  const explained = await world.topology(`delete ${twice} --explain`)
  expect(explained.stdout).toMatch(/^duplicates {2}40 of 80 events\nclass {7}by-id: /)
  const { stdout, stderr } = await world.topology(`delete ${twice} --id double`)
  expect([stdout, stderr]).toEqual(['{"id":"double"}\n', expect.stringContaining('40 duplicates among 80 events\n')])
  const searching = await world.topology(`delete ${twice}`)
  expect([searching.exit, searching.stderr]).toEqual([
    2,
    expect.stringContaining('deletes on purchases are not done: double'),
  ])
  await run(world)
  expect(await deletesOf(world)).toMatchObject([
    { id: 'double', state: 'done', class: 'by-id', matched: 40, records: 1 },
  ])
  const { stdout: total } = await world.topology('query revenue_by_country --json')
  expect(JSON.parse(total)).toMatchObject({ result: { orders: 40, revenue: 2008.2 } })
  expect((await world.topology(`delete ${twice}`)).stderr).toBe('0 duplicates among 40 events\n')
})

test.each([
  ['-p shop', 'it would take every event of project shop'],
  ['-p shop --all -c purchases', 'all means every event of a project'],
  ['-c purchases --property price', 'one property cannot be removed: it does not commute with filters'],
  [`-c purchases --where 'a not_contains "b"'`, 'operator not_contains cannot be used in a delete'],
  [`--where 'keen.id eq "x"'`, '"x" is no id of an event'],
  ['-t soon --timezone Mars', '2 problems'],
  ['--from a.ndjson --explain -c visits --id x', '2 problems'],
  ['--from nowhere.ndjson', 'nowhere.ndjson: there is no such file'],
  ['--duplicates-of a', '--collection: is missing'],
  ['--duplicates-of a..b -c visits', '--duplicates-of: '],
  ['--id nobody', 'no delete has the id nobody'],
])('delete %s: exit 2, %s', async (words, said) => {
  const world = createWorld()
  await world.topology('ingest - -c visits', { stdin: bytes('{"a":1}') })
  const { exit, stdout, stderr } = await world.topology(`delete ${words}`)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
})

test('without a log there is nothing to delete, and none is made', async () => {
  const world = createWorld()
  expect(await world.topology('delete -c visits')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('there is no log'),
  })
})

test('--wait says that nothing moves, and does not wait for ever', async () => {
  const world = await shop()
  const clock = createVirtualClock(Date.UTC(2030, 0, 1))
  const { exit, stderr } = await drive(clock, world.topology('delete -p shop -c purchases --id gone --wait', { clock }))
  expect(exit).toBe(1)
  expect(stderr).toMatch(/warning: nothing moves: `topology run topology\.ts` .*\nerror: 1 delete not done, /)
})

test('--wait ends when the topology that runs beside it has taken the events out', async () => {
  const world = await shop()
  const stop = new AbortController()
  const running = world.topology('run topology.ts', { signal: stop.signal })
  const { exit, stderr } = await world.topology(`delete -p shop -c purchases ${australians} --wait`)
  stop.abort()
  expect([exit, stderr]).toEqual([0, expect.stringContaining('done: 8 events taken out of every sink\n')])
  expect((await running).exit).toBe(0)
  expect(await eventsOf(world)).toHaveLength(32)
})
