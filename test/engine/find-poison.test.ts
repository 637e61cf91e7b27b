/** Halving finds exactly the records that a bolt fails on, and tells a bolt that fails on no record alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BatchResult } from '../../topology/engine/run-bolts.ts'
import { findPoison } from '../../topology/engine/shell/find-poison.ts'
import { errors } from '../../topology/model/errors.ts'

const failure = { bolt: 'picky', error: new Error('somewhere') }

/** A bolt that fails on the first bad record of what it is given. */
const runWith =
  (isBad: (index: number) => boolean, runs: number[] = []) =>
  async (indices: readonly number[]): Promise<BatchResult> => {
    runs.push(indices.length)
    const bad = indices.find(isBad)
    return { bySink: new Map(), failures: bad === undefined ? [] : [{ bolt: 'picky', error: new Error(`bad ${bad}`) }] }
  }

describe('the search for poison', () => {
  test('finds every bad record with its own error', async () => {
    const sets = fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(sets, async (bad) => {
        const all = Array.from({ length: 100 }, (_, index) => index)
        const found = await findPoison(
          all,
          failure,
          runWith((index) => bad.includes(index)),
        )
        const wanted = [...bad].sort((left, right) => left - right)
        expect(found.map((one) => one.index)).toEqual(wanted)
        expect(found.map((one) => String(one.error))).toEqual(wanted.map((index) => `Error: bad ${index}`))
      }),
    )
  })

  test('costs a run for each half on the way to a bad record', async () => {
    const runs: number[] = []
    await findPoison(
      Array.from({ length: 1_024 }, (_, index) => index),
      failure,
      runWith((index) => index === 700, runs),
    )
    expect(runs).toHaveLength(20)
  })

  test('of one record asks no more', async () => {
    expect(
      await findPoison(
        [7],
        failure,
        runWith(() => false),
      ),
    ).toEqual([{ index: 7, error: failure.error }])
  })

  test('that finds nothing says that the bolt is no function of the record', async () => {
    await expect(
      findPoison(
        [1, 2, 3],
        failure,
        runWith(() => false),
      ),
    ).rejects.toMatchObject({ code: 'SPW-0401' })
    await expect(
      findPoison(
        [],
        failure,
        runWith(() => true),
      ),
    ).rejects.toMatchObject({ code: 'SPW-0401' })
  })

  test('stops for an error that is not about the record', async () => {
    const away = errors.storeUnavailable({ store: 'lookup', reason: 'away' })
    const run = async (): Promise<BatchResult> => ({ bySink: new Map(), failures: [{ bolt: 'picky', error: away }] })
    await expect(findPoison([1, 2], failure, run)).rejects.toBe(away)
  })

  test('begins again later when a bolt above is away and hides the failing one', async () => {
    const away = errors.storeUnavailable({ store: 'lookup', reason: 'away' })
    const run = async (): Promise<BatchResult> => ({ bySink: new Map(), failures: [{ bolt: 'above', error: away }] })
    await expect(findPoison([1, 2], failure, run)).rejects.toBe(away)
  })

  test('goes on when a bolt beside it fails for good, which stops its own sinks only', async () => {
    const beside = { bolt: 'beside', error: errors.badConfiguration({ problem: 'wrong' }) }
    const run = async (indices: readonly number[]): Promise<BatchResult> => ({
      bySink: new Map(),
      failures: [beside, ...(indices.includes(2) ? [failure] : [])],
    })
    expect((await findPoison([1, 2, 3], failure, run)).map(({ index }) => index)).toEqual([2])
  })

  test('looks at the failing bolt only', async () => {
    const run = async (): Promise<BatchResult> => ({ bySink: new Map(), failures: [{ bolt: 'other', error: 1 }] })
    await expect(findPoison([1, 2], failure, run)).rejects.toMatchObject({ code: 'SPW-0401' })
  })
})
