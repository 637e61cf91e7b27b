/** The predicate on two versions of a ledger document: it takes what transitions make, and nothing else. */
import { expect, test } from 'vitest'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { checkLedgerStep } from '../../../topology/testing/simulation/invariants/check-ledger-step.ts'
import { withSinks } from '../../engine/ledger/given-documents.ts'
import { anyTick, tick } from './random-ticks.ts'

const kinds = { totals: 'rows', store: 'events', archive: 'objects' } as const

test('every version that lanes, supervisors and deletes make of a document passes', () => {
  const seen = { archived: 0, done: 0, lost: 0, deadLetters: 0 }
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed)
    let doc = withSinks(kinds)
    checkLedgerStep(undefined, doc)
    for (let ticks = 0; ticks < 100; ticks++) {
      const next = tick(doc, anyTick(random))
      checkLedgerStep(doc, next)
      doc = next
    }
    seen.archived += doc.archive.length
    seen.lost += doc.lost?.length ?? 0
    seen.done += doc.deletes.filter(({ work }) => Object.values(work).some(({ state }) => state === 'done')).length
    seen.deadLetters += Object.keys(doc.deadLetters).length
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0)
})
