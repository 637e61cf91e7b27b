import { expect, test } from 'vitest'
import { RecordCache } from '../../../topology/engine/shell/record-cache.ts'
import { offset } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'

const record = (at: number, bytes: Uint8Array, start = 0): LogRecord => ({
  offset: offset(at),
  appendTimeMs: 1,
  key: 'ann',
  headers: [],
  bytes,
  start,
  end: bytes.length,
})

test('a record is kept with bytes of its own, not with the fetch that it came in', () => {
  const cache = new RecordCache()
  const fetched = Buffer.from('before{"n":1}')
  cache.put(record(7, fetched, 6))
  fetched.fill(0)
  const kept = cache.get(7)!
  expect(Buffer.from(kept.bytes.subarray(kept.start, kept.end)).toString()).toBe('{"n":1}')
  expect(kept.bytes.buffer.byteLength).toBe(7)
})

test('a tombstone stays one', () => {
  const cache = new RecordCache()
  cache.put({ ...record(3, Buffer.from('xx')), start: -1, end: -1 })
  expect(cache.get(3)).toMatchObject({ offset: 3, key: 'ann', start: -1 })
})

test('it is bounded by bytes: the oldest makes room, and the newest always stays', () => {
  const cache = new RecordCache(3_000)
  for (let at = 0; at < 100; at++) cache.put(record(at, new Uint8Array(800)))
  const kept = Array.from({ length: 100 }, (_, at) => at).filter((at) => cache.get(at) !== undefined)
  expect(kept).toEqual([97, 98, 99])
  cache.put(record(500, new Uint8Array(5_000)))
  expect([cache.get(500) !== undefined, cache.get(99)]).toEqual([true, undefined])
})
