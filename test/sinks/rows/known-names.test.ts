import { expect, test } from 'vitest'
import { KnownNames } from '../../../sinks/rows/known-names.ts'

/** Those of a, b, c and d that are known. */
const knownIn = (names: KnownNames): string => [...'abcd'].filter((name) => names.has(name)).join('')

test('names are known up to a bound; the oldest are forgotten first', () => {
  const names = new KnownNames(3)
  for (const name of 'abc') names.add(name)
  expect(knownIn(names)).toBe('abc')
  names.add('d')
  expect(knownIn(names)).toBe('bcd')
  names.add('a')
  expect(knownIn(names)).toBe('acd')
})

test('a name that is known already drives out no other', () => {
  const names = new KnownNames(3)
  for (const name of 'abcb') names.add(name)
  expect(knownIn(names)).toBe('abc')
})
