/** What runs over the real input: every kind of sink, and for each data set rollups that answer what was counted of it. */
import { filter } from 'rxjs'
import { type Aggregate, defineTopology, log } from 'spillway'
import { count, countUnique, inferSchema, maximum, minimum, rollup, stddev, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

const aggregates = { count, countUnique, maximum, minimum, stddev, sum }

/** A rollup as a slow recomputation knows it, too: aggregate and property of each value. */
export interface Question {
  readonly sink: string
  /** Which events it takes. */
  readonly isOf: (event: { readonly project: string; readonly collection: string }) => boolean
  /** A path without quotes. */
  readonly by: string
  readonly values: Readonly<Record<string, readonly [aggregate: keyof typeof aggregates, property?: string]>>
}

const ofCollection =
  (name: string): Question['isOf'] =>
  ({ collection }) =>
    collection === name

const numbersOf = (property: string): Question['values'] => ({
  n: ['count'],
  total: ['sum', property],
  deviation: ['stddev', property],
  least: ['minimum', property],
  most: ['maximum', property],
})

export const questions: readonly Question[] = [
  {
    ...{ sink: 'by_origin', isOf: ofCollection('flights'), by: 'origin' },
    values: { ...numbersOf('delay'), places: ['countUnique', 'destination'] },
  },
  {
    ...{ sink: 'by_destination', isOf: ofCollection('flights'), by: 'destination' },
    values: { n: ['count'], places: ['countUnique', 'origin'] },
  },
  {
    ...{ sink: 'by_rating', isOf: ofCollection('movies'), by: 'MPAA Rating' },
    values: { ...numbersOf('US Gross'), directors: ['countUnique', 'Director'] },
  },
  { sink: 'by_network', isOf: ofCollection('earthquakes'), by: 'properties.net', values: numbersOf('properties.mag') },
  {
    sink: 'by_sender',
    isOf: ({ project }) => project === 'hooks',
    by: 'sender.login',
    values: { n: ['count'], actions: ['countUnique', 'action'] },
  },
]

const aggregateOf = ([name, property]: Question['values'][string]): Aggregate =>
  name === 'count' ? count() : aggregates[name](quoted(property ?? ''))

/** As a topology and a query name it. */
export const quoted = (path: string): string => (path.includes(' ') ? JSON.stringify(path) : path)

export default defineTopology('real', (t) => {
  const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
  for (const { sink, isOf, by, values } of questions) {
    const answers = Object.fromEntries(Object.entries(values).map(([name, of]) => [name, aggregateOf(of)]))
    events
      .bolt(`of_${sink}`, filter(isOf))
      .bolt(`rolled_${sink}`, rollup({ window: '1 month', by: [quoted(by)], values: answers }))
      .sink(sink, tableRows())
  }
})
