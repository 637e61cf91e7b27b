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
import type { Path } from '../../topology/model/path.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import type { Column } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import { count } from '../count.ts'
import { RollupDeltas } from './rollup-deltas.ts'
import { type RollupDefinition, type RollupOptions, resolveRollup } from './rollup-options.ts'
import {
  decodeRollup,
  encodeRollup,
  isEmptyRollup,
  mergeRollup,
  type RollupState,
  rollupSizeBytes,
  startRollup,
} from './rollup-state.ts'

const definitions = new WeakMap<object, RollupDefinition>()

/** The resolved declaration of a rollup made in this process; `undefined` for other operators. */
export const definitionOf = (operator: object): RollupDefinition | undefined => definitions.get(operator)

/** Rows of aggregates per window and group. Throws `badConfiguration` for a bad window, path, name or time zone. */
export const rollup = (options: RollupOptions): StateOperator<unknown, RollupState> =>
  orStandIn(
    () => rollupOf(options),
    () => rollupOf({ window: '1 day', values: { refused: count() } }),
  )

const rollupOf = (options: RollupOptions): StateOperator<unknown, RollupState> => {
  const definition = resolveRollup(options)
  const { by, values } = definition
  const operator = defineOperator<unknown, RollupState>({
    name: 'rollup',
    doc: `${values.map(({ name }) => name).join(', ')} per ${options.window}${by.length === 0 ? '' : ` and ${by.map(({ written }) => written).join(', ')}`}.`,
    order: orderOf(values),
    retraction: retractionOf(values),
    options: definition.options,
    reads: readPaths(definition),
    readsShapes: false,
    readsTimes: true,
    table: {
      partition: [
        { name: 'project', type: 'text' },
        { name: 'bucket', type: 'text' },
      ],
      cluster: [
        { name: 'window_start', type: 'integer' },
        { name: 'group', type: 'text' },
      ],
      columns: [
        ...by.map(({ column }) => ({ name: column, type: 'text' as const })),
        ...values.map(({ name, aggregate }) => ({ name, type: aggregate.columnType })),
      ],
    },
    epochAge: 'epoch.ageMs',
    fold: foldOf(definition),
    merge: (left, right) => mergeRollup(values, left, right),
    isEmpty: (state) => isEmptyRollup(values, state),
    encode: (state) => encodeRollup(values, state),
    decode: (text) => decodeRollup(values, text),
    columns: (key, state) => [
      ...groupValuesOf(key).map(groupCell),
      ...values.map(({ aggregate }, i) => valueCell(aggregate.read(state.values[i]).value)),
    ],
    sizeBytes: (state) => rollupSizeBytes(values, state),
  })
  definitions.set(operator, definition)
  return operator
}

type Fold = StateOperator<unknown, RollupState>['fold']

const foldOf = (definition: RollupDefinition): Fold => {
  const { values } = definition
  const start = (): RollupState => startRollup(values)
  const known = new WeakMap<StateDeltas<RollupState>, RollupDeltas>()
  return (tuples, weight, into) => {
    let deltas = known.get(into)
    if (deltas === undefined || !deltas.isOf(into)) {
      deltas = new RollupDeltas(definition, start)
      known.set(into, deltas)
    }
    const states = new Array<RollupState>(tuples.length)
    deltas.find(tuples, into, states)
    for (const state of states) state.count += weight
    for (let i = 0; i < values.length; i += 1) {
      const { aggregate } = values[i]!
      addColumn(aggregate, i, aggregate.path === undefined ? undefined : tuples.column(aggregate.path), states, weight)
    }
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

const readPaths = ({ by, values }: RollupDefinition): readonly Path[] => {
  const paths = new Map<string, Path>()
  for (const { path } of by) paths.set(JSON.stringify(path), path)
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
  if (retractions.includes('rebuild')) return 'rebuild'
  return retractions.includes('bounded') ? 'bounded' : 'exact'
}

/** Values of the group that a key names, in the order of `by`. */
export const groupValuesOf = (key: readonly Cell[]): readonly JsonScalar[] => {
  const values: readonly JsonScalar[] = JSON.parse(String(key[3]))
  return values
}

const groupCell = (value: JsonScalar): Cell =>
  value === null || typeof value === 'string' ? value : JSON.stringify(value)

/** Answers that are lists or objects have no cell type: their text stands there. */
const valueCell = (value: JsonValue): Cell =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
