/**
 * Reads the inferred schemas of a sink: shards and fragments summed per collection, all projects together unless one is
 * named (DOMAIN section 4).
 */
import { inferSchema, schemaBoundsOf } from '../../operators/infer-schema/infer-schema.ts'
import {
  type CollectionSchema,
  readSchemaState,
  type SchemaBounds,
} from '../../operators/infer-schema/read-schema-state.ts'
import type { SchemaState } from '../../operators/infer-schema/schema-state.ts'
import { errors } from '../../topology/model/errors.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell, RowStore } from '../../topology/model/ports/row-store.ts'
import { cataloguedPartitions } from './partition-catalogue.ts'
import { readState } from './read-state.ts'
import { stateTable } from './state-table.ts'

export interface SchemaQuery {
  readonly rows: RowStore
  readonly sink: string
  /** The operator above the sink, where the caller has it; it must be `inferSchema`. Its options are the bounds. */
  readonly operator?: StateOperator
  readonly project?: string | undefined
  readonly collection?: string | undefined
  /** Instead of those of the operator. */
  readonly bounds?: SchemaBounds
}

/** Schemas by collection, ordered by name; none where no event is alive. Throws `badConfiguration` for another operator. */
export const readSchema = async (query: SchemaQuery): Promise<readonly CollectionSchema[]> => {
  const { rows, sink, project, collection } = query
  if (query.operator !== undefined && query.operator.name !== 'inferSchema') {
    throw errors.badConfiguration({ problem: `sink ${sink} keeps ${query.operator.name}, not a schema` })
  }
  const states = new Map<string, SchemaState[]>()
  const operator = inferSchema()
  const known = project === undefined ? [] : collection === undefined ? [project] : [project, collection]
  const isAsked = ([, name]: readonly Cell[]): boolean =>
    name === undefined || collection === undefined || name === collection
  for await (const partition of cataloguedPartitions(rows, stateTable(sink, operator), known, isAsked)) {
    for await (const { key, state } of readState({ rows, sink, operator, partition })) {
      const name = String(key[1])
      const list = states.get(name)
      if (list === undefined) states.set(name, [state])
      else list.push(state)
    }
  }
  const bounds = query.bounds ?? schemaBoundsOf(query.operator?.reading)
  return [...states]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, list]) => readSchemaState(list, name, bounds))
}
