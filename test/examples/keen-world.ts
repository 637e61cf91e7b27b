/** The data sets that the keen example is about, as files, and the program run over them once for all tests. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { JsonObject } from 'spillway'
import { type CliWorld, createWorld } from '../cli/cli-world.ts'

const require = createRequire(import.meta.url)
const vegaFile = (name: string): string => require.resolve('vega-datasets').replace(/build.*$/, join('data', name))
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const ndjson = (events: readonly unknown[]): string => `${events.map((event) => JSON.stringify(event)).join('\n')}\n`

export const topologyFile = resolve(import.meta.dirname, '../../examples/keen/topology.ts')

export interface KeenWorld {
  readonly world: CliWorld
  readonly flights: readonly JsonObject[]
  /** The last line that `run` said. */
  readonly lastLine: string
}

/** Versions that the numbers of the tests were counted from. */
export const packageVersions = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['vega-datasets', '@octokit/webhooks-examples'].map((name) => [
      name,
      readJson(resolve(import.meta.dirname, '../../node_modules', name, 'package.json')).version,
    ]),
  )

const releaseTime = (film: JsonObject): string => new Date(`${String(film['Release Date'])} UTC`).toISOString()

export const createKeenWorld = async (): Promise<KeenWorld> => {
  const world = createWorld(true)
  const ingest = async (words: string): Promise<void> => {
    const { exit, stderr } = await world.topology(`ingest ${words}`)
    if (exit !== 0) throw new Error(stderr)
  }
  await ingest(`${vegaFile('flights-20k.json')} -p vega -c flights --time date`)
  // Neither a time as films have it nor a list inside of an object is read by itself.
  const films = readJson(vegaFile('movies.json'))
  world.write('films.ndjson', ndjson(films.map((film: JsonObject) => ({ ...film, released: releaseTime(film) }))))
  await ingest('films.ndjson -p vega -c movies --time released')
  world.write('quakes.ndjson', ndjson(readJson(vegaFile('earthquakes.json')).features))
  await ingest('quakes.ndjson -p vega -c earthquakes --time properties.time --time-unit ms')
  for (const { name, examples } of readJson(require.resolve('@octokit/webhooks-examples'))) {
    world.write(`${name}.ndjson`, ndjson(examples))
    await ingest(`${name}.ndjson -p github -c ${name}`)
  }
  const { exit, stderr } = await world.topology(`run ${topologyFile} --until-caught-up`)
  if (exit !== 0) throw new Error(stderr)
  const lastLine = stderr.trim().split('\n').at(-1) ?? ''
  return { world, flights: readJson(vegaFile('flights-20k.json')), lastLine }
}
