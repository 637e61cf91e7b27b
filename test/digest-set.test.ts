import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { DigestSet } from '../topology/digest-set.ts'

const digestOf = (value: number): Buffer => hash('sha256', String(value), 'buffer')

test('a digest is new once, also when the set has grown many times', () => {
  const set = new DigestSet()
  for (let value = 0; value < 50_000; value += 1) expect(set.add(digestOf(value))).toBe(true)
  for (let value = 0; value < 50_000; value += 1) expect(set.add(digestOf(value))).toBe(false)
  expect([set.size, set.isFull]).toEqual([50_000, false])
})

test('digests that begin alike are told apart, and one of zeros is a member like any other', () => {
  const set = new DigestSet()
  const digests = [0, 4, 8, 12].map((at) => {
    const digest = Buffer.alloc(16)
    digest.writeUInt32LE(2, at)
    return digest
  })
  const all = [Buffer.alloc(16), ...digests]
  expect([...all, ...all].map((digest) => set.add(digest))).toEqual([...all.map(() => true), ...all.map(() => false)])
})
