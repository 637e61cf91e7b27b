/** What all epochs of a process spill together is bounded by `memory.spillBytes`. */
import { expect, test } from 'vitest'
import type { SpillDisk, SpillFile } from '../../../topology/model/ports/spill-disk.ts'
import type { OpenEpoch } from '../../../topology/model/sink.ts'
import { archiveOn, eventsOf } from './given-objects.ts'

const forgetful: SpillFile = { write: async () => {}, read: async () => {}, discard: () => {} }
const disk: SpillDisk = { chunkBytes: 4_096, open: async () => forgetful }
const body = (offset: number): string => `{"n":${offset},"text":"${'x'.repeat(200)}"}`
const events = eventsOf(Array.from({ length: 100 }, (_, offset) => ({ offset, body: body(offset) })))

const isFull = (epochs: readonly OpenEpoch[]): readonly unknown[] => epochs.map((epoch) => epoch.isFull?.())

test('epochs that have spilled close when all together have spilled too much, and there is room when one is gone', async () => {
  const archive = await archiveOn({ disk, knobs: { 'memory.spillBytes': 60_000 } })
  const [one, two, small] = [await archive.open(), await archive.open(), await archive.open()]
  const all = [one, two, small]
  small.add(eventsOf([{ offset: 1 }]), 1)
  one.add(events, 1)
  expect(isFull(all)).toEqual([false, false, false])
  two.add(events, 1)
  two.add(events, 1)
  // What stands in memory alone would free nothing.
  expect(isFull(all)).toEqual([true, true, false])
  two.discard()
  expect(isFull([one, small])).toEqual([false, false])
  one.discard()
  two.discard()
  const last = await archive.open()
  last.add(events, 1)
  expect(isFull([last])).toEqual([false])
})
