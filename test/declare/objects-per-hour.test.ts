import { describe, expect, test } from 'vitest'
import { objectsPerHour } from '../../topology/declare/objects-per-hour.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'

const ageMs = 300_000
const hours = 3_600_000 / ageMs

/** Records of a partition that each are of one of so many outputs, so many ms apart. */
const sample = (of: number, everyMs: number, count = 4_000): Parameters<typeof objectsPerHour>[0] => {
  const random = seededRandom(7)
  const outputs = Array.from({ length: count }, () => `p${Math.floor(random.next() * of)}`)
  return { outputs, timesMs: outputs.map((_, index) => index * everyMs) }
}

describe('objects an hour of a partition', () => {
  test('are its few outputs, once an age, where the log is keyed', () => {
    expect(objectsPerHour(sample(12, 10), ageMs)).toBe(12 * hours)
    expect(objectsPerHour(sample(12, 1_000), ageMs)).toBe(12 * hours)
  })

  test('are all outputs there are, the unseen included, where it is not', () => {
    const perAge = objectsPerHour(sample(20_000, 1), ageMs)! / hours
    expect(perAge).toBeGreaterThan(14_000)
    expect(perAge).toBeLessThan(28_000)
  })

  test('are no more than come in an age', () => {
    // 4,000 records in 400 s: 3,000 an age, hardly two of them alike.
    expect(objectsPerHour(sample(1_000_000, 100), ageMs)! / hours).toBeLessThan(3_001)
  })

  test('are unknown from a few records, and finite from records of one moment', () => {
    expect(objectsPerHour(sample(10, 1, 99), ageMs)).toBeUndefined()
    expect(objectsPerHour(sample(10, 0), ageMs)).toBe(10 * hours)
  })
})
