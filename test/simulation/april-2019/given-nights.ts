/** Nights as tests: each is played once and asked for the eight criteria of section 11; at the end the curves are told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { criteria, elapsed, judgedEtas, problemsOf } from './criteria.ts'
import { nightText } from './night-text.ts'
import { type PlayedNight, playNight } from './play-night.ts'

const playMs = 600_000

export const testNights = (seeds: readonly number[]): void => {
  const nights: PlayedNight[] = []
  afterAll(() => {
    if (nights[0] !== undefined) console.info(`${nightText(nights[0])}\n${nights.map(lineOf).join('\n')}`)
  })

  describe.each(seeds)('the night of April 1, 2019, seed %i', (seed) => {
    let problems: readonly (readonly string[])[] = []
    beforeAll(async () => {
      const played = await playNight(seed)
      nights.push(played)
      problems = problemsOf(played)
    }, playMs)

    test.each(criteria.map((text, index) => [text, index] as const))('%s', (_, index) => {
      expect(problems[index]).toEqual([])
    })
  })

  test('D10: an end told from the last seconds holds the truth in less than 80 % of the updates', () => {
    const judged = nights.flatMap(({ record }) => judgedEtas(record)).filter(({ etaMs }) => etaMs !== null)
    expect(judged.filter(({ guessHolds }) => guessHolds).length).toBeLessThan(judged.length * 0.8)
  })
}

const lineOf = ({ night, record }: PlayedNight): string => {
  const etas = judgedEtas(record).filter(({ etaMs }) => etaMs !== null)
  const delays = record.periods.flatMap(({ rowDelaysMs }) =>
    [...rowDelaysMs].filter(([tenant]) => tenant !== night.spike.tenant).map(([, ms]) => ms),
  )
  return [
    `seed ${night.seed}: drained after ${record.drainedAtMs === undefined ? 'never' : elapsed(night.spike, record.drainedAtMs)}`,
    `${record.drainMultipleMax.toFixed(1)} x real time at best`,
    `p95 of rows ${(Math.max(...delays) / 1_000).toFixed(1)} s at worst`,
    `append ${Math.round(record.appendMsMax)} ms`,
    `ETA right in ${etas.filter(({ holds }) => holds).length} of ${etas.length}`,
    `${record.moves.length} moves`,
  ].join(', ')
}
