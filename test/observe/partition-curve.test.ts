/** What is known of a partition without reading it. */
import { expect, test } from 'vitest'
import { PartitionCurve } from '../../topology/observe/partition-curve.ts'
import { planSamples } from '../../topology/observe/plan-samples.ts'

const curve = (
  ...points: readonly (readonly [offset: number, appendMs: number, bytesEach?: number])[]
): PartitionCurve => {
  const made = new PartitionCurve()
  for (const [offset, appendMs, bytesEach] of points)
    made.add({ offset, appendMs, ...(bytesEach === undefined ? {} : { bytesEach }) })
  return made
}

test('between two points that were looked at, times lie on a line', () => {
  expect(curve([0, 0], [100, 10_000]).appendMsAt(25)).toBe(2_500)
  expect(curve().appendMsAt(25)).toBeUndefined()
})

test('what comes behind the end of the log is appended after it was seen to end there', () => {
  const seen = curve([0, 0])
  for (const [end, nowMs] of [
    [100, 1_000],
    [100, 60_000],
    [200, 61_000],
  ] as const)
    seen.noteEnd(end, nowMs)
  expect(seen.appendMsAt(100)).toBe(60_000)
  expect(seen.appendMsAt(200)).toBe(61_000)
})

test('each point tells the size of the records that are nearer to it than to another', () => {
  const sizes = curve([0, 0, 100], [100, 0, 500])
  expect(sizes.bytesBetween(0, 100)).toBe(50 * 100 + 50 * 500)
  expect(sizes.bytesBetween(100, 200)).toBe(50_000)
  expect(curve([0, 0]).bytesBetween(0, 10)).toBeUndefined()
})

test('however often it is looked at, some dozens of points are kept, and dense hours stay told', () => {
  const dense = curve()
  // An hour in 900,000 records, then one in 1,000.
  for (let step = 0; step < 1_000; step++) dense.add({ offset: step * 900, appendMs: step * 3_600, bytesEach: 10 })
  for (let step = 0; step < 1_000; step++)
    dense.add({ offset: 900_000 + step, appendMs: 3_600_000 + step * 3_600, bytesEach: 10 })
  expect(dense.points.length).toBeLessThanOrEqual(64)
  expect(dense.appendMsAt(450_000)! / 1_800_000).toBeCloseTo(1, 1)
  expect(dense.appendMsAt(900_500)! / 5_400_000).toBeCloseTo(1, 1)
})

test('looks go to lanes that stand still first, then to the widest stretches, and end when all are known', () => {
  const known = curve()
  const ranges = [
    { spout: 's', partition: 0, from: 7, to: 9, isStill: true },
    { spout: 's', partition: 0, from: 0, to: 100_000, isStill: false },
  ]
  expect(planSamples(ranges, () => known, 2).map(({ offset }) => offset)).toEqual([7, 50_000])
  let looks = 0
  for (; looks < 100; looks++) {
    const [place] = planSamples(ranges, () => known, 1)
    if (place === undefined) break
    known.add({ offset: place.offset, appendMs: 0, bytesEach: 1 })
  }
  expect(looks).toBeLessThan(25)
})
