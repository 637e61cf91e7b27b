/** Which ranges of a partition read at once, where several workers have its slots. */
import { expect, test } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { BacklogPermits } from '../../../topology/engine/shell/backlog-permits.ts'
import { applied, behind, docOf, factsOf, nowMs } from '../catch-up/given-facts.ts'

const end = 400_000
// The live lane of slot 0, and a range in each of the slots 1 to 4.
const doc = applied(docOf(['totals', 'rows']), {
  kind: 'cut',
  lane: 0,
  at: 0,
  cuts: [100_000, 200_000, 300_000, end],
  slots: [1, 2, 3, 4, 0],
})
const ranges = Object.entries(doc.lanes).filter(([, { to }]) => to !== null)

/** Slots of the ranges that read, two at a time. `workerOf`: of a slot. */
const readingWhere = (workerOf: (slot: number) => number | undefined): readonly number[] => {
  const knobs = new KnobDesk()
  knobs.set('backlog.activeLanes', 2)
  const permits = new BacklogPermits({ knobs, knob: (name) => knobs.value(name) }, 0)
  const lanes = ranges.map(([id, { from }]) => [id, behind(from, { lagEvents: 100_000 })] as const)
  const facts = factsOf(doc, end, Object.fromEntries(lanes))
  const look = { docs: [doc], nowMs, workers: 2, behindRecords: 0, isStrained: false, isDraining: false }
  const looked = { key: 'events/0', facts, tenants: new Map(), retentionMs: Number.POSITIVE_INFINITY, workerOf }
  const planned = permits.plan([looked], look).get('events/0')!
  return ranges.filter(([id]) => planned.get(Number(id))?.mayRead === true).map(([, { slot }]) => slot)
}

test('one of each worker reads, before a second one of any', () => {
  expect(readingWhere(() => undefined)).toEqual([1, 2])
  expect(readingWhere((slot) => (slot <= 2 ? 1 : 2))).toEqual([1, 3])
  expect(readingWhere((slot) => (slot === 4 ? 2 : 1))).toEqual([1, 4])
})
