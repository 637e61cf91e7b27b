import { expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { shortText } from '../../topology/model/short-text.ts'

test('a short text stays, a long one is cut with a sign, never within a character', () => {
  expect(shortText('abc', 3)).toBe('abc')
  expect(shortText('abcd', 3)).toBe('abc…')
  expect(shortText('ab\u{1f600}', 3)).toBe('ab\ufffd…')
})

test('errors of names and properties stay short, however long those are', () => {
  const long = 'x'.repeat(1_000_000)
  const all = [
    errors.invalidProjectName({ project: long, reason: 'is long' }),
    errors.invalidCollectionName({ collection: long, reason: 'is long' }),
    errors.invalidPropertyName({ property: long, reason: 'is long' }),
    errors.invalidPropertyValue({ property: long, reason: 'is long' }),
    errors.invalidKeenProperty({ property: long }),
  ]
  expect(all.filter(({ message }) => message.length > 200)).toEqual([])
})
