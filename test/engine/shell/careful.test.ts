import { expect, test } from 'vitest'
import { carefulPortions, markPortion } from '../../../topology/engine/shell/careful.ts'
import type { Marks } from '../../../topology/engine/shell/marks.ts'
import type { PartitionContext } from '../../../topology/engine/shell/partition-context.ts'
import type { LaneState, Suspect } from '../../../topology/model/ledger-document.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { RecordBatch } from '../../../topology/model/record.ts'

const marks: Marks = { set: async () => () => undefined, call: (work) => work() }

const portion = (from: number, to: number): RecordBatch =>
  ({
    partition: partition(0),
    from: offset(from),
    to: offset(to),
    records: Array.from({ length: to - from }, (_, index) => ({ offset: offset(from + index), start: 0, end: 1 })),
    byteLength: to - from,
  }) as unknown as RecordBatch // nothing else of a record is looked at

const lane = (tries: number, suspect?: Suspect) =>
  ({ id: 1, state: { at: 100, tries, ...(suspect && { suspect }) } as LaneState }) as const // nothing else is looked at

const sizes = (portions: readonly RecordBatch[]): readonly number[] => portions.map(({ records }) => records.length)

test('a portion that holds something suspected is read record by record, others are read whole', () => {
  const suspicious = lane(1, { from: 150, to: 151, attempts: 2, cause: 'it died' })
  expect(sizes(carefulPortions({ marks }, [suspicious], portion(148, 152)))).toEqual([1, 1, 1, 1])
  expect(sizes(carefulPortions({ marks }, [suspicious], portion(151, 200)))).toEqual([49])
})

test('a lane that was begun before without getting on begins with care', () => {
  expect(sizes(carefulPortions({ marks }, [lane(1)], portion(100, 103)))).toEqual([3])
  expect(sizes(carefulPortions({ marks }, [lane(2)], portion(100, 103)))).toEqual([1, 1, 1])
  expect(sizes(carefulPortions({ marks }, [lane(2)], portion(600, 603)))).toEqual([3])
})

test('where nobody would survive a loss nothing is read otherwise', () => {
  expect(sizes(carefulPortions({}, [lane(2)], portion(100, 103)))).toEqual([3])
})

test('only what is suspected has the process to itself: a lane that was begun often reads beside the others', async () => {
  const alone: boolean[] = []
  const noting: Marks = {
    ...marks,
    set: async (_range, isAlone) => {
      alone.push(isAlone)
      return () => undefined
    },
  }
  const context = { marks: noting, plan: { spout: { name: 'events' } }, partition: 0 } as unknown as PartitionContext // nothing else is asked for
  const suspicious = lane(2, { from: 150, to: 151, attempts: 2, cause: 'it died' })
  for (const from of [149, 150]) await markPortion(context, [suspicious], portion(from, from + 1))
  await markPortion(context, [lane(2)], portion(100, 101))
  expect(alone).toEqual([false, true, false])
})
