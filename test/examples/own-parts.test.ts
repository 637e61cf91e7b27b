import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from 'spillway'
import {
  aggregateClauses,
  CRASH,
  operatorClauses,
  put,
  remove,
  settle,
  type TestStep,
  testTopology,
  tuplesOf,
} from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { hoursOfDay } from '../../examples/own-parts/hours-of-day.ts'
import { shareAbove } from '../../examples/own-parts/share-above.ts'
import { ownParts } from '../../examples/own-parts/topology.ts'
import { tempFolders } from '../conformance/temp-folder.ts'
import { runDocumented } from './documented-commands.ts'

const newFolder = tempFolders()

const visits = readFileSync(new URL('../../examples/own-parts/visits.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): JsonObject => JSON.parse(line))

const puts = visits.map((visit, index) =>
  put(visit, { partition: index % 2, headers: [['spillway-time', String(visit['at'])]] }),
)

const sorted = (of: readonly unknown[]): readonly string[] => of.map((one) => JSON.stringify(one)).sort()

/** Rows of the operator, recomputed. */
const hoursOf = (of: readonly JsonObject[]): readonly string[] => {
  const groups = Map.groupBy(of, ({ at, page }) => JSON.stringify([Number(String(at).slice(11, 13)), page ?? 'null']))
  return sorted([...groups].map(([group, all]) => [...JSON.parse(group), all.length]))
}

/** What is left of the change files: page and time of events whose weights add up to 1. */
const alive = (folder: string): readonly string[] => {
  const left = new Map<string, { weight: number; readonly kept: unknown }>()
  for (const name of readdirSync(folder).filter((one) => !one.startsWith('.'))) {
    for (const line of readFileSync(join(folder, name), 'utf8').trim().split('\n')) {
      const { weight, id, page, ms } = JSON.parse(line)
      const sum = (left.get(id)?.weight ?? 0) + weight
      left.set(id, { weight: sum, kept: [page, ms] })
    }
  }
  const weights = [...left.values()]
  expect(weights.every(({ weight }) => weight === 0 || weight === 1)).toBe(true)
  return sorted(weights.filter(({ weight }) => weight === 1).map(({ kept }) => kept))
}

const kept = (of: readonly JsonObject[]): readonly string[] =>
  sorted(of.map(({ page, ms }) => [page ?? null, ms ?? null]))

const play = async (steps: readonly TestStep[], seed = 1) => {
  const folder = newFolder()
  const result = await testTopology(ownParts(folder), { seed }).run(steps)
  const hours = (await result.rows('busy_hours')).map(({ hour, value, visits: count }) => [hour, value, count])
  const pages = sorted((await result.rows('pages')).map((row) => [row['page'], row['visits'], row['slow']]))
  return { hours: sorted(hours), pages, alive: alive(folder) }
}

const underTest = {
  tuple: (random: () => number) => ({
    timestamp: Math.floor((random() - 0.5) * 1e9),
    page: ['/', '/prices', null, 7][Math.floor(random() * 4)],
  }),
  tuplesOf,
}

describe('the operator keeps the contract', () => {
  for (const clause of operatorClauses)
    test(clause.name, () => clause.run(() => ({ ...underTest, operator: hoursOfDay(['page']) })))
})

describe('the aggregate keeps the contract', () => {
  const value = (random: () => number): number => Math.floor(random() * 1_000)
  for (const clause of aggregateClauses)
    test(clause.name, () => clause.run(() => ({ aggregate: shareAbove('ms', 500), value })))
})

test('the commands of its head comment answer with the column of its own', async () => {
  const folder = newFolder()
  const answer = (await runDocumented('examples/own-parts/topology.ts', folder)) as { result: JsonObject[] } // DOMAIN section 7
  expect(answer.result).toEqual([
    { page: null, visits: 1, slow: 0 },
    { page: '/', visits: 5, slow: 2 / 5 },
    { page: '/about', visits: 1, slow: null },
    { page: '/prices', visits: 3, slow: 1 / 2 },
  ])
  expect(alive(join(folder, 'data/visits/changes'))).toEqual(kept(visits))
})

test('rows and files hold every visit', async () => {
  const result = await play(puts)
  expect(result.hours).toEqual(hoursOf(visits))
  expect(result.alive).toEqual(kept(visits))
})

test.each([1, 2, 3, 4])('they hold the same after crashes at moments of seed %i (I-1, I-2)', async (seed) => {
  const steps = [...puts.slice(0, 4), CRASH, ...puts.slice(4, 7), CRASH, ...puts.slice(7), CRASH]
  expect(await play(steps, seed)).toEqual(await play(puts))
})

test('a deleted visit leaves rows and files, also when a crash comes between (I-3)', async () => {
  const request = { filters: [{ property_name: 'page', operator: 'eq', property_value: '/' }] }
  const left = visits.filter(({ page }) => page !== '/')
  const result = await play([...puts, settle, remove(request), CRASH], 3)
  expect(result.hours).toEqual(hoursOf(left))
  expect(result.alive).toEqual(kept(left))
})
