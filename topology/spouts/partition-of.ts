/**
 * The partition that a key belongs to: Kafka's own hash (murmur2 of the UTF-8 bytes, sign bit off, modulo), so that the
 * embedded log and a Kafka topic with as many partitions put the same key in the same place.
 *
 * Keeps I-1: a pure function of key and number of partitions.
 */
import { type Partition, partition } from '../model/position.ts'

const seed = 0x9747b28c
const factor = 0x5bd1e995

const tailHash = (bytes: Uint8Array, from: number, length: number, before: number): number => {
  let hash = before
  const rest = length - from
  if (rest === 3) hash ^= bytes[from + 2]! << 16
  if (rest >= 2) hash ^= bytes[from + 1]! << 8
  return rest >= 1 ? Math.imul(hash ^ bytes[from]!, factor) : hash
}

/** Kafka's murmur2 of the first `length` bytes, as a signed 32-bit number. */
export const murmur2 = (bytes: Uint8Array, length: number = bytes.length): number => {
  let hash = seed ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, factor)
    word ^= word >>> 24
    hash = Math.imul(hash, factor) ^ Math.imul(word, factor)
  }
  hash = tailHash(bytes, at, length, hash)
  hash = Math.imul(hash ^ (hash >>> 13), factor)
  return hash ^ (hash >>> 15)
}

const encoder = new TextEncoder()
// Keys are projects, mostly short; a longer one gets bytes of its own.
const scratch = new Uint8Array(768)

/** Partition of a key among `partitions`; a record without a key goes to partition 0. */
export const partitionOf = (key: string | null, partitions: number): Partition => {
  if (key === null || partitions === 1) return partition(0)
  // A UTF-16 code unit takes at most three bytes of UTF-8.
  if (key.length * 3 > scratch.length) return partition((murmur2(encoder.encode(key)) & 0x7fffffff) % partitions)
  const { written } = encoder.encodeInto(key, scratch)
  return partition((murmur2(scratch, written) & 0x7fffffff) % partitions)
}
