import { expect, test } from 'vitest'
import {
  blockOf,
  bucketStamp,
  eventStamp,
  hourOf,
  hourOfText,
  hourStartMs,
  hourText,
  monthText,
} from '../../../sinks/rows/event-table.ts'
import { offsetMax } from '../../../topology/model/limits.ts'

const hour = hourOf(Date.parse('2026-01-31T09:15:00.000Z'))

test('event table: hours and months are written in UTC and read back, also before 1970 and before year 0', () => {
  expect([hourText(hour), monthText(hour)]).toEqual(['2026-01-31T09Z', '2026-01'])
  for (const timeMs of [0, -1, Date.parse('1928-11-18T00:00:00Z'), -(2 ** 47) + 1, 2 ** 47 - 1]) {
    expect(hourOfText(hourText(hourOf(timeMs)))).toBe(hourOf(timeMs))
  }
  expect(hourStartMs(hourOf(-1))).toBe(-3_600_000)
})

test('event stamps: the start of the hour in microseconds, then the offset (PROTOCOL section 2)', () => {
  expect(eventStamp(hour, 6)).toBe(hourStartMs(hour) * 1000 + 7)
  expect(bucketStamp(hour)).toBe(Date.parse('2026-01-01T00:00:00Z') * 1000 + 1)
})

test('event stamps: a delete beats the events before it and never the ones after it (I-3)', () => {
  expect(eventStamp(hour, 10)).toBeGreaterThan(eventStamp(hour, 9))
  expect(eventStamp(hour, 10)).toBeLessThan(eventStamp(hour, 11))
})

test('event stamps: safe integers that grow with the offset for every time and offset', () => {
  for (const timeMs of [-(2 ** 47) + 1, -1, 0, 2 ** 47 - 1]) {
    const far = hourOf(timeMs)
    expect(Number.isSafeInteger(eventStamp(far, offsetMax))).toBe(true)
    expect(eventStamp(far, 0)).toBeGreaterThan(0)
    expect(eventStamp(far, offsetMax)).toBeGreaterThan(eventStamp(far, offsetMax - 1))
  }
})

test('event table: a block holds 262,144 offsets, also beyond 32 bits', () => {
  expect([blockOf(262_143), blockOf(262_144), blockOf(2 ** 40)]).toEqual([0, 1, 2 ** 22])
})
