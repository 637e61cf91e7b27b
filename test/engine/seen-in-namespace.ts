/** What readers see of the sinks of `everySink`, live or in the namespace of a replay. */
import { type TestResult, testTopology } from 'spillway/testing'
import { expect } from 'vitest'
import { everySink } from './every-sink.ts'
import { order } from './orders.ts'

/** Numbers of orders, ascending. */
export const numbersIn = (bodies: readonly object[]): readonly number[] =>
  bodies.map((body) => Number('number' in body ? body.number : Number.NaN)).sort((left, right) => left - right)

export interface Seen {
  readonly events: readonly number[]
  readonly objects: readonly number[]
  /** Encoded states: what must be equal to the last bit. */
  readonly schemas: unknown
  readonly totals: unknown
}

export const seenOf = async (result: TestResult, namespace?: string): Promise<Seen> => {
  const stored = ['new', 'old'].map((collection) => result.events('store', collection, undefined, namespace))
  return {
    events: numbersIn((await Promise.all(stored)).flat()),
    objects: numbersIn(Object.values(await result.objects(namespace)).flat()),
    schemas: await result.states('schemas', namespace),
    totals: await result.states('totals', namespace),
  }
}

/** Compares a namespace with a topology that has never seen anything but these orders. */
export const replayedEqually = async (
  result: TestResult,
  namespace: string,
  alive: readonly number[],
): Promise<void> => {
  const fresh = await testTopology(everySink, { partitions: 1 }).run(alive.map((index) => order(index)))
  expect(await seenOf(result, namespace)).toEqual(await seenOf(fresh))
}
