/** Whether the budget of the process has room for another fetch; the largest epochs are closed early where it has none (I-6). */
import { type CreditState, epochsToClose, mayFetch } from '../credit.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PartitionRunner } from './partition-runner.ts'

export const laneCredit = (
  { knob }: Pick<EngineParts, 'knob'>,
  partitions: readonly PartitionRunner[],
  bytes: number,
): boolean => {
  const lanes = new Map(partitions.flatMap((one) => [...one.lanes].map(([id, lane]) => [placeOf(one, id), lane])))
  let heldBytes = 0
  for (const lane of lanes.values()) heldBytes += lane.heldBytes()
  const credit: CreditState = { budgetBytes: knob('memory.budgetBytes'), heldBytes }
  const holders = [...lanes].map(([id, lane]) => ({ id, openBytes: lane.openBytes() }))
  for (const id of epochsToClose(credit, holders)) lanes.get(id)?.check('pressure')
  return mayFetch(credit, bytes)
}

const placeOf = (runner: PartitionRunner, lane: number): string =>
  `${runner.plan.spout.name}/${runner.partition}/${lane}`
