/**
 * The variants of PROTOCOL section 11 that act where state rows are written: each counterexample is played on three
 * replicas, gives the true counts, and gives false ones as soon as the variant is planted.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import { offset } from '../../../topology/model/position.ts'
import type { SinkWriter } from '../../../topology/model/sink.ts'
import { DirectedRows } from './directed-rows.ts'
import { countsOf, epoch, filled, never, writerOn } from './given-state.ts'

afterEach(() => plantedFaults.clear())

interface Counterexample {
  readonly variant: string
  readonly story: string
  play(rows: DirectedRows): Promise<void>
  /** Replicas that the reader at the end asks. */
  readonly asks: readonly number[]
  readonly truth: Record<string, number>
}

const one = { chunkRows: 1 }
const write = async (writer: SinkWriter, seq: number, plus: string, minus?: string): Promise<string> =>
  filled(writer, plus, minus)
    .write(epoch(seq), never)
    .catch(() => 'failed')

const counterexamples: readonly Counterexample[] = [
  {
    variant: 'skip-without-rewrite',
    story: 'the row reached one replica of three before its writer died',
    play: async (rows) => {
      rows.fates = [{ reaches: [0], fails: true }]
      await write(await writerOn(rows), 1, 'a')
      await write(await writerOn(rows), 1, 'a')
    },
    asks: [1, 2],
    truth: { a: 1 },
  },
  {
    variant: 'no-fence-check',
    story: 'a frozen owner reads the row of the next epoch from one replica and ties with its own true row elsewhere',
    play: async (rows) => {
      await write(await writerOn(rows), 1, 'a')
      rows.fates = [{ reaches: [0], fails: true }]
      await write(await writerOn(rows), 2, 'a')
      await write(await writerOn(rows), 1, 'a')
    },
    asks: [1, 2],
    truth: { a: 1 },
  },
  {
    variant: 'stamp-is-offset',
    story: 'a lane of lower offsets uses the slot next',
    play: async (rows) => {
      const high = { from: offset(10), to: offset(20) }
      const low = { from: offset(0), to: offset(5) }
      await filled(await writerOn(rows), 'a').write(epoch(1, high), never)
      await filled(await writerOn(rows), 'a').write(epoch(2, low), never)
    },
    asks: [0, 1],
    truth: { a: 2 },
  },
  {
    variant: 'wall-clock-stamp',
    story: 'an owner freezes between reading and writing and wakes after the next epoch was committed',
    play: async (rows) => {
      await write(await writerOn(rows), 1, 'a')
      const frozen = rows.holdNextRead()
      const late = write(await writerOn(rows), 2, 'a')
      await frozen.isHeld
      await write(await writerOn(rows), 2, 'a')
      await write(await writerOn(rows), 3, 'a')
      frozen.release()
      await late
    },
    asks: [0, 1],
    truth: { a: 3 },
  },
  {
    variant: 'cache-without-seq-check',
    story: 'a delete moved the slot on',
    play: async (rows) => {
      const owner = await writerOn(rows)
      await write(owner, 1, 'a a')
      await write(await writerOn(rows), 2, '', 'a')
      await write(owner, 3, 'a')
    },
    asks: [0, 1],
    truth: { a: 2 },
  },
  {
    variant: 'cache-of-unfinished-epoch',
    story: 'the owner was overtaken half way through an epoch and then owns the next one',
    play: async (rows) => {
      const owner = await writerOn(rows, one)
      await write(owner, 1, 'a b')
      rows.fates = [{ reaches: [0, 1, 2], fails: true }]
      await write(owner, 2, 'a b')
      await write(await writerOn(rows), 2, 'a b')
      await write(owner, 3, 'b')
    },
    asks: [0, 1],
    truth: { a: 2, b: 3 },
  },
  {
    variant: 'tombstone-empty-row',
    story: 'the removal of an empty row reached one replica',
    play: async (rows) => {
      await write(await writerOn(rows), 1, 'a')
      rows.fates = [{ reaches: [0], fails: true }]
      await write(await writerOn(rows), 2, '', 'a')
      await write(await writerOn(rows), 2, '', 'a')
      await write(await writerOn(rows), 3, 'a a')
    },
    asks: [1, 2],
    truth: { a: 2 },
  },
]

const played = async ({ play, asks }: Counterexample): Promise<Record<string, number>> => {
  const rows = new DirectedRows()
  await play(rows)
  rows.readsFrom = asks
  return countsOf(rows)
}

describe.each(counterexamples)('$variant: $story', (counterexample) => {
  test('the counts are true (I-1, I-4)', async () => {
    expect(await played(counterexample)).toEqual(counterexample.truth)
  })

  test('planted, it is caught', async () => {
    plantedFaults.add(counterexample.variant)
    expect(await played(counterexample)).not.toEqual(counterexample.truth)
  })
})
