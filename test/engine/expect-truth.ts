/** Compares what the topology with every sink has written with the slow recomputation of its log. */
import type { TestResult } from 'spillway/testing'
import { expect } from 'vitest'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { readWholeLog, type TrueEvent } from '../oracle/read-whole-log.ts'
import { recompute } from '../oracle/recompute.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { everythingIn } from './every-sink.ts'

const numbers = (events: readonly (TrueEvent['body'] | JsonObject)[]): readonly number[] =>
  events.map((event) => Number(event['number'])).sort((left, right) => left - right)

export const expectTruth = async (result: TestResult): Promise<void> => {
  const { events, alive, rejects } = await readWholeLog(result.resources.logs['events']!)
  const picked = alive.filter((event) => event.body['poison'] !== true)
  const bodies = alive.map((event) => event.body)
  expect(numbers(await storedEvents(result)), 'event rows').toEqual(numbers(bodies))
  expect(numbers(Object.values(await result.objects()).flat()), 'objects').toEqual(numbers(bodies))
  expect(await schemas(result), 'schema').toEqual(trueSchemas(alive))
  expect(await totals(result), 'totals').toEqual(trueTotals(picked))
  const { notes, counters } = await everythingIn(result.resources)
  expect(livingNotes(notes), 'notes').toEqual(picked.map((event) => `${event.partition}@${event.offset}`).sort())
  const broken = (await result.deadLetters()).filter((letter) => letter.sink === '*')
  expect(broken.map(({ partition, offset }) => [partition, offset]).sort(), 'rejects').toEqual([...rejects].sort())
  expect(receivedIn(counters)).toBe(5 * (events.length + rejects.length))
}

const storedEvents = async (result: TestResult): Promise<readonly JsonObject[]> =>
  (await Promise.all(['new', 'old'].map((collection) => result.events('store', collection)))).flat()

const schemas = async (result: TestResult): Promise<unknown> =>
  (await readSchema({ rows: result.resources.rows, sink: 'schemas' })).map(({ collection, events, properties }) => {
    const counts = Object.entries(properties).flatMap(([path, { types }]) =>
      Object.entries(types).map(([type, count]) => `${type} ${path} ${count}`),
    )
    return [collection, events, counts.sort()]
  })

const trueSchemas = (alive: readonly TrueEvent[]): unknown =>
  [...Map.groupBy(alive, (event) => event.collection)].sort().map(([collection, events]) => {
    const counts = [...schemaCounts(events.map((event) => event.body))].map(([pair, count]) => `${pair} ${count}`)
    return [collection, events.length, counts.sort()]
  })

const totals = async (result: TestResult): Promise<unknown> =>
  (await result.rows('totals'))
    .map(({ project, kind, window_start: start, orders, value }) => [`${project} ${kind} ${start}`, orders, value])
    .sort()

const trueTotals = (picked: readonly TrueEvent[]): unknown =>
  [...Map.groupBy(picked, windowOf)]
    .map(([key, events]) => {
      const values = events.map((event) => event.body['value'])
      return [key, recompute['count']!(values), recompute['sum']!(values)]
    })
    .sort()

const windowOf = ({ project, body, timeMs }: TrueEvent): string =>
  `${project} ${String(body['kind'])} ${Math.floor(timeMs / 60_000) * 60_000}`

/** Every sink receives every record once, whatever becomes of it then (I-2, I-8). */
const receivedIn = (counters: unknown): number =>
  Object.values(counters as Record<string, { received: number }>) // as `everythingIn` makes them
    .reduce((sum, { received }) => sum + received, 0)

const livingNotes = (rows: unknown): readonly string[] =>
  (rows as readonly (readonly unknown[])[]) // as `everythingIn` makes them
    .filter((row) => row[3] === false)
    .map(([partition, offset]) => `${String(partition)}@${String(offset)}`)
    .sort()
