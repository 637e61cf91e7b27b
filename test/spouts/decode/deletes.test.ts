/** Deletes that the decoder finds in the log: delete records and null values. */
import { expect, test } from 'vitest'
import { readDeleteRequest } from '../../../topology/model/delete-request.ts'
import { tuplesOf } from '../../../topology/spouts/decode/tuples-of.ts'
import { batchOf, decode, decoderOf, path } from './records.ts'

const kind = [['spillway-kind', 'delete']] as const
const tombstones = { tombstones: 'delete', project: 'shop' } as const

test('a delete record is found by its header, whatever tenants the lane reads', () => {
  const batch = batchOf([{ value: '{"id":"d1"}', key: 'k', headers: kind }])
  const { deletes, events, skipped } = decoderOf().decode(batch, () => false)
  expect(deletes).toEqual([{ offset: 100, appendTimeMs: batch.records[0]!.appendTimeMs, request: { id: 'd1' } }])
  expect([events.length, skipped]).toEqual([0, 0])
})

test('a delete record that cannot be read as a request with an id is a dead letter', () => {
  const values = ['{"id":', null, '[1e999]', '['.repeat(2_000), '{}', '7', '{"id":4}', `"${'x'.repeat(1_048_576)}"`]
  const found = values.map((value) => decode([{ value, headers: kind }]))
  expect(found.map(({ deletes, rejects }) => [deletes.length, rejects.length])).toEqual(values.map(() => [0, 1]))
  expect(found.map(({ rejects }) => rejects[0]?.cause)).toEqual(values.map(() => 'InvalidEventError'))
  expect(found[0]?.rejects[0]?.message).toBe('a delete request: the value is not JSON')
  expect(found[4]?.rejects[0]?.message).toBe('a delete request needs an id')
})

test('a request with an id is found, whether or not it will be taken', () => {
  const [found] = decode([{ value: '{"id":"d","filters":7}', headers: kind }]).deletes
  expect(found?.request).toEqual({ id: 'd', filters: 7 })
})

test('a null value deletes the events whose client id is its key', () => {
  const [found] = decode([{ value: null, key: '42' }], tombstones).deletes
  expect(readDeleteRequest(found?.request)).toEqual({
    id: 'tombstone-3-100',
    project: 'shop',
    collection: 'clicks',
    filters: [{ path: ['keen', 'client_id'], operator: 'eq', value: '42' }],
    timeframe: undefined,
    allowScan: true,
  })
})

test('a null value that names nothing is a dead letter', () => {
  expect(decode([{ value: null, key: 'k' }]).rejects.length).toBe(1)
  expect(decode([{ value: null, key: 'k' }], { tombstones: 'ignore' }).rejects.length).toBe(1)
  expect(decode([{ value: null }], tombstones).rejects.length).toBe(1)
  expect(decode([{ value: null, key: 'k' }], { ...tombstones, project: { path: 'p' } }).rejects.length).toBe(1)
})

test('the client id of an event is its header, else the value at the path that the spout names', () => {
  const header = [['spillway-id', 'h1']] as const
  const bodies = ['{"user":{"id":"b1"}}', '{"user":{"id":42}}', '{"user":{"id":true}}', '{"user":{}}', '{}']
  const records = [...bodies.map((value) => ({ value })), { value: bodies[0]!, headers: header }]
  const wanted = ['b1', '42', undefined, undefined, undefined, 'h1']
  const { events } = decode(records, { clientId: 'user.id' })
  expect(Array.from(events.clientIds())).toEqual(wanted)
  expect(Array.from(events.column(path('keen.client_id')))).toEqual(wanted)
  expect(Array.from(events.select([1, 5]).clientIds())).toEqual(['42', 'h1'])
  const changed = tuplesOf([events.event(5).withBody({}), events.event(1)])
  expect(Array.from(changed.events()?.clientIds() ?? [])).toEqual(['h1', '42'])
  expect(Array.from(decode(records).events.clientIds())).toEqual([...bodies.map(() => undefined), 'h1'])
})
