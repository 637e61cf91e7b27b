/** Shapes at their edges (DOMAIN section 4), and the bound on what a decoder remembers (I-6). */
import { expect, test } from 'vitest'
import { batchOf, decode, decoderOf, shapeOf } from './records.ts'

const shapeOfText = (text: string, datetimes: readonly string[] = []): string[] =>
  shapeOf(decode([text], { datetimes }, [], true).events.shapes(), 0)

test('lists are leaves, their objects give paths, their primitive elements and empty objects give none', () => {
  expect(shapeOfText('{"p":[1,"x",{"q":1},{"q":2,"r":{}},[{"s":null}]],"e":{}}')).toEqual([
    'p: list',
    'p[].q: num',
    'p[][].s: null',
  ])
})

test('segments that hold signs of the path language are quoted', () => {
  expect(shapeOfText('{"a.b":{"":1},"p[]":true,"*":null,"with blank":"x"}')).toEqual([
    '"*": null',
    '"a.b"."": num',
    '"p[]": bool',
    'with blank: string',
  ])
})

test('only keen.timestamp and the paths that the spout names hold times, and only their strings', () => {
  const text = '{"keen":{"timestamp":"2019-04-01"},"at":"2019-04-01","list":[{"at":"x"}],"other":"2019-04-01"}'
  expect(shapeOfText(text, ['at'])).toEqual([
    'at: datetime',
    'keen.timestamp: datetime',
    'list: list',
    'list[].at: string',
    'other: string',
  ])
  expect(shapeOfText('{"at":5}', ['at'])).toEqual(['at: num'])
})

test('long names and what is below them are counted under path.*', () => {
  const long = 'n'.repeat(256)
  expect(shapeOfText(`{"${long}":1,"a":{"${long}":{"b":"x","c":[{"d":null}]},"${'m'.repeat(255)}":1}}`)).toEqual([
    '*: num',
    'a.*: list',
    'a.*: null',
    'a.*: string',
    `a.${'m'.repeat(255)}: num`,
  ])
})

test('what lies below 64 levels is counted under the path of the 64th', () => {
  const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const pathOf = (segments: number): string => Array.from({ length: segments }, () => 'a').join('.')
  expect(shapeOfText(nested(64))).toEqual([`${pathOf(64)}: num`])
  expect(shapeOfText(nested(65))).toEqual([`${pathOf(64)}.*: num`])
  expect(shapeOfText(nested(400))).toEqual([`${pathOf(64)}.*: num`])
})

test('codes keep their meaning from batch to batch', () => {
  const decoder = decoderOf({}, [], true)
  const first = decoder.decode(batchOf([{ value: '{"a":1,"b":"x"}' }])).events.shapes()
  const second = decoder.decode(batchOf([{ value: '{"b":"y","a":2,"c":null}' }])).events.shapes()
  expect(second.names).toBe(first.names)
  expect([...Array.from(second.codes)].sort().slice(0, 2)).toEqual(Array.from(first.codes).sort())
})

test('names without number are forgotten between batches and right within one (I-6)', () => {
  const decoder = decoderOf({}, [], true)
  const event = (n: number): string => `{${Array.from({ length: 10_000 }, (_, i) => `"n${n}-${i}":${i}`).join(',')}}`
  const names = [0, 1, 2, 3, 4].map((n) => {
    const { events } = decoder.decode(batchOf([{ value: event(n) }, { value: '{"a":1}' }]))
    expect(events.shapes().starts[1]).toBe(10_000)
    expect(shapeOf(events.shapes(), 1)).toEqual(['a: num'])
    return events.shapes().names
  })
  expect(new Set(names).size).toBe(2)
})

test('shapes that nobody announced are read from the bodies', () => {
  const { events } = decode(['{"a":[{"b":1}]}', '{"a":null}'])
  expect(shapeOf(events.shapes(), 0)).toEqual(['a: list', 'a[].b: num'])
  expect(shapeOf(events.select([1]).shapes(), 0)).toEqual(['a: null'])
})
