/** Poison or a bug: the share of rejects among the newest 100 or more records decides. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RejectWindow } from '../../topology/engine/reject-window.ts'

test('says nothing before it has seen 100 records', () => {
  const window = new RejectWindow()
  expect(window.note(99, 99, 0.5)).toBe(false)
  expect(window.note(1, 0, 0.5)).toBe(true)
  expect(window.counts).toEqual({ rejected: 99, of: 100 })
})

test('half is not more than half', () => {
  expect(new RejectWindow().note(100, 50, 0.5)).toBe(false)
  expect(new RejectWindow().note(100, 51, 0.5)).toBe(true)
})

test('forgets old batches as soon as the newer ones hold 100 records', () => {
  const window = new RejectWindow()
  for (let batch = 0; batch < 50; batch++) window.note(100, 0, 0.5)
  expect(window.note(100, 60, 0.5)).toBe(true)
  expect(window.note(100, 0, 0.5)).toBe(false)
})

test('looks at the fewest newest batches that hold 100 records', () => {
  const batches = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(batches, (given) => {
      const window = new RejectWindow()
      const seen: [number, number][] = []
      for (const [records, bad] of given) {
        const rejected = Math.min(records, bad)
        seen.push([records, rejected])
        const answer = window.note(records, rejected, 0.5)
        let [from, of] = [seen.length, 0]
        while (from > 0 && of < 100) of += seen[--from]![0]
        const total = seen.slice(from).reduce((sum, one) => sum + one[1], 0)
        expect(answer).toBe(of >= 100 && total > of / 2)
      }
    }),
  )
})
