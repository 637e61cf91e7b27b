import { expect, test } from 'vitest'
import { impactOf, impactWords } from '../../topology/observe/impact.ts'
import { givenBranch, givenLag } from './given-snapshot.ts'

const snapshot = {
  branches: [
    givenBranch({ branch: 'events', kind: 'events' }),
    givenBranch({ branch: 'revenue', kind: 'rows' }),
    givenBranch({ branch: 'archive', kind: 'objects' }),
    givenBranch({ branch: 'mail', kind: 'custom' }),
  ],
  lag: [
    givenLag({ branch: 'events', topic: 'shop' }),
    givenLag({ branch: 'revenue', topic: 'shop' }),
    givenLag({ branch: 'archive', topic: 'clicks' }),
    givenLag({ branch: 'archive', topic: 'shop', partition: 1 }),
    givenLag({ branch: 'mail', topic: 'clicks' }),
  ],
}

test('D6: all branches on a slow broker are listed, also those that read two topics', () => {
  expect(impactOf({ kind: 'log', name: 'shop' }, snapshot)).toEqual(['archive', 'events', 'revenue'])
  expect(impactOf({ kind: 'log', name: 'clicks' }, snapshot)).toEqual(['archive', 'mail'])
})

test('D6: a store hurts the branches that keep something there', () => {
  expect(impactOf({ kind: 'objects', name: 'bucket' }, snapshot)).toEqual(['archive', 'mail'])
  // The manifest of an archive stands beside the rows.
  expect(impactOf({ kind: 'rows', name: 'keen' }, snapshot)).toEqual(['archive', 'events', 'mail', 'revenue'])
})

test('D6: the ledger and a worker hurt everybody', () => {
  expect(impactOf({ kind: 'ledger', name: 'keen' }, snapshot)).toHaveLength(4)
  expect(impactOf({ kind: 'worker', worker: 1 }, snapshot)).toHaveLength(4)
})

test('D6: a branch that nobody has lanes of is hurt until the contrary is known', () => {
  expect(impactOf({ kind: 'log', name: 'other' }, { ...snapshot, lag: [] })).toHaveLength(4)
})

test('many branches are counted', () => {
  expect(impactWords([])).toBe('no branch')
  expect(impactWords(['a', 'b'])).toBe('a, b')
  expect(impactWords(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more')
})
