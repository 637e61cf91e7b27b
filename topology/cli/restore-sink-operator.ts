/**
 * The operator that reads a sink's state again: built-ins from the plain data of the catalogue, operators and aggregates
 * of the user's own from the topology file that was last run.
 */
import { restoreOperator } from '../../operators/restore-operator.ts'
import type { CatalogueEntry, CatalogueSink } from '../../sinks/rows/catalogue-entry.ts'
import { operatorBoltOf, topologyGraph } from '../declare/topology-graph.ts'
import { canonicalJson } from '../model/json.ts'
import type { StateOperator } from '../model/operator.ts'
import type { CommandIo } from './command.ts'
import { loadTopology } from './load-topology.ts'
import { UsageProblems } from './usage-problems.ts'

export const restoreSinkOperator = async (
  io: CommandIo,
  topology: CatalogueEntry,
  sink: CatalogueSink,
): Promise<StateOperator> => {
  const described = sink.operator
  if (described === null) throw new UsageProblems([{ text: `sink ${sink.name} has no operator` }])
  const restored = restoreOperator(described.name, described.options)
  if (restored !== undefined) return restored
  if (topology.file === null)
    throw new UsageProblems([
      {
        text: `${described.name} of ${sink.name} is not built in, and the topology was run from a program, not from a file`,
      },
    ])
  const declared = await loadTopology(io, topology.file)
  const graph = topologyGraph(declared)
  const node = declared.sinks.find(({ name }) => name === sink.name)
  const above = node === undefined ? undefined : operatorBoltOf(graph, node)
  if (above === undefined)
    throw new UsageProblems([{ at: topology.file, text: `no longer declares ${sink.name} behind ${described.name}` }])
  if (canonicalJson(above.operator.options) !== canonicalJson(described.options))
    throw new UsageProblems([{ at: topology.file, text: `declares ${sink.name} otherwise than it was last run` }])
  return above.operator
}
