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

type Range = { readonly from: number; readonly to: number } | undefined

const carefulRange = ({ at, suspect, tries }: LaneState): Range =>
  suspect ?? (tries >= startsMin ? { from: at, to: at + firstRecords } : undefined)

const touches = (range: Range, { from, to }: RecordBatch): boolean =>
  range !== undefined && from < range.to && range.from < to

/** A portion as its lanes take it: record by record where one of them suspects something. */
export const carefulPortions = (
  { marks }: Pick<PartitionContext, 'marks'>,
  lanes: readonly ReadingLane[],
  portion: RecordBatch,
): readonly RecordBatch[] =>
  marks !== undefined &&
  !plantedFaults.has('suspects-read-together') &&
  lanes.some(({ state }) => touches(carefulRange(state), portion))
    ? portionsOf(portion, 1, undefined)
    : [portion]

/** Marks a portion on its way to lanes; what it gives takes the mark back. `undefined`: nobody asks. */
export const markPortion = async (
  { marks, plan, partition }: Pick<PartitionContext, 'marks' | 'plan' | 'partition'>,
  lanes: readonly ReadingLane[],
  portion: RecordBatch,
): Promise<(() => void) | undefined> => {
  const { records } = portion
  const [first, last] = [records[0], records.at(-1)]
  if (marks === undefined || first === undefined || last === undefined) return undefined
  const range = { from: first.offset, to: offset(last.offset + 1) }
  // Where a lane was only begun often, a restart is the likelier cause: others need not stand still for its records.
  const isAlone = records.length === 1 && lanes.some(({ state }) => touches(state.suspect, portion))
  return marks.set({ spout: plan.spout.name, partition, lanes: lanes.map(({ id }) => id), ...range }, isAlone)
}
