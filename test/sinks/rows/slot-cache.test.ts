/** What writers keep of the states that they have written, over all slots of a process. */
import { expect, test } from 'vitest'
import { CacheShare, type SlotCache, SlotCaches } from '../../../sinks/rows/slot-cache.ts'

const rowBytes = 100
const ofWriter = 1_000_000

const fill = (cache: SlotCache<string>, rows: number): SlotCache<string> => {
  for (let row = 0; row < rows; row++) cache.set(`row ${row}`, { applied: 1, state: 'state', bytes: rowBytes })
  return cache
}

const keep = (caches: SlotCaches<string>, seq: number, rows: number): void =>
  caches.keep(0, seq, fill(caches.take(0, seq), rows))

test('I-6: the states of any number of partitions stay within the bound of the process', () => {
  const share = new CacheShare(10 * rowBytes)
  const writers = Array.from({ length: 5 }, () => new SlotCaches<string>(ofWriter, share))
  for (let seq = 1; seq <= 3; seq++) for (const writer of writers) keep(writer, seq, 8)
  expect(share.bytes).toBeLessThanOrEqual(10 * rowBytes)
  // Each has a part, and of that what it used last.
  for (const writer of writers) {
    const cache = writer.take(0, 4)
    expect([cache.bytes > 0, cache.get('row 7') !== undefined, cache.get('row 0')]).toEqual([true, true, undefined])
  }
  expect(share.bytes).toBe(0)
})

test('the slot of a lane that has ended makes room for those that are written', () => {
  const share = new CacheShare(10 * rowBytes)
  const [ended, busy] = [new SlotCaches<string>(ofWriter, share), new SlotCaches<string>(ofWriter, share)]
  keep(ended, 1, 8)
  for (let seq = 1; seq < 20; seq++) keep(busy, seq, 10)
  expect(busy.take(0, 20).bytes).toBeGreaterThanOrEqual(8 * rowBytes)
  expect(ended.take(0, 2).bytes).toBe(0)
})

test('slots that have ended take no part from those that are written in turn', () => {
  const share = new CacheShare(16 * rowBytes)
  const ended = Array.from({ length: 8 }, () => new SlotCaches<string>(ofWriter, share))
  for (const one of ended) keep(one, 1, 1)
  const busy = [new SlotCaches<string>(ofWriter, share), new SlotCaches<string>(ofWriter, share)]
  for (let seq = 1; seq < 40; seq++) for (const one of busy) keep(one, seq, 12)
  for (const one of busy) expect(one.take(0, 40).bytes).toBeGreaterThanOrEqual(6 * rowBytes)
})

test('a writer that closes gives its part back', () => {
  const share = new CacheShare(10 * rowBytes)
  const writer = new SlotCaches<string>(ofWriter, share)
  keep(writer, 1, 8)
  writer.close()
  expect(share.bytes).toBe(0)
  // A write that was under way.
  keep(writer, 2, 8)
  expect(share.bytes).toBe(0)
})
