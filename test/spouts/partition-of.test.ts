import { describe, expect, test } from 'vitest'
import { murmur2, partitionOf } from '../../topology/spouts/partition-of.ts'

describe('the partition of a key', () => {
  // The vectors that Kafka's own clients are tested with.
  test.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('murmur2 of %s is what Kafka computes', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  test('is the hash without its sign, modulo the number of partitions', () => {
    expect(partitionOf('21', 7)).toBe((-973_932_308 & 0x7fffffff) % 7)
    expect(partitionOf('foobar', 4)).toBe((-790_332_482 & 0x7fffffff) % 4)
  })

  test('is partition 0 without a key, and the hash of no bytes for an empty key', () => {
    expect(partitionOf(null, 5)).toBe(0)
    expect(partitionOf('', 5)).toBe((275_646_681 & 0x7fffffff) % 5)
  })

  test('counts UTF-8 bytes, also of long keys', () => {
    const long = '🦦ö'.repeat(200)
    expect(partitionOf(long, 1_000)).toBe((murmur2(Buffer.from(long)) & 0x7fffffff) % 1_000)
  })
})
