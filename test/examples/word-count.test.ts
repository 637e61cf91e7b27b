import { readFileSync } from 'node:fs'
import type { JsonObject } from 'spillway'
import { CRASH, put, remove, settle, type TestStep, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import wordCount from '../../examples/word-count/topology.ts'
import { tempFolders } from '../conformance/temp-folder.ts'
import { runDocumented } from './documented-commands.ts'

const newFolder = tempFolders()

const lines = readFileSync(new URL('../../examples/word-count/lines.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): JsonObject => JSON.parse(line))

interface Counted {
  readonly day: string
  readonly word: string
  readonly times: number
  readonly authors: number
}

/** Words of lines, counted the slow obvious way. */
const countWords = (of: readonly JsonObject[]): readonly Counted[] => {
  const found = of.flatMap(({ at, by, text }) =>
    (
      String(text ?? '')
        .toLowerCase()
        .match(/[\p{L}']+/gu) ?? []
    ).map((word) => ({
      day: String(at).slice(0, 10),
      word,
      by,
    })),
  )
  const groups = Map.groupBy(found, ({ day, word }) => `${day} ${word}`)
  return [...groups.values()].map((all) => ({
    day: all[0]!.day,
    word: all[0]!.word,
    times: all.length,
    authors: new Set(all.map(({ by }) => by)).size,
  }))
}

const sorted = (of: readonly Counted[]): readonly string[] => of.map((one) => JSON.stringify(one)).sort()

const countedBy = async (steps: readonly TestStep[], seed: number): Promise<readonly string[]> => {
  const result = await testTopology(wordCount, { seed }).run(steps)
  const rows = await result.rows('word_counts')
  return sorted(
    rows.map((row) => ({
      day: new Date(Number(row['window_start'])).toISOString().slice(0, 10),
      word: String(row['word']),
      times: Number(row['times']),
      authors: Number(row['authors']),
    })),
  )
}

const puts = lines.map((line, index) =>
  put(line, { partition: index % 2, headers: [['spillway-time', String(line['at'])]] }),
)

test('the commands of its head comment count the words of the sample', async () => {
  const { result } = (await runDocumented('examples/word-count/topology.ts', newFolder())) as { result: JsonObject[] } // DOMAIN section 7
  const expected = Map.groupBy(countWords(lines), ({ word }) => word)
  expect(result).toHaveLength(expected.size)
  for (const { word, times } of result) {
    const days = expected.get(String(word)) ?? []
    expect([word, times]).toEqual([word, days.reduce((sum, day) => sum + day.times, 0)])
  }
})

test.each([1, 2, 3, 4])(
  'after crashes at moments of seed %i the counts are those of a plain loop (I-1, I-2)',
  async (seed) => {
    const steps = [...puts.slice(0, 4), CRASH, ...puts.slice(4, 7), CRASH, ...puts.slice(7), CRASH]
    expect(await countedBy(steps, seed)).toEqual(sorted(countWords(lines)))
  },
)

test('a deleted line takes its words out again (I-3)', async () => {
  const request = { filters: [{ property_name: 'by', operator: 'eq', property_value: 'ann' }] }
  const left = lines.filter(({ by }) => by !== 'ann')
  expect(await countedBy([...puts, settle, remove(request), CRASH], 1)).toEqual(sorted(countWords(left)))
})
