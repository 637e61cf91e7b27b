/** Streams of answers: the bytes of the object form, in bounded pieces, at a cost that filling does not multiply. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  answerRollup,
  count,
  maximum,
  percentile,
  queryRollup,
  type RollupAnswer,
  type RollupQuery,
  type RollupRow,
  rollup,
  sum,
  writeRollupCsv,
  writeRollupJson,
} from '../../operators/index.ts'
import { type AnswerStyle, jsonStyle, prettyStyle } from '../../operators/query/answer-style.ts'
import { chunkBytes, writeAnswer } from '../../operators/query/write-answer.ts'
import { rollupRows } from './fold-rows.ts'

const textOf = (chunks: Iterable<Uint8Array>): string => Buffer.concat([...chunks]).toString()

const minuteMs = 60_000
const startMs = Date.parse('2026-03-14T09:00:00Z')
const frame = (minutes: number): string =>
  `${new Date(startMs).toISOString()}/${new Date(startMs + minutes * minuteMs).toISOString()}`

const operator = rollup({
  window: '1 minute',
  by: ['country', '"kind.x"'],
  values: { orders: count(), revenue: sum('price'), p50: percentile('price', 50), most: maximum('price') },
})

const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
const tuple = fc.record({
  timestamp: fc.integer({ min: 0, max: 9 }).map((minute) => startMs + minute * minuteMs),
  body: fc.record({ country: value, 'kind.x': value, price: fc.option(fc.double({ noNaN: true })) }),
})
const query = fc.record(
  {
    groupBy: fc.subarray(['country', '"kind.x"']),
    interval: fc.constantFrom('minutely', 'every_3_minutes'),
    timeframe: fc.constantFrom(frame(9), frame(12)),
    fill: fc.constantFrom('null' as const, 'zero' as const, 'none' as const),
    limits: fc.record({ cells: fc.integer({ min: 0, max: 100 }) }),
  },
  { requiredKeys: ['groupBy'] },
)

describe('an answer as a stream', () => {
  test('is byte for byte the JSON of its object, whatever is asked', () => {
    const isSame = (tuples: readonly unknown[], asked: Partial<RollupQuery>): void => {
      const rows = rollupRows(operator, tuples)
      const all = { nowMs: startMs, ...asked }
      const answer = answerRollup(operator, rows, all)
      const object = queryRollup(operator, rows, all)
      expect(textOf(writeRollupJson(answer))).toBe(JSON.stringify(object))
      const pretty = `{\n  "result": ${textOf(writeAnswer(answer, prettyStyle(answer)))}\n}`
      expect(pretty).toBe(JSON.stringify({ result: object.result }, undefined, 2))
    }
    fc.assert(fc.property(fc.array(tuple, { maxLength: 30 }), query, isSame), { numRuns: 300 })
  })

  test('as CSV holds the same cells: names, times, groups and answers', () => {
    const rows = rollupRows(operator, [
      { timestamp: startMs, body: { country: 'a,"b"', 'kind.x': '', price: 1.5 } },
      { timestamp: startMs + minuteMs, body: { country: null, 'kind.x': [1] } },
    ])
    const asked = { nowMs: startMs, interval: 'minutely', groupBy: ['country', '"kind.x"'] }
    const [heads, ...lines] = parse(textOf(writeRollupCsv(answerRollup(operator, rows, asked))))
    expect(heads).toEqual(['start', 'end', 'country', '"kind.x"', 'orders', 'revenue', 'p50', 'most'])
    expect(lines.map((line: string[]) => line.slice(2))).toEqual([
      ['', '[1]', '', '', '', ''],
      ['a,"b"', '', '1', '1.5', '1.5', '1.5'],
      ['', '[1]', '1', '0', '', ''],
      ['a,"b"', '', '', '', '', ''],
    ])
    expect(lines.map(([start]: string[]) => start?.slice(11, 16))).toEqual(['09:00', '09:00', '09:01', '09:01'])
  })

  test('names that are numbers keep the order of their object', () => {
    const numbered = rollup({ window: '1 minute', by: ['b'], values: { 7: count(), a: count() } })
    const rows = rollupRows(numbered, [{ timestamp: startMs, body: { b: 1 } }])
    const asked = { nowMs: startMs, groupBy: ['b'] }
    expect(textOf(writeRollupJson(answerRollup(numbered, rows, asked)))).toBe(
      '{"result":[{"7":1,"b":1,"a":1}],"approximate":[]}',
    )
  })
})

const dense = rollup({ window: '1 minute', by: ['country'], values: { orders: count() } })

/** One cell in twenty is there, in few intervals one in as many. */
const sparse = (intervals: number, groups: number, more: Partial<RollupQuery> = {}): RollupAnswer => {
  const rows: RollupRow[] = []
  const every = Math.min(20, intervals)
  for (let interval = 0; interval < intervals; interval += 1) {
    for (let group = interval % every; group < groups; group += every) rows.push(rowAt(interval, `group ${group}`))
  }
  const asked = { nowMs: startMs, interval: 'minutely', groupBy: ['country'], timeframe: frame(intervals), ...more }
  return answerRollup(dense, rows, asked)
}

const rowAt = (interval: number, name: string): RollupRow => ({
  project: 'shop',
  window: '1 minute',
  windowStart: startMs + interval * minuteMs,
  group: JSON.stringify([name]),
  groupValues: [name],
  fragment: 0,
  state: { count: 1, values: [1] },
})

