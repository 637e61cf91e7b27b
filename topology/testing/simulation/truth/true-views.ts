/**
 * What each view must be, as a pure fold of the whole log (I-1): every tuple that a sink is to take, in log order and in
 * one batch a partition, folded by the sink's own operator, and nothing else.
 *
 * No lanes, slots, epochs, shards or retractions: what is deleted was never there.
 */
import { storedKeys } from '../../../../sinks/rows/stored-keys.ts'
import type { StateDelta, StateDeltas, StateOperator } from '../../../model/operator.ts'
import type { Tuples } from '../../../model/tuples.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import type { TrueEvent } from './read-true-log.ts'
import { isTakenFrom, type SinkInput } from './sink-input.ts'
import { storedIn, type TrueStored } from './true-stored.ts'

/** Encoded state by the JSON of its key. Rows whose state is empty are missing. */
export type TrueStates = ReadonlyMap<string, string>

/** Whether an event belongs to the view; those that are deleted, held back or poison do not, whatever is said. */
export type IsIn = (event: TrueEvent) => boolean

export const trueStates = (operator: StateOperator, inputs: readonly SinkInput[], isIn: IsIn): TrueStates => {
  const deltas: StateDeltas<unknown> = new Map()
  for (const input of inputs)
    for (const tuples of tuplesIn(input, isIn)) if (tuples.length > 0) operator.fold(tuples, 1, deltas)
  const states = new Map<string, string>()
  for (const { key, state } of bounded(operator, storedKeys(operator, deltas)).values())
    if (!operator.isEmpty(state))
      states.set(
        JSON.stringify(key.map((cell) => (typeof cell === 'string' ? cell.toWellFormed() : cell))),
        operator.encode(state),
      )
  return states
}

/** The bound of rows over the whole, as if one epoch had written everything. */
const bounded = (
  { bound, isEmpty }: StateOperator,
  deltas: ReadonlyMap<string, StateDelta<unknown>>,
): ReadonlyMap<string, StateDelta<unknown>> => {
  if (bound === undefined) return deltas
  const guides = bound.guides(deltas)
  const all = new Map(deltas)
  const states = new Map<string, unknown>()
  for (const [id, guide] of guides) {
    states.set(id, guide.state)
    if (!isEmpty(guide.state)) all.set(id, guide)
  }
  return bound.bounded(all, states)
}

/** What an event store or an archive holds, in log order. */
export const trueStored = (inputs: readonly SinkInput[], isIn: IsIn): readonly TrueStored[] => {
  const stored: TrueStored[] = []
  for (const input of inputs) {
    for (const tuples of tuplesIn(input, isIn)) {
      const events = tuples.events()
      if (events === undefined) throw new TypeError(`sink ${input.node.name} stores events, and is given other objects`)
      for (let index = 0; index < events.length; index++) stored.push(storedIn(input.of.plan.spout.name, events, index))
    }
  }
  return stored
}

/** The tuples of a partition that the sink has to take. */
const tuplesIn = (input: SinkInput, isIn: IsIn): readonly Tuples[] => {
  const { of, node } = input
  const taken = of.events.filter((event) => isTakenFrom(input, event) && isIn(event))
  if (taken.length === 0) return []
  if (input.emitted === undefined) return [of.batch.select(taken.map(({ index }) => index))]
  const objects = taken.flatMap(({ index }) => input.emitted![index]!)
  return objects.length === 0 ? [] : [tuplesOf(objects, node.feeds.join())]
}
