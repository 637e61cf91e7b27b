/**
 * Reading with care what has cost a process before: record by record, each marked before it is touched, so that the next
 * loss names the record. Where nobody would survive a loss there are no marks, and nothing is read otherwise.
 */
import type { LaneState } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { PartitionContext } from './partition-context.ts'
import { portionsOf } from './portions-of.ts'

// A lane that was begun again and again, and nobody knows why: its first records are read with care.
const firstRecords = 500
const startsMin = 2

interface ReadingLane {
  readonly id: number
  readonly state: LaneState
}

const carefulRange = ({ at, suspect, tries }: LaneState): { readonly from: number; readonly to: number } | undefined =>
  suspect ?? (tries >= startsMin ? { from: at, to: at + firstRecords } : undefined)

const isSuspected = (lanes: readonly ReadingLane[], from: number, to: number): boolean =>
  lanes.some(({ state }) => {
    const range = carefulRange(state)
    return range !== undefined && from < range.to && range.from < to
  })

/** A portion as its lanes take it: record by record where one of them suspects something. */
export const carefulPortions = (
  { marks }: Pick<PartitionContext, 'marks'>,
  lanes: readonly ReadingLane[],
  portion: RecordBatch,
): readonly RecordBatch[] =>
  marks !== undefined && !plantedFaults.has('suspects-read-together') && isSuspected(lanes, portion.from, portion.to)
    ? portionsOf(portion, 1, undefined)
    : [portion]

/** Marks a portion on its way to lanes; what it gives takes the mark back. `undefined`: nobody asks. */
export const markPortion = async (
  { marks, plan, partition }: Pick<PartitionContext, 'marks' | 'plan' | 'partition'>,
  lanes: readonly ReadingLane[],
  { records, from, to }: RecordBatch,
): Promise<(() => void) | undefined> => {
  const [first, last] = [records[0], records.at(-1)]
  if (marks === undefined || first === undefined || last === undefined) return undefined
  const range = { from: first.offset, to: offset(last.offset + 1) }
  const isAlone = records.length === 1 && isSuspected(lanes, from, to)
  return marks.set({ spout: plan.spout.name, partition, lanes: lanes.map(({ id }) => id), ...range }, isAlone)
}
