import { describe, expect, test } from 'vitest'
import { assignSlots, type PlacedUnit } from '../../../topology/engine/workers/assign-slots.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'

const unitsOf = (desks: number, worker?: number): readonly PlacedUnit[] =>
  Array.from({ length: desks }, (_, desk) => [0, 1, 2, 3].map((slot) => ({ desk, slot, worker }))).flat()

/** The units with the workers that they were given. */
const placed = (units: readonly PlacedUnit[], workers: readonly number[]): readonly PlacedUnit[] => {
  const given = assignSlots(units, workers)
  return units.map((unit, index) => ({ ...unit, worker: given[index] }))
}

const counts = (units: readonly PlacedUnit[], workers: readonly number[]): readonly number[] =>
  workers.map((worker) => units.filter((unit) => unit.worker === worker).length)

const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers)

const moved = (before: readonly PlacedUnit[], after: readonly PlacedUnit[]): number =>
  before.filter((unit, index) => unit.worker !== undefined && unit.worker !== after[index]!.worker).length

describe('slots of partitions', () => {
  test('of live lanes are spread over the workers before all others', () => {
    const units = placed(unitsOf(6), [1, 2, 3])
    for (const slot of [0, 1, 2, 3]) {
      const own = units.filter((unit) => unit.slot === slot)
      expect(counts(own, [1, 2, 3])).toEqual([2, 2, 2])
    }
  })

  test('of one hot partition are spread as well', () => {
    expect(counts(placed(unitsOf(1), [1, 2]), [1, 2])).toEqual([2, 2])
  })

  test('stay where they are when nothing has changed', () => {
    const units = placed(unitsOf(7), [1, 2, 3])
    expect(moved(units, placed(units, [1, 2, 3]))).toBe(0)
  })

  test('of a worker that goes are all that moves', () => {
    const units = placed(unitsOf(6), [1, 2, 3])
    const after = placed(units, [1, 3])
    expect(moved(units, after)).toBe(units.filter(({ worker }) => worker === 2).length)
  })

  test('go to a worker that comes as far as it needs them', () => {
    const units = placed(unitsOf(6), [1, 2])
    const after = placed(units, [1, 2, 3])
    expect(moved(units, after)).toBe(8)
    expect(counts(after, [1, 2, 3])).toEqual([8, 8, 8])
  })

  test('are nowhere without a worker', () => {
    expect(assignSlots(unitsOf(1, 4), [])).toEqual([undefined, undefined, undefined, undefined])
  })

  test('are balanced in each class and altogether, whatever comes and goes', () => {
    const random = seededRandom(5)
    for (let history = 0; history < 300; history++) {
      let units = unitsOf(1 + Math.floor(random.next() * 20))
      for (let change = 0; change < 6; change++) {
        const some = [1, 2, 3, 4, 5].filter(() => random.next() < 0.6)
        const workers = some.length === 0 ? [1] : some
        units = placed(units, workers)
        expect(counts(units, workers).reduce((sum, one) => sum + one, 0)).toBe(units.length)
        for (const slot of [0, 1, 2, 3]) {
          const own = units.filter((unit) => unit.slot === slot)
          expect(spread(counts(own, workers))).toBeLessThanOrEqual(1)
        }
      }
    }
  })
})
