import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteBreaks } from '../../../sinks/objects/line-breaks.ts'
import { writeEventId, writeTime } from '../../../sinks/objects/write-digits.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import { formatTime } from '../../../topology/model/event-time.ts'
import { offsetMax, partitionMax } from '../../../topology/model/limits.ts'
import { offset as toOffset, partition as toPartition } from '../../../topology/model/position.ts'
import { apply, archiveOn, epochOf, type Given, linesOf } from './given-objects.ts'

/** The line that a body becomes, at offset 0, appended at 08:10. */
const lineOf = async (body: string, more: Partial<Given> = {}): Promise<string> => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 0, body, ...more }], epochOf(0, 1))
  return Object.values(await linesOf(archive.objects))
    .flat()
    .join('\n')
}

const hour8 = '2026-07-01T08:10:00.000Z'
const members = (time: string, timestamp: string | undefined = undefined): string =>
  `"id":"${eventId(Date.parse(time), toPartition(0), toOffset(0))}","created_at":"${hour8}"${
    timestamp === undefined ? '' : `,"timestamp":"${timestamp}"`
  }`

describe('a line is the record with the missing keen members in front', () => {
  test.each([
    ['{"a":1}', `{"keen":{${members(hour8, hour8)}},"a":1}`],
    ['{}', `{"keen":{${members(hour8, hour8)}}}`],
    ['  { \t} ', `{"keen":{${members(hour8, hour8)}} \t}`],
    ['{"a":1,"keen":{"location":{}}}', `{"a":1,"keen":{${members(hour8, hour8)},"location":{}}}`],
    ['{"keen":{ }}', `{"keen":{${members(hour8, hour8)} }}`],
    [
      '{"keen":{"timestamp":"2020-02-29T23:59:59.999Z"},"a":1}',
      `{"keen":{${members('2020-02-29T23:59:59.999Z')},"timestamp":"2020-02-29T23:59:59.999Z"},"a":1}`,
    ],
    [
      '{"n":1.50e1,"s":"\\u00e9\\n é","a":1,"a":2}',
      `{"keen":{${members(hour8, hour8)}},"n":1.50e1,"s":"\\u00e9\\n é","a":1,"a":2}`,
    ],
  ])('%s', async (body, line) => {
    expect(await lineOf(body)).toBe(line)
  })

  test('line breaks between tokens become blanks', async () => {
    expect(await lineOf('{\r\n  "a":\n"b\\n"\r}')).toBe(`{"keen":{${members(hour8, hour8)}},    "a": "b\\n" }`)
  })

  test('times behind year 9999 are written as formatTime writes them', async () => {
    const at = '+010000-01-01T00:00:00.000Z'
    const line = await lineOf('{"a":1}', { at })
    expect(JSON.parse(line)).toMatchObject({ a: 1, keen: { created_at: at, timestamp: at } })
  })

  test('whatever JSON a body is, a line keeps it', async () => {
    const body = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
      .filter((value) => !Object.hasOwn(value, 'keen'))
    const check = async (value: object, spaces: number): Promise<void> => {
      const line = await lineOf(JSON.stringify(value, undefined, spaces))
      const { keen, ...rest } = JSON.parse(line)
      expect(rest).toEqual(JSON.parse(JSON.stringify(value)))
      expect(Object.keys(keen)).toEqual(['id', 'created_at', 'timestamp'])
    }
    await fc.assert(fc.asyncProperty(body, fc.nat({ max: 2 }), check), { numRuns: 100 })
  })
})

describe('digits', () => {
  const timeMs = fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 })

  test('ids equal those of eventId', () => {
    const check = (time: number, partition: number, offset: number): void => {
      const bytes = Buffer.from('-'.repeat(36))
      writeEventId(bytes, 0, time, partition, offset)
      expect(bytes.toString()).toBe(eventId(time, toPartition(partition), toOffset(offset)))
    }
    fc.assert(
      fc.property(timeMs, fc.nat({ max: partitionMax }), fc.maxSafeNat(), (time, partition, offset) =>
        check(time, partition, offset % (offsetMax + 1)),
      ),
    )
    check(2 ** 47 - 1, partitionMax, offsetMax)
    check(-(2 ** 47), 0, 0)
  })

  test('times equal those of formatTime', () => {
    const plain = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 })
    fc.assert(
      fc.property(plain, (time) => {
        const bytes = Buffer.alloc(24)
        writeTime(bytes, 0, time)
        expect(bytes.toString()).toBe(formatTime(time))
      }),
    )
  })

  test('a line break is found where there is one', () => {
    const ranges = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 })))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(97, 10, 13), { maxLength: 30 }), ranges, (bytes, list) => {
        const [buffer, breaks] = [Uint8Array.from(bytes), byteBreaks()]
        for (const [start, end] of list) {
          const expected = buffer.subarray(start, end).some((byte) => byte === 10 || byte === 13)
          expect(breaks.within(buffer, start, end) && start < end).toBe(expected)
        }
      }),
    )
  })
})
