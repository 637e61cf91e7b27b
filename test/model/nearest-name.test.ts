import { expect, test } from 'vitest'
import { didYouMean, nearestName } from '../../topology/model/nearest-name.ts'

const known = ['collection', 'clientId', 'from', 'limits', 'log']

test.each([
  ['colection', 'collection'],
  ['collectoin', 'collection'],
  ['clientid', 'clientId'],
  ['form', 'from'],
  ['lgo', 'log'],
])('%s is nearest to %s', (written, nearest) => {
  expect(nearestName(written, known)).toBe(nearest)
})

test.each([['window'], ['x'], ['']])('%j is near to nothing: a bad guess is worse than none', (written) => {
  expect(nearestName(written, known)).toBeUndefined()
})

test('where nothing is near, everything that is known is named', () => {
  expect(didYouMean('window', known)).toBe('known: collection, clientId, from, limits, log')
  expect(didYouMean('limit', known)).toBe('did you mean "limits"?')
})
