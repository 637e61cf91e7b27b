/** The bolts of drawn topologies: each is a function of the event alone, some of them fail, wait, or give several for one. */
import { concatMap, filter, from, map, mergeMap, type OperatorFunction, of, pipe } from 'rxjs'
import type { Event } from 'spillway'
import { errors } from '../../topology/model/errors.ts'
import { lookup } from './orders-topology.ts'

export interface ShapeBolt {
  readonly operator: OperatorFunction<Event, Event>
  /** Whether an event that comes once leaves at most once: sinks of events need that. */
  readonly isSingle: boolean
}

const single = (operator: ShapeBolt['operator']): ShapeBolt => ({ operator, isSingle: true })

export const poisonTag = 'poison'

export const shapeBolts = {
  filtered: single(filter((event) => event.body['kind'] !== 'b')),
  ofCollection: single(filter((event) => event.collection !== 'old')),
  marked: single(map((event) => event.withBody({ ...event.body, mark: event.offset % 3 }))),
  doubled: { operator: mergeMap((event) => [event, event.withBody({ ...event.body, tag: 'again' })]), isSingle: false },
  someTwice: {
    operator: concatMap((event) => (event.offset % 2 === 0 ? of(event, event) : of(event))),
    isSingle: false,
  },
  parts: single(mergeMap((event) => (event.body['tag'] === 'x' ? [] : [event]))),
  piped: single(
    pipe(
      filter((event) => event.body['value'] !== null),
      map((event) => event.withBody({ ...event.body, value: 1 })),
    ),
  ),
  picky: single(
    map((event) => {
      if (event.body['tag'] === poisonTag) throw new Error('the tag is poison')
      return event
    }),
  ),
  asking: single(
    map((event) => {
      if (lookup.isAway()) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    }),
  ),
  waiting: single(concatMap((event) => from(afterTurns(event, 1 + (event.offset % 3))))),
  failingLate: single(
    mergeMap(async (event) => {
      const same = await afterTurns(event, 2)
      if (same.body['tag'] === poisonTag) throw new Error('the tag is poison, as was found out later')
      return same
    }, 1),
  ),
} satisfies Readonly<Record<string, ShapeBolt>>

export type ShapeBoltName = keyof typeof shapeBolts
export const shapeBoltNames: readonly ShapeBoltName[] = Object.keys(shapeBolts) as ShapeBoltName[] // its own keys

/** Microtasks only: no time passes. */
const afterTurns = async <Value>(value: Value, turns: number): Promise<Value> => {
  for (let turn = 0; turn < turns; turn++) await undefined
  return value
}
