/** How long an epoch may stay open when all is well. */
import { expect, test } from 'vitest'
import { closeMsOf, overdueEvents } from '../../topology/observe/close-bound.ts'
import { givenBranch, givenKnob, givenLag } from './given-snapshot.ts'

test('the bound of a branch is the longest that its lanes tell; before they tell anything, that of its kind', () => {
  const archive = givenBranch({ branch: 'archive', kind: 'objects' })
  const told = [300_000, 3_600_000].map((closeMs, lane) => givenLag({ branch: 'archive', lane, closeMs }))
  const other = givenLag({ closeMs: 9_000_000 })
  expect(closeMsOf(archive, [other, ...told], givenKnob())).toBe(3_600_000)
  expect(closeMsOf(archive, [other], givenKnob())).toBe(300_000)
  expect(closeMsOf(givenBranch({ kind: 'rows' }), [], givenKnob())).toBe(60_000)
  expect(closeMsOf(givenBranch(), [], givenKnob())).toBe(1_000)
})

test('of what is held, the part counts that is older than the bound', () => {
  const overdue = (heldMs: number, closeMs?: number): number =>
    overdueEvents(givenLag({ heldEvents: 900, heldMs, ...(closeMs === undefined ? {} : { closeMs }) }))
  expect([overdue(50_000, 60_000), overdue(90_000, 60_000), overdue(5_000)]).toEqual([0, 300, 900])
})
