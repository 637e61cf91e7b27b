/** A misspelt property in the filter of a delete is told before anything is deleted by it. */
import { expect, test } from 'vitest'
import { type CliWorld, createWorld } from './cli-world.ts'

const shop = async (): Promise<CliWorld> => {
  const world = createWorld()
  await world.topology('init')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await world.topology('run topology.ts --until-caught-up')
  return world
}

test('a filter that would match every event, because none has its property, is refused', async () => {
  const world = await shop()
  for (const filter of ['contry ne "AU"', 'contry exists false']) {
    const { exit, stderr } = await world.topology(`delete -p shop -c purchases --where '${filter}'`)
    expect(exit).toBe(2)
    expect(stderr).toContain('would match all of them; did you mean "country"?')
  }
  expect((await world.topology('deletes --json')).stdout).toBe('[]\n')
})

test('another filter on such a property is written with a warning; known ones and their prefixes are silent', async () => {
  const world = await shop()
  const misspelt = await world.topology(`delete -p shop -c purchases --where 'contry eq "AU"' --explain`)
  expect([misspelt.exit, misspelt.stderr]).toEqual([
    0,
    expect.stringContaining('no event of shop/purchases has contry'),
  ])
  for (const filter of ['country ne "AU"', 'keen.timestamp lt "2020-01-01"', 'keen exists false'])
    expect((await world.topology(`delete -p shop -c purchases --where '${filter}' --explain`)).stderr).toBe('')
})
