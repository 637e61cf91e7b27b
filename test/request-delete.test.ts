/** Requests to delete: what is written, what is refused before anything is, and what a second sending does. */
import { expect, test } from 'vitest'
import { findDeleteRequests } from '../sinks/rows/delete-requests.ts'
import type { DeleteInput } from '../topology/delete-input.ts'
import { breakingIn, GivenDesk } from './given-delete-desk.ts'

const byCountry: DeleteInput = {
  project: 'shop',
  collection: 'purchases',
  filters: [{ property_name: 'country', operator: 'eq', property_value: 'NZ' }],
}

test('a delete by filter goes to every partition, with the permission that lanes ask for', async () => {
  const given = new GivenDesk()
  const receipt = await given.request({ ...byCountry, id: 'd1' })
  expect(receipt).toEqual({ id: 'd1', class: 'scan', records: 4, written: 4, partitions: 4, isRepeated: false })
  const record = { id: 'd1', ...byCountry, allowScan: true }
  expect(await given.written()).toEqual([[record], [record], [record], [record]])
})

test('a delete by id goes only to the partitions that the ids name, with the ids of each', async () => {
  const given = new GivenDesk()
  const [a, b, c] = [given.idOf(1, 3), given.idOf(1, 4), given.idOf(3, 0)]
  const filter = { property_name: 'keen.id', operator: 'in', property_value: [a, c.toUpperCase(), b, a] }
  const receipt = await given.request({ id: 'd1', project: 'shop', filters: [filter] })
  expect(receipt).toMatchObject({ class: 'by-id', records: 2, partitions: 2 })
  const of = (operator: string, value: unknown): object => ({
    ...{ id: 'd1', project: 'shop' },
    filters: [{ property_name: 'keen.id', operator, property_value: value }],
  })
  expect(await given.written()).toEqual([[], [of('in', [a, b])], [], [of('eq', c)]])
})

test('many ids of one partition are records of one job; other filters stay', async () => {
  const given = new GivenDesk(1, 1_200)
  const ids = Array.from({ length: 1_200 }, (_, at) => given.idOf(0, at))
  const other = { property_name: 'country', operator: 'eq', property_value: 'NZ' }
  const filters = [{ property_name: 'keen.id', operator: 'in', property_value: ids }, other]
  await given.request({ id: 'd1', project: 'shop', filters })
  const [records] = await given.written()
  expect(records!.map(({ id, job }) => [id, job])).toEqual([1, 2, 3].map((n) => [`d1/${n}`, 'd1']))
  const found = records!.flatMap((one) => (one['filters'] as { property_value: unknown }[])[0]!.property_value) // the shape above
  expect([found, records![2]!['filters']]).toEqual([ids, [expect.anything(), other]])
})

test.each([
  ['no id', 'is no id of an event'],
  ['00000000-0000-4000-8000-000000000000', 'is no id of an event'],
  [new GivenDesk().idOf(9, 0), 'names partition 9, which the log does not have'],
  [new GivenDesk().idOf(2, 10), 'names offset 10 of partition 2, which ends at 10'],
  [5, 'is no id: an id is a text'],
])('id %j: %s', async (id, said) => {
  const given = new GivenDesk()
  const filters = [{ property_name: 'keen.id', operator: 'eq', property_value: id }]
  await expect(given.request({ filters })).rejects.toThrow(said)
  expect((await given.written()).flat()).toEqual([])
})

test('B15, B18: a scan over budget is refused with class and estimate before anything is written', async () => {
  const given = new GivenDesk()
  const refused = given.request({ ...byCountry, id: 'd1' }, { 'delete.scanRecords': 39 })
  await expect(refused).rejects.toMatchObject({
    publicName: 'DeleteTooExpensiveError',
    message: expect.stringMatching(/class scan would read 40 records/),
    hint: expect.stringContaining('--allow-scan'),
  })
  expect((await given.written()).flat()).toEqual([])
  expect(await findDeleteRequests(given.rows, '*', ['d1'])).toEqual([undefined])
  await given.request({ ...byCountry, allowScan: true }, { 'delete.scanRecords': 39 })
  expect((await given.written()).flat()).toHaveLength(4)
})

test('B16: the same id again writes nothing; another request under it is refused', async () => {
  const given = new GivenDesk()
  await given.request({ ...byCountry, id: 'd1' })
  expect(await given.request({ ...byCountry, id: 'd1' })).toMatchObject({ written: 0, records: 4, isRepeated: true })
  expect(await given.request({ id: 'd1' })).toMatchObject({ written: 0, isRepeated: true })
  await expect(given.request({ ...byCountry, collection: 'visits', id: 'd1' })).rejects.toThrow(
    'asks for something else',
  )
  await expect(given.request({ id: 'd2' })).rejects.toThrow('no delete has the id d2')
  await expect(given.request({ id: 'd1', project: 'other' })).rejects.toThrow('every event of project other')
  expect((await given.written()).map((one) => one.length)).toEqual([1, 1, 1, 1])
})

test('a request that broke half way is completed by its id alone: only what is missing is written', async () => {
  const given = new GivenDesk()
  const broken = given.request({ ...byCountry, id: 'd1' }, {}, breakingIn(given.log, 2))
  await expect(broken).rejects.toThrow('the disk is gone')
  expect((await given.written()).map((one) => one.length)).toEqual([1, 1, 0, 1])
  expect(await given.request({ id: 'd1' })).toMatchObject({ written: 1, records: 4, isRepeated: true })
  expect((await given.written()).map((one) => one.length)).toEqual([1, 1, 1, 1])
})

test('without an id each request is new', async () => {
  const given = new GivenDesk(1)
  const [one, other] = [await given.request(byCountry), await given.request(byCountry)]
  expect(one.id).not.toBe(other.id)
  expect((await given.written()).flat().map(({ id }) => id)).toEqual([one.id, other.id])
})

test('a relative timeframe is resolved before it is written', async () => {
  const given = new GivenDesk(1)
  await given.request({ id: 'd1', collection: 'visits', timeframe: 'yesterday', timezone: 'Europe/Berlin' })
  const frame = { start: '2026-03-12T23:00:00.000Z', end: '2026-03-13T23:00:00.000Z' }
  expect((await given.written()).flat()).toMatchObject([{ project: 'default', timeframe: frame }])
})
