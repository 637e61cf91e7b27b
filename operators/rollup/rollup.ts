/**
 * Keeps named aggregates per window of event time and group.
 *
 * The hot path of a topology: columns are resolved once per batch, the state of each tuple is found through maps, and
 * each aggregate then walks its own column. State is a commutative group, so any cut and order gives the same rows and a
 * delete takes out what its events had added (I-1, I-3). No watermark closes a window: a late event reopens its row.
 */
import type { Aggregate } from '../../topology/model/aggregate.ts'
import type { JsonScalar, JsonValue } from '../../topology/model/json.ts'
import { defineOperator, type Retraction, type StateDeltas, type StateOperator } from '../../topology/model/operator.ts'
import { formatPath, type Path } from '../../topology/model/path.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import type { Column } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import { count } from '../count.ts'
import { groupBoundOf } from './group-bound.ts'
import { edgeRuleOf, settleEdge } from './group-edge.ts'
import { type Places, type RollupBatch, rollupBatch } from './rollup-batch.ts'
import { type GroupDelta, RollupDeltas } from './rollup-deltas.ts'
import { groupValuesOf, rollupKey } from './rollup-key.ts'
import { type RollupDefinition, type RollupOptions, resolveRollup } from './rollup-options.ts'
import {
  decodeRollup,
  encodeRollup,
  isEmptyRollup,
  mergeRollup,
  type RollupState,
  rollupSizeBytes,
} from './rollup-state.ts'

const definitions = new WeakMap<object, RollupDefinition>()

/** The resolved declaration of a rollup made in this process; `undefined` for other operators. */
export const definitionOf = (operator: object): RollupDefinition | undefined => definitions.get(operator)

/**
 * Rows of aggregates per window and group. Throws `badConfiguration` for a bad window, path, name, filter, bound or time
 * zone.
 */
export const rollup = (options: RollupOptions): StateOperator<unknown, RollupState> =>
  orStandIn(
    () => rollupOf(options),
    () => rollupOf({ window: '1 day', values: { refused: count() } }),
  )

const rollupOf = (options: RollupOptions): StateOperator<unknown, RollupState> => {
  const definition = resolveRollup(options)
  const { by, values } = definition
  const bound = groupBoundOf(definition)
  const rule = edgeRuleOf(definition.groups)
  const operator = defineOperator<unknown, RollupState>({
    name: 'rollup',
    doc: docOf(definition),
    order: orderOf(values),
    retraction: retractionOf(values),
    options: definition.options,
    reads: readPaths(definition),
    readsShapes: false,
    readsTimes: true,
    table: tableOf(definition),
    ...(bound === undefined ? {} : { bound }),
    epochAge: 'epoch.ageMs',
    fold: foldOf(definition),
    merge: (left, right) => mergeRollup(values, left, right),
    isEmpty: (state) => isEmptyRollup(values, state),
    encode(state) {
      if (state.edge !== undefined) settleEdge(state.edge, rule)
      return encodeRollup(values, state)
    },
    decode: (text) => decodeRollup(values, text),
    columns: (key, state) => [...groupCells(key, by.length), ...valueCells(values, key, state)],
    sizeBytes: (state) => rollupSizeBytes(values, state),
  })
  definitions.set(operator, definition)
  return operator
}

const tableOf = ({ by, values }: RollupDefinition): StateOperator['table'] => ({
  partition: [
    { name: 'project', type: 'text' },
    { name: 'window', type: 'text' },
    { name: 'bucket', type: 'text' },
  ],
  cluster: [
    { name: 'window_start', type: 'integer' },
    { name: 'group', type: 'text' },
    { name: 'fragment', type: 'integer' },
  ],
  columns: [
    ...by.map(({ column }) => ({ name: column, type: 'text' as const })),
    ...values.map(({ name, aggregate }) => ({ name, type: aggregate.columnType })),
  ],
})

const docOf = ({ windows, by, values, where }: RollupDefinition): string => {
  const names = values.map(({ name }) => name).join(', ')
  const spans = windows.map(({ name }) => name).join(', ')
  const groups = by.length === 0 ? '' : ` and ${by.map(({ written }) => written).join(', ')}`
  const filters = where.map(({ path, operator, value }) => `${formatPath(path)} ${operator} ${JSON.stringify(value)}`)
  return `${names} per ${spans}${groups}${filters.length === 0 ? '' : ` where ${filters.join(' and ')}`}.`
}

type Fold = StateOperator<unknown, RollupState>['fold']

/** The finders of one map of deltas, and how many deltas it had when they last saw it. */
interface KnownDeltas {
  readonly windows: readonly RollupDeltas[]
  size: number
}

const foldOf = (definition: RollupDefinition): Fold => {
  const { windows, by, values, where } = definition
  const known = new WeakMap<StateDeltas<RollupState>, KnownDeltas>()
  return (tuples, weight, into) => {
    let deltas = known.get(into)
    // The engine empties a map when an epoch ends; whatever was found in it is gone with it.
    if (deltas === undefined || deltas.size !== into.size) {
      deltas = { windows: windows.map((window) => new RollupDeltas(definition, window, into)), size: 0 }
      known.set(into, deltas)
    }
    const batch = rollupBatch(tuples, where)
    const groupColumns = by.map(({ path }) => batch.column(path))
    const columns = values.map(({ aggregate: { path } }) => (path === undefined ? undefined : batch.column(path)))
    for (const finder of deltas.windows) foldWindow(finder, values, batch, groupColumns, columns, weight)
    deltas.size = into.size
  }
}