/** Cells that a style was asked to write one by one. */
const writtenCells = (answer: RollupAnswer): number => {
  let cells = 0
  const style = jsonStyle(answer)
  const counting: AnswerStyle = {
    ...style,
    cell: (group, answers) => {
      cells += 1
      return style.cell(group, answers)
    },
  }
  for (const _ of writeAnswer(answer, counting));
  return cells
}

describe('filling', () => {
  test('C4: a filled answer writes each group once and each present cell once, whatever lies between', () => {
    const [intervals, groups] = [200, 300]
    const base = writtenCells(sparse(intervals, groups))
    expect(base).toBe(groups + (intervals * groups) / 20)
    expect(writtenCells(sparse(2 * intervals, groups))).toBeLessThanOrEqual(2 * base)
    expect(writtenCells(sparse(intervals, 2 * groups))).toBeLessThanOrEqual(2 * base)
  })

  test('C17: what is made between two chunks is bounded, also where one run of holes is longer', () => {
    const answer = sparse(3, 40_000, { timeframe: frame(5) })
    const sizes: number[] = []
    const memory = new Set<unknown>()
    for (const chunk of writeRollupJson(answer, { isReused: true })) {
      sizes.push(chunk.length)
      memory.add(chunk.buffer)
    }
    expect(sizes.length).toBeGreaterThan(30)
    expect(sizes.slice(0, -1).every((size) => size === chunkBytes)).toBe(true)
    // Whoever makes more than is asked for needs memory for it.
    expect(memory.size).toBeLessThanOrEqual(3)
  })

  test('C17: the text is compact', () => {
    expect(textOf(writeRollupJson(sparse(2, 20)))).not.toMatch(/\n|[:,]\s/)
  })

  test('C6: what is not filled says so, and its values are those of the filled one', () => {
    const text = textOf(writeRollupJson(sparse(10, 40, { limits: { cells: 399 } })))
    const bare = JSON.parse(textOf(writeRollupJson(sparse(10, 40, { fill: 'none' }))))
    expect(JSON.parse(text)).toEqual({ ...bare, filled: false, reason: 'cells', cells: 400 })
    expect(textOf(writeRollupJson(sparse(10, 40, { limits: { cells: 400 } })))).not.toContain('filled')
  })

  test('C5: a strict query is refused in place of that', () => {
    expect(() => sparse(10, 40, { limits: { cells: 399 }, isStrict: true })).toThrow(
      'at least 400 cells (10 intervals x 40 groups), at most 399 are allowed',
    )
  })
})

describe('C3: what stands for a group that an interval lacks', () => {
  const rows = rollupRows(rollup({ window: '1 minute', by: ['c'], values: { n: count(), most: maximum('p') } }), [
    { timestamp: startMs, body: { c: 'NZ', p: 4 } },
    { timestamp: startMs + minuteMs, body: { c: 'AU', p: 2 } },
  ])
  const cells = (fill?: RollupQuery['fill']): string => {
    const op = rollup({ window: '1 minute', by: ['c'], values: { n: count(), most: maximum('p') } })
    const asked = { nowMs: startMs, interval: 'minutely', groupBy: ['c'], ...(fill === undefined ? {} : { fill }) }
    return textOf(writeRollupJson(answerRollup(op, rows, asked))).replaceAll(/"timeframe":\{[^}]*\},/g, '')
  }

  test.each([
    [undefined, '{"c":"AU","n":null,"most":null},', ',{"c":"NZ","n":null,"most":null}'],
    ['null' as const, '{"c":"AU","n":null,"most":null},', ',{"c":"NZ","n":null,"most":null}'],
    ['zero' as const, '{"c":"AU","n":0,"most":null},', ',{"c":"NZ","n":0,"most":null}'],
    ['none' as const, '', ''],
  ])('with fill %s', (fill, inFirst, inSecond) => {
    expect(cells(fill)).toBe(
      `{"result":[{"value":[${inFirst}{"c":"NZ","n":1,"most":4}]},{"value":[{"c":"AU","n":1,"most":2}${inSecond}]}],"approximate":[]}`,
    )
  })
})

describe('an answer whose time is over', () => {
  const until = (looks: number): (() => boolean) => {
    let left = looks
    return () => {
      left -= 1
      return left < 0
    }
  }

  test('ends after a whole interval and tells how many there are', () => {
    const whole = JSON.parse(textOf(writeRollupJson(sparse(10, 40))))
    const cut = JSON.parse(textOf(writeRollupJson(sparse(10, 40), { isOver: until(3) })))
    expect(cut.cut).toEqual({ reason: 'budget', unit: 'intervals', written: 4, of: 10 })
    expect(cut.result).toEqual(whole.result.slice(0, 4))
  })

  test('ends between groups where there are no intervals', () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => ({ timestamp: startMs, body: { country: i } }))
    const answer = answerRollup(dense, rollupRows(dense, rows), { nowMs: startMs, groupBy: ['country'] })
    const cut = JSON.parse(textOf(writeRollupJson(answer, { isOver: until(1) })))
    expect(cut.cut).toEqual({ reason: 'budget', unit: 'groups', written: 2_000, of: 2_500 })
    expect(cut.result).toHaveLength(2_000)
  })
})

test('memory that is used again holds each chunk until the next is asked for', () => {
  const answer = sparse(40, 2_000)
  let text = ''
  const places = new Set<unknown>()
  for (const chunk of writeRollupJson(answer, { isReused: true })) {
    text += Buffer.from(chunk).toString()
    places.add(chunk.buffer)
  }
  expect(text).toBe(textOf(writeRollupJson(answer)))
  expect(places.size).toBeLessThan(5)
})
