import { expect, test } from 'vitest'
import { traceJson, traceText } from '../../../topology/testing/simulation/report/trace-text.ts'
import { Trace } from '../../../topology/testing/simulation/trace.ts'

const sample = (): Trace => {
  const trace = new Trace()
  let nowMs = Date.UTC(2026, 0, 1)
  trace.begin(() => nowMs)
  trace.note('record', 'log', () => 'event of ann')
  trace.step = 41
  nowMs += 12_250
  trace.note('decision', 'process 2', () => 'declares epoch 3 of totals,\n  slot 1: [4, 7)')
  return trace
}

test('an entry is one line that says when, who and what', () => {
  expect(traceText(sample().entries)).toBe(
    [
      'step  0   +0.000 s  log        event of ann\n',
      'step 41  +12.250 s  process 2  declares epoch 3 of totals, slot 1: [4, 7)\n',
    ].join(''),
  )
})

test('a trace is NDJSON for programs', () => {
  const [, last = ''] = traceJson(sample().entries).split('\n')
  expect(JSON.parse(last)).toMatchObject({ step: 41, ms: 12_250, who: 'process 2', kind: 'decision' })
  expect(traceJson(sample().entries)).toBe(traceJson(sample().entries))
})
