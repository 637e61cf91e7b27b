/** What `topology deletes` shows of requests and of the records that lanes have met, and how one is paused. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeDeleteRequests } from '../../sinks/rows/delete-requests.ts'
import { partition } from '../../topology/model/position.ts'
import { openLog, openRows } from '../../topology/resources.ts'
import { type CliWorld, createWorld } from './cli-world.ts'

const gone = `delete -p shop -c purchases --where 'country eq "AU"' --id gone`

/** A project with 40 purchases, 8 of them from AU, and settings under which deletes are not gathered. */
const shop = async (): Promise<CliWorld> => {
  const world = createWorld()
  await world.topology('init')
  world.write('spillway.yaml', 'knobs:\n  delete.coalesceMs: 0\n  delete.rewriteMs: 0\n')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await run(world)
  return world
}

const run = (world: CliWorld): Promise<unknown> => world.topology('run topology.ts --until-caught-up')

const deletesOf = async (world: CliWorld): Promise<readonly Record<string, unknown>[]> =>
  JSON.parse((await world.topology('deletes --json')).stdout)

const tableOf = async (world: CliWorld): Promise<string> =>
  (await world.topology('deletes')).stdout.replace(/ +[\d.]+ (?:ms|s) {2}/g, ' AGE  ')

test('B14: a delete is accepted when it is in the log, and done with what it took out of every sink', async () => {
  const world = await shop()
  await world.topology(gone)
  const accepted = { id: 'gone', state: 'accepted', matched: 0, retracted: 0, records: 4, records_written: 4 }
  // Nothing has looked at it yet: what is left to read is not known, and not nothing.
  expect(await deletesOf(world)).toMatchObject([{ ...accepted, remaining: null }])
  await run(world)
  expect(await deletesOf(world)).toEqual([
    {
      ...{
        id: 'gone',
        state: 'done',
        requested_at: expect.stringMatching(/Z$/),
        matched: 8,
        retracted: 8,
        remaining: 0,
      },
      ...{ project: 'shop', collection: 'purchases', class: 'scan', records: 4, records_written: 4, paused: false },
    },
  ])
})

test('B14: the table for people holds the same', async () => {
  const world = await shop()
  expect(await tableOf(world)).toBe('no deletes\n')
  await world.topology(gone)
  await run(world)
  await world.topology('delete -p shop -c visits --id all-visits')
  expect(await tableOf(world)).toMatch(
    /^ID +STATE +CLASS +OF +AGE +WRITTEN +MATCHED +RETRACTED +REMAINING\ngone +done +scan +shop\/purchases AGE +4 +8 +8 +0\nall-visits +accepted +scan +shop\/visits AGE +4 +0 +0 +-\n$/,
  )
})

test('a record that a program appends shows as well; one that lanes refuse says why', async () => {
  const world = await shop()
  const log = await openLog(`file:${join(world.folder, 'data/log')}`)
  const headers = [['spillway-kind', 'delete']] as const
  const value = (json: object): Uint8Array => Buffer.from(JSON.stringify({ project: 'shop', ...json }))
  const filters = [{ property_name: 'country', operator: 'eq', property_value: 'AU' }]
  const appended = [
    { id: 'plain', filters, allowScan: true },
    { id: 'large', filters },
  ]
  await log.append(appended.map((json) => ({ key: null, headers, value: value(json), partition: partition(0) })))
  await log.close()
  await run(world)
  const found = (await deletesOf(world)).toSorted((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1))
  expect(found).toMatchObject([
    { id: 'large', state: 'refused', reason: expect.stringContaining('allowScan'), class: null, matched: 0 },
    { id: 'plain', state: 'done', class: null },
  ])
  expect(await tableOf(world)).toMatch(/\nlarge: .*allowScan/)
})

test('a request that is not written to every partition says how it is completed', async () => {
  const world = await shop()
  const opened = await openRows(`sqlite:${join(world.folder, 'data/rows.db')}`)
  await writeDeleteRequests(opened.rows, 'shop', [
    {
      ...{ id: 'broken', requestedAtMs: Date.UTC(2026, 2, 14), project: 'shop', collection: 'visits', class: 'scan' },
      ...{ request: '{"collection":"visits","project":"shop"}', recordsTotal: 4, written: [], revision: 1 },
    },
  ])
  await opened.close()
  expect(await tableOf(world)).toMatch(/\nbroken +accepted .* 0 of 4 .*\nbroken is not written to every partition: /)
  await world.topology('delete --id broken')
  await run(world)
  expect(await deletesOf(world)).toMatchObject([{ id: 'broken', state: 'done', records_written: 4 }])
})

test('a delete is paused and resumed; nobody pauses one that is done or that nobody knows', async () => {
  const world = await shop()
  await world.topology(gone)
  const { exit, stderr } = await world.topology('deletes pause gone --reason lunch')
  expect([exit, stderr]).toEqual([
    0,
    expect.stringContaining('delete gone is paused: a running topology holds it within a second'),
  ])
  expect(await tableOf(world)).toMatch(/\ngone +paused +scan /)
  expect(await deletesOf(world)).toMatchObject([{ id: 'gone', state: 'accepted', paused: true }])
  await world.topology('deletes resume gone')
  await run(world)
  expect(await deletesOf(world)).toMatchObject([{ id: 'gone', state: 'done', paused: false }])
  expect((await world.topology('deletes pause gone')).stderr).toContain('delete gone is done: nothing is left to pause')
})

test.each([
  ['deletes pause gon', 'no delete has the id "gon"; did you mean "gone"?'],
  ['deletes paus gone', 'unknown action "paus"; did you mean "pause"?'],
  ['deletes show gone', 'unknown action "show"; there are pause and resume'],
  ['deletes resume', 'ID is missing'],
  ['deletes --reason lunch', '--reason: stands with pause or resume'],
])('%s: exit 2, %s', async (line, said) => {
  const world = await shop()
  await world.topology(gone)
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
})
