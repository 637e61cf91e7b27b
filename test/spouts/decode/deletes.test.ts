/** Deletes that the decoder finds in the log: delete records and null values. */
import { expect, test } from 'vitest'
import { readDeleteRequest } from '../../../topology/model/delete-request.ts'
import { batchOf, decode, decoderOf } from './records.ts'

const kind = [['spillway-kind', 'delete']] as const
const byClientId = { tombstones: 'delete', clientId: 'user.id', project: 'shop' } as const

test('a delete record is found by its header, whatever tenants the lane reads', () => {
  const batch = batchOf([{ value: '{"id":"d1"}', key: 'k', headers: kind }])
  const { deletes, events, skipped } = decoderOf().decode(batch, () => false)
  expect(deletes).toEqual([{ offset: 100, appendTimeMs: batch.records[0]!.appendTimeMs, request: { id: 'd1' } }])
  expect([events.length, skipped]).toEqual([0, 0])
})

test('a delete record that is no JSON has no request', () => {
  for (const value of ['{"id":', null, '[1e999]', '['.repeat(2_000)])
    expect(decode([{ value, headers: kind }]).deletes.map(({ request }) => request)).toEqual([undefined])
})

test('a null value deletes the events whose client id is its key', () => {
  const [found] = decode([{ value: null, key: 'u7' }], byClientId).deletes
  const request = readDeleteRequest(found?.request)
  expect(request).toEqual({
    id: 'tombstone-3-100',
    project: 'shop',
    collection: 'clicks',
    filters: [{ path: ['user', 'id'], operator: 'in', value: ['u7'] }],
    timeframe: undefined,
    allowScan: true,
  })
})

test('a key of digits means the number too', () => {
  const requests = ['42', '042'].map((key) => decode([{ value: null, key }], byClientId).deletes[0]?.request)
  expect(requests.map((request) => JSON.stringify(request))).toEqual([
    expect.stringContaining('"property_value":["42",42]'),
    expect.stringContaining('"property_value":["042"]'),
  ])
})

test('a null value that names nothing is a dead letter', () => {
  expect(decode([{ value: null, key: 'k' }]).rejects.length).toBe(1)
  expect(decode([{ value: null, key: 'k' }], { tombstones: 'ignore' }).rejects.length).toBe(1)
  expect(decode([{ value: null, key: 'k' }], { tombstones: 'delete' }).rejects.length).toBe(1)
  expect(decode([{ value: null }], byClientId).rejects.length).toBe(1)
  expect(decode([{ value: null, key: 'k' }], { ...byClientId, project: { path: 'p' } }).rejects.length).toBe(1)
})
