import { describe, expect, test } from 'vitest'
import { type StoryOptions, storyOf } from '../../../../topology/testing/simulation/report/story.ts'
import type { TraceEntry } from '../../../../topology/testing/simulation/trace.ts'
import { Violation } from '../../../../topology/testing/simulation/violation.ts'

const names = ['totals', 'store'].map((name) => ({ name }))
const topology = { sinks: names, bolts: [] } as unknown as StoryOptions['topology'] // names are all that a story looks at
const violation = new Violation('I-3', 'totals at ann: found 2, the log says 1')

const entry = (kind: TraceEntry['kind'], what: string, step = 1): TraceEntry => ({
  step,
  timeMs: step * 10,
  who: 'process 1',
  what,
  kind,
})
const told = (entries: readonly TraceEntry[], linesMax?: number): readonly string[] =>
  storyOf(entries, { violation, topology, ...(linesMax === undefined ? {} : { linesMax }) }).map(({ what }) => what)

describe('a story', () => {
  test('holds records, decisions and faults in their order, and ends with what was seen', () => {
    const found = told([
      entry('record', 'event of ann'),
      entry('time', 'moves on'),
      entry('decision', 'declares epoch 1 of store'),
      entry('lateWrite', 'a write of totals comes late'),
    ])
    expect(found.slice(0, 3)).toEqual(['event of ann', 'declares epoch 1 of store', 'a write of totals comes late'])
    expect(found.at(-1)).toBe('I-3: totals at ann: found 2, the log says 1')
    expect(found).toHaveLength(4)
  })

  test('holds of the calls only those that name the failing view', () => {
    const found = told([
      entry('call', 'writes totals_rows'),
      entry('call', 'writes totals'),
      entry('call', 'writes store'),
    ])
    expect(found.slice(0, -1)).toEqual(['writes totals'])
  })

  test('tells once what happens again and again', () => {
    const again = entry('fetchEmpty', 'a fetch finds nothing')
    expect(told([again, again, again])[0]).toBe('a fetch finds nothing (3 times)')
  })

  test('that is too long loses decisions about other sinks first', () => {
    const others = Array.from({ length: 20 }, (_, index) => entry('decision', `declares epoch ${index} of store`))
    const found = told([...others, entry('decision', 'declares epoch 1 of totals')], 10)
    expect(found).toEqual(['declares epoch 1 of totals', expect.stringContaining('I-3')])
  })

  test('that is still too long loses its middle, and says so', () => {
    const faults = Array.from({ length: 200 }, (_, index) => entry('lostWrite', `write ${index} is lost`, index))
    const found = told(faults)
    expect(found).toHaveLength(60)
    expect(found[0]).toBe('write 0 is lost')
    expect(found.at(-2)).toBe('write 199 is lost')
    expect(found.filter((what) => /entries are left out/.test(what))).toHaveLength(1)
  })

  test('has lines that a person can read', () => {
    const [first = ''] = told([entry('record', 'x'.repeat(5_000))])
    expect(first.length).toBeLessThanOrEqual(240)
  })
})
