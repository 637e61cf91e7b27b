/** What a run needs before any partition is opened: tables of its sinks, and which partitions there are. */
import { errors } from '../../model/errors.ts'
import { partition as toPartition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import { acceptedTable } from './accepted-tokens.ts'
import { deletesTable } from './delete-rows.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PartitionPlace } from './owned-partitions.ts'
import { persist } from './persist.ts'

/** Creates the tables of all sinks and gives every partition of every log, with its end now. */
export const beginPlaces = async (parts: EngineParts, signal: AbortSignal): Promise<readonly PartitionPlace[]> => {
  const { plans, resources } = parts
  await persist(parts, 'rows', signal, () => resources.rows.ensureTable(deletesTable))
  for (const plan of plans) await ensureTables(parts, signal, plan)
  return (await Promise.all(plans.map((plan) => placesOf(parts, signal, plan)))).flat()
}

const ensureTables = async (parts: EngineParts, signal: AbortSignal, plan: SpoutPlan): Promise<void> => {
  const { rows } = parts.resources
  for (const { name, sink, operator, dedupes } of plan.sinks) {
    for (const table of [...sink.tables(name, operator), ...(dedupes.length > 0 ? [acceptedTable] : [])]) {
      await persist(parts, 'rows', signal, () => rows.ensureTable(table))
    }
  }
}

const placesOf = async (
  parts: EngineParts,
  signal: AbortSignal,
  plan: SpoutPlan,
): Promise<readonly PartitionPlace[]> => {
  const log = logOf(parts, plan.spout.name)
  const partitions = Array.from({ length: plan.sinks.length === 0 ? 0 : log.partitions }, (_, one) => toPartition(one))
  return Promise.all(
    partitions.map(async (partition) => {
      const { end } = await persist(parts, 'log', signal, () => log.bounds(partition))
      return { plan, log, partition, end }
    }),
  )
}

/** The log that a spout reads. Throws `badConfiguration` (stop) where it has none. */
export const logOf = ({ resources }: Pick<EngineParts, 'resources'>, spout: string): PartitionPlace['log'] => {
  const log = resources.logs[spout] ?? resources.logs['default']
  if (log === undefined) throw errors.badConfiguration({ problem: `spout ${spout} has no log` })
  return log
}
