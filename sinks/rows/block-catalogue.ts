/**
 * Blocks of offsets: how tables whose rows belong to a place of the log are cut into partitions that stay small for any
 * number of years, and how a reader finds the blocks of a topology that exist.
 *
 * Their names in the partition catalogue: topology; place (what else the partition says: spout, log partition, sink);
 * shelf of 65,536 blocks; block. So each list is short, and blocks near an offset are found without the others.
 */
import type { Cell, RowStore } from '../../topology/model/ports/row-store.ts'
import { compareKeys } from './cells/compare-cells.ts'
import { type CataloguePath, listNames, readNames } from './partition-catalogue.ts'

/** Names above this level need no listing: readers know the topology. */
export const blockLevel = 1

/** What a partition says between topology and block. */
export type BlockPlace = readonly Cell[]

/** Offset divided by 2^bits, beyond the 32 bits of a shift. */
export const blockNumber = (offset: number, bits: number): number => Math.floor(offset / 2 ** bits)

const shelfBlocks = 65_536
// Digits of 2^52, so that names come in the order of numbers.
const numberName = (block: number): string => String(block).padStart(16, '0')

export const blockPath = (topology: string, place: BlockPlace, block: number): CataloguePath => [
  topology.toWellFormed(),
  JSON.stringify(place),
  numberName(blockNumber(block, 16)),
  numberName(block),
]

/** Places of a topology that have blocks, in order. */
export const blockPlaces = async (rows: RowStore, table: string, topology: string): Promise<readonly BlockPlace[]> => {
  const names = await listNames(rows, table, [topology.toWellFormed()])
  const places = names.map((name): BlockPlace => JSON.parse(name))
  return places.sort(compareKeys)
}

/** Blocks `[from, to)` of a place that exist, ascending. Default: all. */
export async function* existingBlocks(
  rows: RowStore,
  table: string,
  topology: string,
  place: BlockPlace,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: { readonly from?: number; readonly to?: number } = {},
): AsyncGenerator<number> {
  const above = [topology.toWellFormed(), JSON.stringify(place)]
  for (const shelf of await listNames(rows, table, above)) {
    const first = Number(shelf) * shelfBlocks
    if (first >= to || first + shelfBlocks <= from) continue
    const range = { from: numberName(from), to: numberName(to) }
    for await (const page of readNames(rows, table, [...above, shelf], range)) yield* page.map(Number)
  }
}
