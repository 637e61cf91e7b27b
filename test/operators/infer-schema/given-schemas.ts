/** Schemas of events as a reader gets them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type CollectionSchema, inferSchema, readSchemaState, type SchemaBounds } from '../../../operators/index.ts'
import { foldAll } from '../fold-rows.ts'
import type { PlainTuple } from '../plain-tuples.ts'
import { movies, webhooks } from '../sample-data.ts'

const operator = inferSchema()

/** The schema of a collection after writing and reading back every row. */
export const schemaOf = (
  tuples: readonly unknown[],
  gone: readonly unknown[] = [],
  collection = 'events',
  bounds: SchemaBounds = {},
): CollectionSchema => {
  const states = [...foldAll(operator, tuples, gone).values()]
    .filter(({ key }) => key[1] === collection)
    .map(({ state }) => operator.decode(operator.encode(state)))
  return readSchemaState(states, collection, bounds)
}

export const bodies = (...list: readonly object[]): readonly PlainTuple[] =>
  list.map((body) => ({ timestamp: 0, body }))

/** The earthquakes of vega-datasets 3.2.1 as they are: nested, with a list of coordinates. */
const quakes = (): readonly PlainTuple[] => {
  const root = pathToFileURL(createRequire(import.meta.url).resolve('vega-datasets'))
  const { features }: { readonly features: readonly object[] } = JSON.parse(
    readFileSync(new URL('../data/earthquakes.json', root), 'utf8'),
  )
  return features.map((body) => ({ timestamp: 0, collection: 'earthquakes', body }))
}

/** Every collection of the real data with its events and its schema. */
export const realSchemas = (): readonly { readonly schema: CollectionSchema; readonly events: readonly object[] }[] =>
  [movies(), quakes(), webhooks()].flatMap((tuples) =>
    [...Map.groupBy(tuples, ({ collection }) => collection!)].map(([name, list]) => ({
      schema: schemaOf(list, [], name),
      events: list.map(({ body }) => body),
    })),
  )

/** Objects of objects and lists, from few names, so that every way of meeting is tried. */
export const randomBody = (random: () => number, levels: number): object => {
  const below = (bound: number): number => Math.floor(random() * bound)
  const value = (left: number): unknown => {
    const draw = below(left > 0 ? 6 : 2)
    if (draw < 2) return draw === 0 ? 1 : 'x'
    return draw < 4 ? object(left - 1) : [object(left - 1), ...(draw === 5 ? [[object(left - 1)]] : [])]
  }
  const object = (left: number): object =>
    Object.fromEntries(Array.from({ length: 1 + below(4) }, () => [`n${below(60)}`, value(left)]))
  return object(levels)
}
