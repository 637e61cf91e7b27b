import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import {
  type BlockPlace,
  blockLevel,
  blockNumber,
  blockPath,
  blockPlaces,
  existingBlocks,
} from '../../../sinks/rows/block-catalogue.ts'
import { KnownPartitions } from '../../../sinks/rows/known-partitions.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { wholePartitions } from './whole-partitions.ts'

const given = async (blocks: readonly (readonly [place: BlockPlace, block: number])[]): Promise<RowStore> => {
  const rows = createMemoryRows()
  await rows.ensureTable(catalogueOfPartitions)
  const known = new KnownPartitions(rows, 'letters', blockLevel)
  await known.ensure(blocks.map(([place, block]) => blockPath('shop', place, block)))
  return wholePartitions(rows)
}

test('places come by spout, then by the number of the partition', async () => {
  const places = [
    ['events', 10],
    ['events', 2],
    ['clicks', 3],
  ]
  const rows = await given(places.map((place) => [place, 0]))
  expect(await blockPlaces(rows, 'letters', 'shop')).toEqual([
    ['clicks', 3],
    ['events', 2],
    ['events', 10],
  ])
  expect(await blockPlaces(rows, 'letters', 'other')).toEqual([])
})

const numbers = [0, 9, 10, 65_535, 65_536, blockNumber(2 ** 52 - 1, 10)]

test('blocks come in order over all shelves; a range reads those shelves alone', async () => {
  const rows = await given(numbers.toReversed().map((block) => [['events', 0], block]))
  const blocks = (range?: { from: number; to: number }): Promise<number[]> =>
    Array.fromAsync(existingBlocks(rows, 'letters', 'shop', ['events', 0], range))
  expect(await blocks()).toEqual(numbers)
  expect(await blocks({ from: 9, to: 10 })).toEqual([9])
  expect(await blocks({ from: 10, to: 65_537 })).toEqual([10, 65_535, 65_536])
})
