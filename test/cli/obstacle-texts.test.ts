/** What a person is told when a result may not be read. */
import { expect, test } from 'vitest'
import { nextStep, obstacleTexts } from '../../topology/cli/obstacle-texts.ts'
import type { PromotionObstacle } from '../../topology/engine/ledger/judge-promotion.ts'
import type { FoundObstacle } from '../../topology/promote-namespace.ts'

const inPartition = (partition: number, obstacle: PromotionObstacle): FoundObstacle => ({
  key: { topology: 'shop', spout: 'events', partition },
  obstacle,
})
const lost = { kind: 'lost', sink: 'totals@v2', from: 1_000, to: 6_000, offsets: 2_000 } as const

test('lost offsets are told with their place, and what can be done about them', () => {
  const found = [inPartition(3, lost), inPartition(4, lost)]
  expect(obstacleTexts(found)).toEqual([
    'totals@v2 lacks 2,000 offsets in [1,000, 6,000) of partition 3, which the log dropped before they were read: readers would no longer see what they hold (and in 1 more partition)',
  ])
  expect(nextStep(found, false, 'v2')).toMatch(/--leave SINK .* or --partial/)
})

test('deletes that are not done are told, and --wait waits for them', () => {
  const found = [inPartition(0, { kind: 'deletes', sink: 'totals@v2', entries: 2 })]
  expect(obstacleTexts(found)[0]).toMatch(
    /^totals@v2 is not done with 2 deletes in partition 0: readers could see again/,
  )
  expect(nextStep(found, true, 'v2')).toContain('--wait waits for it, while `topology run`')
})
