import { expect, test } from 'vitest'
import { KeptValues } from '../../../topology/engine/shell/kept-values.ts'

test('what was used longest ago goes first, and never what has just come', () => {
  const kept = new KeptValues<string>(10)
  kept.set('a', 'A', 4)
  kept.set('b', 'B', 4)
  kept.get('a')
  kept.set('c', 'C', 4)
  expect(['a', 'b', 'c'].map((name) => kept.get(name))).toEqual(['A', undefined, 'C'])
  kept.set('d', 'D', 50)
  expect(['a', 'c', 'd'].map((name) => kept.get(name))).toEqual([undefined, undefined, 'D'])
  expect(kept.bytes).toBe(50)
})

test('a value that is set again counts once', () => {
  const kept = new KeptValues<string>(10)
  for (const value of ['A', 'B', 'C']) kept.set('a', value, 4)
  expect([kept.get('a'), kept.bytes]).toEqual(['C', 4])
})
