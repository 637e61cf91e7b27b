/** Real data: shapes and sums of vega-datasets 3.2.1 and @octokit/webhooks-examples 7.6.1, counted once by other programs. */
import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { EventBatch } from '../../../topology/model/decoder.ts'
import { shapeOfBody } from './oracle.ts'
import { batchOf, decoderOf, path, shapeOf } from './records.ts'

const require = createRequire(import.meta.url)
const root = new URL('../data/', pathToFileURL(require.resolve('vega-datasets')))
const readData = (name: string): unknown => JSON.parse(readFileSync(new URL(name, root), 'utf8'))

const eventsOf = (bodies: readonly unknown[], paths: readonly string[] = []): EventBatch =>
  decoderOf({}, paths, true).decode(batchOf(bodies.map((body) => ({ value: JSON.stringify(body) })))).events

/** How many events show each pair. */
const countShapes = (events: EventBatch): Map<string, number> => {
  const { codes, names } = events.shapes()
  const counts = new Map<string, number>()
  for (let i = 0; i < codes.length; i += 1) {
    const { path: written, type } = names.name(codes[i]!)
    counts.set(`${written}: ${type}`, (counts.get(`${written}: ${type}`) ?? 0) + 1)
  }
  return counts
}

const listOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : [])

test('movies: each column shows its types as often as counted', () => {
  const counts = countShapes(eventsOf(listOf(readData('movies.json'))))
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(51_216)
  expect(counts.get('Title: string')).toBe(3_191)
  expect(counts.get('Title: num')).toBe(9)
  expect(counts.get('Title: null')).toBe(1)
  expect(counts.get('US DVD Sales: null')).toBe(2_637)
  expect(counts.get('Rotten Tomatoes Rating: num')).toBe(2_321)
  expect(counts.get('Release Date: string')).toBe(3_201)
})

test('movies: lifted numbers add up', () => {
  const gross = eventsOf(listOf(readData('movies.json')), ['US Gross']).column(path('US Gross'))
  expect(Array.from(gross, Number).reduce((sum, value) => sum + value)).toBe(140_542_660_013)
})

test('earthquakes: 30 leaf paths, sparse ones included', () => {
  const collection = readData('earthquakes.json')
  const features =
    typeof collection === 'object' && collection !== null && 'features' in collection ? collection.features : []
  const counts = countShapes(eventsOf(listOf(features)))
  expect(new Set([...counts.keys()].map((pair) => pair.replace(/: \w+$/, ''))).size).toBe(30)
  expect(counts.get('geometry.coordinates: list')).toBe(1_707)
  expect(counts.get('properties.mmi: num')).toBe(16)
  expect(counts.get('properties.alert: string')).toBe(12)
})

test('flights: the spout reads the time from a path and lifts the delay', () => {
  const rows = listOf(readData('flights-20k.json')).map((row) => ({ value: JSON.stringify(row) }))
  const { events } = decoderOf({ time: 'date' }, ['delay']).decode(batchOf(rows))
  expect(events.timesMs()[0]).toBe(Date.UTC(2001, 0, 1, 0, 47))
  expect(Array.from(events.column(path('delay')), Number).reduce((sum, delay) => sum + delay)).toBe(154_078)
})

const webhooks = listOf(require('@octokit/webhooks-examples')) as readonly {
  name: string
  examples: readonly unknown[]
}[] // the form of the package's own index

test('webhooks: 11,380 paths over 58 collections', () => {
  const shapes = webhooks.map(({ examples }) => countShapes(eventsOf(examples)))
  const paths = shapes.map((counts) => new Set([...counts.keys()].map((pair) => pair.replace(/: \w+$/, ''))))
  expect(paths.reduce((sum, one) => sum + one.size, 0)).toBe(11_380)
  expect(new Set(paths.flatMap((one) => [...one])).size).toBe(3_368)
})

test('webhooks: each event shows what a plain walk finds in it, whatever came before', () => {
  const bodies = webhooks.flatMap(({ examples }) => examples)
  const events = eventsOf(bodies)
  for (const [index, body] of bodies.entries())
    deepStrictEqual(shapeOf(events.shapes(), index), shapeOfBody(body as Record<string, unknown>)) // payloads are objects
})

test('webhooks: Keen refused the one payload that has names with dots', () => {
  const records = webhooks.flatMap(({ examples }) => examples).map((body) => ({ value: JSON.stringify(body) }))
  const { events, rejects } = decoderOf({ limits: 'keen' }).decode(batchOf(records))
  expect(events.length).toBe(328)
  expect(rejects.map(({ cause }) => cause)).toEqual(['InvalidPropertyNameError'])
})
