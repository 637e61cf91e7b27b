/** The records of a history, drawn as the world draws them, without a world. */
import { defineTopology, type LogOptions, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import type { Topology } from '../../../topology/model/topology.ts'
import type { AppendedRecord } from '../../../topology/testing/simulation/draw/draw-context.ts'
import { DrawRecords } from '../../../topology/testing/simulation/draw/draw-records.ts'
import { commonWords, type DrawWords } from '../../../topology/testing/simulation/draw/draw-words.ts'
import { Streams } from '../../../topology/testing/simulation/stage/streams.ts'

export const startMs: number = Date.UTC(2026, 0, 1)

export interface DrawnHistoryOptions {
  readonly topology?: Topology
  readonly words?: DrawWords
  readonly count?: number
  readonly partitions?: number
  readonly without?: ReadonlySet<number>
}

export const storing = (options: LogOptions = {}): Topology =>
  defineTopology('storing', (t) => t.spout('events', log(options)).sink('store', eventRows()))

const plain = storing()

/** By index of the draw. */
export const drawnHistory = (
  seed: number,
  { topology = plain, words = commonWords, count = 20, partitions = 2, without = new Set() }: DrawnHistoryOptions = {},
): readonly (readonly AppendedRecord[])[] => {
  const streams = new Streams(seed)
  const records = new DrawRecords({ topology, words, streams, startMs, records: count })
  const ends = new Map<number, number>()
  const nextOffset = (place: number): number => ends.get(place) ?? 0
  const appended: AppendedRecord[][] = []
  for (let index = 0; index < count; index++) {
    const random = streams.of(`record ${index}`)
    const spout = topology.spouts[Math.floor(random.next() * topology.spouts.length)]!
    const nowMs = startMs + index * 1_000
    const drawn = records.next(spout, random, { nowMs, startMs, partitions, nextOffset, appended })
    const take = (record: (typeof drawn)[number]): AppendedRecord => {
      const isLeftOut = without.has(index)
      const at = nextOffset(record.partition)
      if (!isLeftOut) ends.set(record.partition, at + 1)
      return { record, spout: spout.name, offset: isLeftOut ? undefined : at, appendTimeMs: nowMs }
    }
    appended.push(drawn.map(take))
  }
  return appended
}

/** Of many seeds. */
export const drawnRecords = (seeds: number, options?: DrawnHistoryOptions): readonly AppendedRecord[] =>
  Array.from({ length: seeds }, (_, seed) => drawnHistory(seed, options).flat()).flat()
