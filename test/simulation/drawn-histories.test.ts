/**
 * The protocol as it is, over drawn topologies: 2,000 histories, and those that once failed (I-1, I-2, I-3, I-4, I-5,
 * I-7, I-8, I-9). A seed that fails is told as the story of its shortest history. `npm run simulate` plays any number.
 */
import { expect, test } from 'vitest'
import { keptSeeds } from './kept-seeds.ts'
import { playRange } from './play-range.ts'

const seeds = 2_000
const perTest = 250
const firsts = Array.from({ length: seeds / perTest }, (_, index) => 1 + index * perTest)

const stories = async (range: readonly number[]): Promise<readonly string[]> =>
  (await playRange(range, 1)).failures.map(({ story }) => story)

test('agrees with the log in every history that once showed a fault', async () => {
  expect(await stories(keptSeeds)).toEqual([])
}, 60_000)

test.each(firsts)(
  `agrees with the log in ${perTest} histories from seed %i on`,
  async (first) => {
    expect(await stories(Array.from({ length: perTest }, (_, index) => first + index))).toEqual([])
  },
  120_000,
)
