/**
 * Real deletes of real events, asked through the program, in one run over all of them. What every sink then holds is what a
 * slow recomputation finds alive in the log, and what was counted from the files of vega-datasets 3.2.1 and
 * @octokit/webhooks-examples 7.6.1 themselves (I-1, I-3).
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openResources } from '../../topology/resources.ts'
import { type CliWorld, removeWorld, wordsOf } from '../cli/cli-world.ts'
import { topology } from '../drills/cli-process.ts'
import { readWholeLog, type TrueEvent } from '../oracle/read-whole-log.ts'
import { packageVersions } from './keen-world.ts'
import { createRealWorld, deleteLines, projectNames, topologyFile } from './real-input.ts'
import { readViews, trueViews, type Views } from './real-views.ts'

let world: CliWorld
let opened: Awaited<ReturnType<typeof openResources>>
let alive: ReadonlyMap<string, readonly TrueEvent[]>

const say = async (line: string): Promise<string> => {
  const { exit, stdout, stderr } = await world.topology(line)
  if (exit !== 0) throw new Error(`${line}: ${stderr}`)
  return stdout
}

/** A command with work to do runs as the program. */
const work = async (line: string): Promise<void> => {
  const { code, stderr } = await topology(world.folder, wordsOf(line))
  if (code !== 0) throw new Error(`${line}: ${stderr}`)
}

/** Until all is durable; then the log is asked who lives. */
const run = async (): Promise<void> => {
  await work(`run ${topologyFile} --until-caught-up`)
  alive = Map.groupBy((await readWholeLog(opened.logs['default']!)).alive, ({ project }) => project)
}

beforeAll(async () => {
  world = await createRealWorld()
  // A third of the deletes is met by the lanes, the others come when everything has been taken in.
  for (const line of deleteLines.filter((_, index) => index % 3 === 0)) await say(line)
  await work(`run ${topologyFile} --until-caught-up`)
  for (const line of deleteLines.filter((_, index) => index % 3 !== 0)) await say(line)
  const place = (name: string): string => join(world.folder, 'data', name)
  const urls = { log: `file:${place('log')}`, rows: `sqlite:${place('rows.db')}`, objects: `file:${place('objects')}` }
  opened = await openResources({ ...urls, mode: 'read' })
  await run()
}, 120_000)

afterAll(async () => {
  await opened?.close()
  removeWorld(world.folder)
})

const remembered = <Answer>(answer: (project: string) => Answer): ((project: string) => Answer) => {
  const answers = new Map<readonly TrueEvent[], Answer>()
  return (project) => {
    const events = alive.get(project) ?? []
    if (!answers.has(events)) answers.set(events, answer(project))
    return answers.get(events)!
  }
}
/** What is found and what is true between two runs. */
const viewsOf = remembered((project) => readViews(opened, project))
const truthOf = remembered((project) => trueViews(alive.get(project) ?? []))

/** `[n, sum, deviation, least, most, unique places]` of all groups together. */
const totalsOf = ({ rollups }: Views, sink: string): readonly unknown[] =>
  JSON.parse(rollups[sink]?.at(-1) ?? '').slice(1)

const delaysOf = (views: Views): readonly unknown[] => {
  const [n, total, , least, most, destinations] = totalsOf(views, 'by_origin')
  const squares = views.rows.reduce((sum, row) => sum + JSON.parse(row.slice(row.indexOf('{'))).delay ** 2, 0)
  return [n, total, squares, least, most, views.rollups['by_origin']!.length - 1, destinations]
}

const titlesOf = ({ schemas }: Views): unknown => schemas['movies']?.properties['Title']?.types

test('the data is that of the versions that were counted', () => {
  expect(packageVersions()).toEqual({ 'vega-datasets': '3.2.1', '@octokit/webhooks-examples': '7.6.1' })
})

test.each(projectNames)(
  'I-3: rows, objects, schemas and rollups of %s hold what survives, nothing else',
  async (name) => {
    expect(await viewsOf(name)).toEqual(truthOf(name))
  },
)

test.each([
  ['air-atl', [19_154, 147_467, 20_000_069, -59, 522, 219, 220]],
  ['air-bmi', [19_994, 153_323, 20_487_809, -59, 518, 219, 223]],
  ['air-ord', [18_905, 145_897, 19_634_535, -53, 522, 219, 216]],
  ['air-to-ord', [18_840, 143_378, 18_915_366, -59, 518, 214, 222]],
  ['air-late', [18_892, 36_993, 5_408_383, -59, 59, 220, 222]],
  ['air-february', [14_036, 96_826, 13_066_016, -59, 396, 215, 220]],
])('%s: flights, delays and their squares, extremes, origins, destinations as counted', async (name, facts) => {
  expect(delaysOf(await viewsOf(name))).toEqual(facts)
})