const foldWindow = (
  finder: RollupDeltas,
  values: RollupDefinition['values'],
  batch: RollupBatch,
  groupColumns: readonly Column[],
  columns: readonly (Column | undefined)[],
  weight: Weight,
): void => {
  const states = new Array<RollupState>(batch.length)
  const isSpread = values.some(({ aggregate }) => aggregate.spread !== undefined)
  const deltas = isSpread ? new Array<GroupDelta>(batch.length) : undefined
  finder.find(batch, groupColumns, states, deltas)
  for (const state of states) state.count += weight
  for (let i = 0; i < values.length; i += 1) {
    const { aggregate } = values[i]!
    const column = columns[i]
    if (deltas !== undefined && aggregate.spread !== undefined) {
      addSpread(finder, aggregate, i, column ?? [], deltas, weight)
    } else if (aggregate.addAt !== undefined) {
      addOrdered(aggregate, i, column ?? [], batch.times, batch.places(), states, weight)
    } else addColumn(aggregate, i, column, states, weight)
  }
}

const addColumn = (
  aggregate: Aggregate,
  at: number,
  column: Column | undefined,
  states: readonly RollupState[],
  weight: Weight,
): void => {
  for (let i = 0; i < states.length; i += 1) {
    const { values } = states[i]!
    values[at] = aggregate.add(values[at], column?.[i], weight)
  }
}

const addOrdered = (
  aggregate: Aggregate,
  at: number,
  column: Column,
  times: ArrayLike<number>,
  { partitions, offsets }: Places,
  states: readonly RollupState[],
  weight: Weight,
): void => {
  for (let i = 0; i < states.length; i += 1) {
    const { values } = states[i]!
    values[at] = aggregate.addAt!(values[at], column[i], weight, times[i]!, partitions[i]!, offsets[i]!)
  }
}

/** Fragment 0 is the main row: those of a spread value begin at 1. */
const addSpread = (
  finder: RollupDeltas,
  aggregate: Aggregate,
  at: number,
  column: Column,
  deltas: readonly GroupDelta[],
  weight: Weight,
): void => {
  const { spread } = aggregate
  if (spread === undefined) return
  for (let i = 0; i < deltas.length; i += 1) {
    const fragment = spread.fragmentOf(column[i])
    if (fragment < 0) continue
    const { values } = finder.fragment(deltas[i]!, fragment + 1)
    values[at] = spread.addTo(values[at] ?? aggregate.start(), column[i], weight, fragment)
  }
}

const readPaths = ({ by, values, where }: RollupDefinition): readonly Path[] => {
  const paths = new Map<string, Path>()
  for (const { path } of [...where, ...by]) paths.set(JSON.stringify(path), path)
  for (const { aggregate } of values) {
    if (aggregate.path !== undefined) paths.set(JSON.stringify(aggregate.path), aggregate.path)
  }
  return [...paths.values()]
}

const orderOf = (values: RollupDefinition['values']): StateOperator['order'] => {
  const orders = values.map(({ aggregate }) => aggregate.order)
  if (orders.includes('partitionOrdered')) return 'partitionOrdered'
  return orders.includes('keyOrdered') ? 'keyOrdered' : 'commutative'
}

const retractionOf = (values: RollupDefinition['values']): Retraction => {
  const retractions = values.map(({ aggregate }) => aggregate.retraction)
  return retractions.includes('bounded') ? 'bounded' : 'exact'
}

const groupCells = (key: readonly Cell[], paths: number): readonly Cell[] => {
  const values = groupValuesOf(key)
  return Array.from({ length: paths }, (_, index) => groupCell(values[index] ?? null))
}

const groupCell = (value: JsonScalar): Cell =>
  value === null || typeof value === 'string' ? value : JSON.stringify(value)

/**
 * What a row shows by itself. The rows of fragments and edges show nothing, and a value that is spread over fragments
 * is told by their sum alone, so its column stays null.
 */
const valueCells = (values: RollupDefinition['values'], key: readonly Cell[], state: RollupState): readonly Cell[] =>
  values.map(({ aggregate }, i) => {
    const value = state.values[i]
    if (key[rollupKey.fragment] !== 0 || aggregate.spread !== undefined || value === undefined) return null
    return answerCell(aggregate, aggregate.read(value).value)
  })

/** The cell of an answer: lists and objects have no cell type, and a text column may hold any value; their text stands there. */
const answerCell = ({ columnType }: Aggregate, value: JsonValue): Cell => {
  if (value === null || typeof value === 'string') return value
  return columnType === 'text' || typeof value === 'object' ? JSON.stringify(value) : value
}

/** The cells of the columns of a whole row: `state` is the sum of its shards and fragments. */
export const wholeRowCells = (operator: object, key: readonly Cell[], state: RollupState): readonly Cell[] => {
  const { by, values } = definitions.get(operator)!
  const answers = values.map(({ aggregate }, i) =>
    answerCell(aggregate, aggregate.read(state.values[i] ?? aggregate.start()).value),
  )
  return [...groupCells(key, by.length), ...answers]
}
