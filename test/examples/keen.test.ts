/** The keen example on its real input, asked through the program, against numbers counted from the files themselves. */
import type { JsonObject } from 'spillway'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeWorld } from '../cli/cli-world.ts'
import { createKeenWorld, type KeenWorld, packageVersions } from './keen-world.ts'

let keen: KeenWorld

beforeAll(async () => {
  keen = await createKeenWorld()
}, 60_000)

afterAll(() => removeWorld(keen.world.folder))

const json = async (line: string) => {
  const { exit, stdout, stderr } = await keen.world.topology(`${line} --json`)
  expect([exit, stderr]).toEqual([0, expect.not.stringContaining('error')])
  return JSON.parse(stdout)
}
const query = async (line: string) => (await json(`query ${line}`)).result
const eventsOf = async (line: string): Promise<readonly JsonObject[]> => {
  const { stdout } = await keen.world.topology(`events ${line} --limit 30000`)
  return stdout
    .trim()
    .split('\n')
    .map((text): JsonObject => JSON.parse(text))
}
/** `[group, value]` of a grouped answer, most first. */
const ranked = (rows: readonly JsonObject[], by: string, value: string): readonly (readonly unknown[])[] =>
  rows.map((row) => [row[by], row[value]] as const).sort((left, right) => Number(right[1]) - Number(left[1]))

test('the data is that of the versions that were counted', () => {
  expect(packageVersions()).toEqual({ 'vega-datasets': '3.2.1', '@octokit/webhooks-examples': '7.6.1' })
})

test('every event is read, none is a dead letter', () => {
  expect(keen.lastLine).toMatch(/^caught up: 25,237 records .* 0 dead letters$/)
})

test('flights: all together', async () => {
  const { flights, delay, worst, p90 } = await query('delays_by_origin')
  expect({ flights, delay, worst }).toEqual({ flights: 20_000, delay: 154_078 / 20_000, worst: 522 })
  expect(Math.abs(p90 - 37)).toBeLessThanOrEqual(0.37)
})

test('flights: by origin', async () => {
  const rows = await query('delays_by_origin --group-by origin')
  expect(rows).toHaveLength(220)
  expect(ranked(rows, 'origin', 'flights').slice(0, 6)).toEqual([
    ['DFW', 1_103],
    ['ORD', 1_095],
    ['ATL', 846],
    ['LAX', 777],
    ['PHX', 633],
    ['STL', 550],
  ])
  expect(rows.filter((row: JsonObject) => row['flights'] === 1)).toHaveLength(9)
})

test('flights: by month, and the sums of delays behind the averages', async () => {
  const months = await query('delays_by_origin --interval monthly')
  const facts = months.map(({ value }: { value: JsonObject }) => [
    value['flights'],
    Math.round(Number(value['flights']) * Number(value['delay'])),
  ])
  expect(facts).toEqual([
    [6_937, 44_647],
    [5_964, 57_252],
    [7_099, 52_179],
  ])
})

test('flights: day x origin is dense unless the holes are asked for', async () => {
  const cells = async (fill: string): Promise<number> => {
    const days = await query(`delays_by_origin --interval daily --group-by origin --fill ${fill}`)
    expect(days).toHaveLength(90)
    return days.reduce((sum: number, { value }: { value: readonly unknown[] }) => sum + value.length, 0)
  }
  expect([await cells('none'), await cells('null'), await cells('zero')]).toEqual([6_901, 19_800, 19_800])
})

test('flights: one day', async () => {
  const rows = await query('delays_by_origin --group-by origin --timeframe 2001-01-01/2001-01-02')
  expect(rows).toHaveLength(70)
  expect(rows.reduce((sum: number, row: JsonObject) => sum + Number(row['flights']), 0)).toBe(222)
  expect(await query(`delays_by_origin --where 'origin eq "ATL"'`)).toMatchObject({ flights: 846 })
})

