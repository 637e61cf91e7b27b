/** The real data of vega-datasets 3.2.1 and @octokit/webhooks-examples 7.6.1 as tuples. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parseTime } from '../../topology/model/event-time.ts'
import type { PlainTuple } from './plain-tuples.ts'

const require = createRequire(import.meta.url)

const readVega = (file: string): readonly Record<string, unknown>[] => {
  const root = new URL('../data/', pathToFileURL(require.resolve('vega-datasets')))
  return JSON.parse(readFileSync(new URL(file, root), 'utf8'))
}

export const flights = (size = '20k'): readonly PlainTuple[] =>
  readVega(`flights-${size}.json`).map((body) => ({ timestamp: parseTime(String(body['date']))!, body }))

export const movies = (): readonly PlainTuple[] =>
  readVega('movies.json').map((body) => ({ timestamp: 0, collection: 'movies', body }))

export const webhooks = (): readonly PlainTuple[] => {
  const list: readonly { name: string; examples: readonly object[] }[] = require('@octokit/webhooks-examples')
  return list.flatMap(({ name, examples }) => examples.map((body) => ({ timestamp: 0, collection: name, body })))
}

interface Feature {
  readonly properties: Readonly<Record<string, unknown>>
  readonly geometry: { readonly coordinates: readonly number[] }
}

/** With `depth`, the third coordinate, beside the properties. */
export const earthquakes = (): readonly PlainTuple[] => {
  const root = new URL('../data/earthquakes.json', pathToFileURL(require.resolve('vega-datasets')))
  const { features }: { features: readonly Feature[] } = JSON.parse(readFileSync(root, 'utf8'))
  return features.map(({ properties, geometry }) => ({
    timestamp: Number(properties['time']),
    collection: 'earthquakes',
    body: { ...properties, depth: geometry.coordinates[2] },
  }))
}
