import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import {
  findDeleteRequests,
  listDeleteRequests,
  type StoredRequest,
  writeDeleteRequests,
} from '../../../sinks/rows/delete-requests.ts'

const request = (id: string, more: Partial<StoredRequest> = {}): StoredRequest => ({
  ...{ id, requestedAtMs: 1_000, project: 'shop', collection: undefined, request: '{}', class: 'scan' },
  ...{ recordsTotal: 2, written: [], revision: 1 },
  ...more,
})

test('a request is found with the places of its records; a write that comes late changes nothing', async () => {
  const rows = createMemoryRows()
  const place = { log: 'log', topic: 'events', partition: 1, records: 1, offset: 7 }
  await writeDeleteRequests(rows, 'shop', [request('b', { written: [place], revision: 2 }), request('a')])
  await writeDeleteRequests(rows, 'shop', [request('b')])
  await writeDeleteRequests(rows, 'other', [request('c', { collection: 'visits' })])
  const [b, none] = await findDeleteRequests(rows, 'shop', ['b', 'c'])
  expect([b, none]).toEqual([request('b', { written: [place], revision: 2 }), undefined])
  const pages = await Array.fromAsync(listDeleteRequests(rows, 'shop'))
  expect(pages.flat().map(({ id }) => id)).toEqual(['a', 'b'])
})