test.each([
  ['film-r', 2_007, { string: 2_000, num: 6, null: 1 }],
  ['film-drama', 2_412, { string: 2_405, num: 6, null: 1 }],
  ['film-large', 2_789, { string: 2_781, num: 7, null: 1 }],
  ['film-small', 2_771, { string: 2_763, num: 8 }],
  ['film-null', 3_194, { string: 3_184, num: 9, null: 1 }],
  ['film-titles', 3_201, { string: 3_191, num: 9, null: 1 }],
])('%s: %i films, and the types of their titles as counted', async (name, films, titles) => {
  const views = await viewsOf(name)
  expect([totalsOf(views, 'by_rating')[0], titlesOf(views)]).toEqual([films, titles])
})

test('the grosses of films that are not R add up to the cent', async () => {
  expect(totalsOf(await viewsOf('film-r'), 'by_rating')[1]).toBe(105_693_515_709)
})

test('of the earthquakes one day is gone, of the webhooks two senders in all 58 collections', async () => {
  const [quakes, hooks] = [await viewsOf('quakes'), await viewsOf('hooks')]
  expect([quakes.rows.length, hooks.rows.length]).toEqual([1_707 - 259, 329 - 269 - 12])
  expect(quakes.rows.filter((row) => row.startsWith('2018-02-03'))).toEqual([])
  expect(hooks.lines.join()).not.toMatch(/"sender":\{"login":"(?:Codertocat|github)"/)
})

test('each delete tells how many events it took', async () => {
  const deletes: readonly { id: string; state: string; matched: number; remaining: number }[] = JSON.parse(
    await say('deletes --json --all'),
  )
  expect(Object.fromEntries(deletes.map(({ id, matched }) => [id, matched]))).toEqual({
    ...{ 'air-atl-1': 846, 'air-bmi-1': 6, 'air-ord-1': 1_095, 'air-to-ord-1': 1_160 },
    ...{ 'air-late-1': 1_108, 'air-february-1': 5_964 },
    ...{ 'film-r-1': 1_194, 'film-drama-1': 789, 'film-large-1': 412, 'film-small-1': 430, 'film-null-1': 7 },
    ...{ 'quakes-1': 259, 'hooks-1': 12, 'hooks-2': 269 },
  })
  expect(deletes.every(({ state, remaining }) => state === 'done' && remaining === 0)).toBe(true)
})

test('further deletes: a second origin, and the nine numeric titles by their ids', async () => {
  const { rows } = await viewsOf('film-titles')
  const ids = rows.filter((row) => /"Title":\d/.test(row)).map((row) => row.split(' ')[1])
  expect(ids).toHaveLength(9)
  const explained = await say(`delete -p film-titles --where 'keen.id in ${JSON.stringify(ids)}' --explain`)
  expect(explained).toMatch(
    /^class +by-id: .*\n.*\nreads +at most 9 records of the log\nevents +9 in the event store\n/,
  )
  await say(`delete -p film-titles --where 'keen.id in ${JSON.stringify(ids)}'`)
  await say(`delete -p air-bmi -c flights --where 'origin in ["BMI","TUL"]'`)
  await run()
  const [films, flights] = [await viewsOf('film-titles'), await viewsOf('air-bmi')]
  expect([films, flights]).toEqual([truthOf('film-titles'), truthOf('air-bmi')])
  expect(titlesOf(films)).toEqual({ string: 3_191, null: 1 })
  expect(delaysOf(flights)).toEqual([19_918, 152_920, 20_205_522, -59, 509, 218, 223])
}, 60_000)

const verified = (): string => {
  const survivors = [...alive.values()].reduce((sum, events) => sum + events.length, 0)
  return `${survivors.toLocaleString('en-US')} events, `
}

test('I-7: every object that was rewritten is whole, with each survivor in one of them', async () => {
  expect(await say('objects --verify')).toContain(verified())
})

test('I-3: nothing came back: a replay of the whole log into a namespace equals what survives', async () => {
  await work(`replay ${topologyFile} --from 2000-01-01 --to 2200-01-01 --into again`)
  for (const name of projectNames) expect(await readViews(opened, name, 'again'), name).toEqual(truthOf(name))
  expect(await say('objects --verify --namespace again')).toContain(verified())
}, 90_000)
