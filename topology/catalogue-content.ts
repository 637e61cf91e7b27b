/** What the catalogue says of a topology: plain data, from which readers know its sinks without its file. */
import type { CatalogueSink } from '../sinks/rows/catalogue-entry.ts'
import type { CatalogueContent } from '../sinks/rows/topology-catalogue.ts'
import { sinksBelow } from './engine/plan-questions.ts'
import type { StateOperator } from './model/operator.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'

export const catalogueContent = (
  topology: Topology,
  plans: readonly SpoutPlan[],
  file: string | undefined,
): CatalogueContent => ({
  topology: topology.name,
  file: file ?? null,
  spouts: topology.spouts.map(({ name, options }) => ({ name, options: JSON.parse(JSON.stringify(options)) })),
  bolts: topology.bolts.map(({ name }) => ({
    name,
    sinks: [...new Set(plans.flatMap((plan) => sinksBelow(plan, name)))],
  })),
  sinks: topology.sinks.map((node) => {
    const planned = plans.flatMap((plan) =>
      plan.sinks.filter((sink) => sink.name === node.name).map((sink) => ({ sink, spout: plan.spout.name })),
    )
    const operator = planned[0]?.sink.operator
    return {
      name: node.name,
      kind: node.sink.sinkKind,
      type: node.sink.name,
      options: node.sink.options,
      operator: operator === undefined ? null : catalogueOperator(operator),
      spouts: planned.map((one) => one.spout),
      behind: [...new Set(planned.flatMap(({ sink }) => [...sink.dedupes.map(({ bolt }) => bolt), ...sink.chain]))],
    }
  }),
})

const catalogueOperator = ({
  name,
  options,
  reading,
  table,
}: StateOperator): NonNullable<CatalogueSink['operator']> => ({
  name,
  options,
  ...(reading === undefined ? {} : { reading }),
  table,
})
