/** What a lane tells people of its epochs. */
import type { PlannedSink } from '../../model/spout-plan.ts'
import type { LaneEpoch } from './lane-epoch.ts'
import type { PartitionContext } from './partition-context.ts'

export const reportCheckpoint = (
  context: PartitionContext,
  node: PlannedSink,
  lane: number,
  epoch: LaneEpoch,
): void => {
  const { partition, parts } = context
  const fields = { sink: node.name, partition, lane, from: epoch.from, to: epoch.to }
  parts.report({
    kind: 'checkpoint',
    level: 'debug',
    text: `checkpoint ${node.name}/${partition} at ${epoch.to}`,
    fields,
  })
}

export const reportRestart = (
  { parts, partition }: PartitionContext,
  node: PlannedSink,
  lane: number,
  at: number,
): void => {
  const text = `${node.name}/${partition} begins again at ${at}`
  parts.report({ kind: 'recovered', level: 'info', text, fields: { sink: node.name, lane, at } })
}
