import { expect, test } from 'vitest'
import { forgetEnded } from '../../../topology/engine/shell/forget-ended.ts'
import { withSinks } from '../ledger/given-documents.ts'

test('runners of lanes that have ended do not gather in a run that goes on for months', () => {
  const doc = withSinks({ totals: 'rows', archive: 'objects' })
  const lanes = new Map(Array.from({ length: 500 }, (_, id) => [id, { isActive: id >= 495 }]))
  forgetEnded(lanes, doc)
  const living = Object.keys(doc.lanes).map(Number)
  expect([...lanes.keys()]).toEqual([...new Set([...living, 495, 496, 497, 498, 499])])
})