test('flights: event rows hold every body, by event time', async () => {
  const rows = await eventsOf('flights')
  const bodies = rows.map(({ keen: _, ...body }) => JSON.stringify(body))
  expect(bodies.sort()).toEqual(keen.flights.map((body) => JSON.stringify(body)).sort())
  const times = rows.map((row) => String((row['keen'] as JsonObject)['timestamp'])) // every event has them
  expect(times).toEqual([...times].sort())
  expect([times[0], times.at(-1)]).toEqual(['2001-01-01T00:47:00.000Z', '2001-03-31T22:27:00.000Z'])
})

test('flights: filters and timeframes of events', async () => {
  expect(await eventsOf(`flights --where 'delay gte 60'`)).toHaveLength(1_108)
  expect(await eventsOf(`flights --where 'origin eq "BMI"'`)).toHaveLength(6)
  expect(await eventsOf('flights --timeframe 2001-02-01/2001-03-01')).toHaveLength(5_964)
})

test('movies: types with their counts', async () => {
  const { events, properties } = await json('schema movies')
  expect(events).toBe(3_201)
  expect(Object.keys(properties)).toHaveLength(17)
  const types = (name: string): unknown => [properties[name].type, properties[name].types]
  expect(types('Title')).toEqual(['string', { string: 3_191, num: 9, null: 1 }])
  expect(types('US DVD Sales')).toEqual(['num', { num: 564, null: 2_637 }])
  expect(types('Running Time min')).toEqual(['num', { num: 1_209, null: 1_992 }])
  expect(types('Director')).toEqual(['string', { string: 1_870, null: 1_331 }])
})

test('movies: sums beyond what a loop of additions keeps, groups with null', async () => {
  const rows = await query(`grosses_by_genre --group-by '"Major Genre"'`)
  const genres = ranked(rows, 'Major Genre', 'films')
  expect(genres.slice(0, 4)).toEqual([
    ['Drama', 789],
    ['Comedy', 675],
    ['Action', 420],
    [null, 275],
  ])
  expect(await query('grosses_by_genre')).toEqual({ films: 3_201, gross: 140_542_660_013 })
  expect(await query('grosses_by_genre --timeframe 1900-01-01/1970-01-01')).toMatchObject({ films: 130 })
})

test('earthquakes: networks, days and the strongest', async () => {
  const rows = await query('quakes_by_network --group-by properties.net')
  expect(ranked(rows, 'properties.net', 'quakes').slice(0, 3)).toEqual([
    ['ci', 386],
    ['nc', 370],
    ['ak', 297],
  ])
  expect(await query('quakes_by_network')).toEqual({ quakes: 1_707, strongest: 6.4 })
  const days = await query('quakes_by_network --interval daily')
  const counts = days.map(({ value }: { value: JsonObject }) => value['quakes'])
  expect(counts).toEqual([198, 231, 242, 259, 301, 249, 213, 14])
})

test('earthquakes: a deep schema with sparse paths', async () => {
  const { properties } = await json('schema earthquakes')
  expect(Object.keys(properties)).toHaveLength(30)
  expect(properties['geometry.coordinates'].types).toEqual({ list: 1_707 })
  expect(properties['properties.felt'].types).toEqual({ num: 127, null: 1_580 })
  expect(properties['properties.alert'].types).toEqual({ string: 12, null: 1_695 })
})

test('webhooks: a collection per name, with every path', async () => {
  const { stdout } = await keen.world.topology('schema --project github --json')
  const all = stdout
    .trim()
    .split('\n')
    .flatMap((line) => JSON.parse(line))
  expect(all).toHaveLength(58)
  expect(all.reduce((sum, { events }) => sum + events, 0)).toBe(329)
  expect(all.reduce((sum, { properties }) => sum + properties, 0)).toBe(11_380)
  const { properties } = await json('schema installation')
  expect(properties['installation.created_at'].types).toEqual({ num: 5, string: 2 })
  expect((await json('schema pull_request')).properties['pull_request.mergeable'].types).toEqual({ bool: 20, null: 9 })
})

test('objects: every event is archived once and read back', async () => {
  const verdict = await json('objects --verify')
  expect(verdict).toMatchObject({ events: 25_237, problem_count: 0, problems: [] })
  expect(verdict.objects).toBeGreaterThanOrEqual(61)
})
