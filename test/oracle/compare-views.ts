/** Every view of a schedule beside the recomputation of its whole log: what differs, or nothing. */
import { isDeepStrictEqual } from 'node:util'
import type { TestResult } from 'spillway/testing'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { namespacedSink } from '../../topology/model/namespace.ts'
import { trueId } from './is-deleted.ts'
import { readWholeLog, type TrueEvent } from './read-whole-log.ts'
import { recompute } from './recompute.ts'
import { schemaCounts } from './recompute-schema.ts'
import { columns, windowMs } from './schedule-topology.ts'

export interface Difference {
  readonly view: string
  readonly found: unknown
  readonly wanted: unknown
}

/** The first view that differs from the truth, `undefined` when all agree. `namespace`: the views of a replay. */
export const differenceOf = async (result: TestResult, namespace?: string): Promise<Difference | undefined> => {
  const isInside = await insideOf(result, namespace)
  const alive = (await readWholeLog(result.resources.logs['events']!)).alive.filter(isInside)
  const stored = ['bought', 'seen'].map((name) => result.events('store', name, undefined, namespace))
  const events = (await Promise.all(stored)).flat()
  const lines = Object.values(await result.objects(namespace)).flat()
  const whole = alive.map((event) => `${trueId(event)} ${canonical(event.body)}`).sort()
  const views = [
    ['event rows', events.map(storedText).sort(), whole],
    ['objects', lines.map(storedText).sort(), whole],
    ['schema', await schemas(result, namespace), trueSchemas(alive)],
    ['rollup', await totals(result, namespace), trueTotals(alive)],
  ] as const
  const differing = views.find(([, found, wanted]) => !isDeepStrictEqual(found, wanted))
  return differing === undefined ? undefined : { view: differing[0], found: differing[1], wanted: differing[2] }
}

/** Whether an event is in what a replay was asked for; without a namespace every event is. */
const insideOf = async (result: TestResult, namespace?: string): Promise<(event: TrueEvent) => boolean> => {
  const documents = await result.ledger()
  return ({ partition, offset, project, timeMs }) => {
    if (namespace === undefined) return true
    const state = documents[`events/${partition}`]?.sinks[namespacedSink('store', namespace)]
    const { tenant = project, timeframe = { startMs: timeMs, endMs: timeMs + 1 } } = state?.replay ?? {}
    const isThen = timeMs >= timeframe.startMs && timeMs < timeframe.endMs
    return (
      state !== undefined &&
      offset >= state.from &&
      offset < (state.to ?? Number.POSITIVE_INFINITY) &&
      project === tenant &&
      isThen
    )
  }
}

/** Id and body without what the store adds to `keen`. */
const storedText = (event: JsonObject): string => {
  const { id, created_at: _made, ...keen } = event['keen'] as JsonObject // every stored event has one
  return `${String(id)} ${canonical({ ...event, keen })}`
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  )

const schemas = async (result: TestResult, namespace?: string): Promise<unknown> =>
  (await readSchema({ rows: result.resources.rows, sink: namespacedSink('schemas', namespace) })).map(
    ({ collection, events, properties }) => {
      const counts = Object.entries(properties).flatMap(([path, { types }]) =>
        Object.entries(types).map(([type, seen]) => `${type} ${path} ${seen}`),
      )
      return [collection, events, counts.sort()]
    },
  )

const trueSchemas = (alive: readonly TrueEvent[]): unknown =>
  [...Map.groupBy(alive, (event) => event.collection)].sort().map(([collection, events]) => {
    const counts = [...schemaCounts(events.map((event) => event.body))].map(([pair, seen]) => `${pair} ${seen}`)
    // The one path of the schedules that is a time by its name.
    return [collection, events.length, counts.map((one) => one.replace('string keen.t', 'datetime keen.t')).sort()]
  })

const totals = async (result: TestResult, namespace?: string): Promise<unknown> =>
  (await result.rows('totals', namespace))
    .map((row) => {
      const key = JSON.stringify([row['project'], row['window_start'], row['kind']])
      return [key, ...Object.values(columns).map(([column]) => row[column])]
    })
    .sort(byKey)

const trueTotals = (alive: readonly TrueEvent[]): unknown =>
  [...Map.groupBy([...alive].sort(byTime), rowOf)]
    .map(([key, events]) => [
      key,
      ...Object.entries(columns).map(([aggregate, [, property]]) =>
        recompute[aggregate]!(events.map((event) => (property === undefined ? 1 : event.body[property]))),
      ),
    ])
    .sort(byKey)

/** Ids begin with the time. */
const byTime = (left: TrueEvent, right: TrueEvent): number => (trueId(left) < trueId(right) ? -1 : 1)

const rowOf = ({ project, body, timeMs }: TrueEvent): string =>
  JSON.stringify([project, Math.floor(timeMs / windowMs) * windowMs, body['kind'] ?? null])

const byKey = (left: readonly unknown[], right: readonly unknown[]): number =>
  String(left[0]) < String(right[0]) ? -1 : 1
