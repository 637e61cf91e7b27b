import { expect, test } from 'vitest'
import { offset, partition } from '../../../topology/model/position.ts'
import { createMemoryLog } from '../../../topology/spouts/memory/memory-log.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'

const place = partition(0)

test('a batch tells the leader of the offset before its end, also where that belongs to no record', async () => {
  const log = createMemoryLog({ clock: createVirtualClock(), partitions: 1 })
  log.appendAt(1, [{ key: null, headers: [], value: null, partition: place }])
  log.elect(place)
  log.skip(place, 2)
  const batch = await log.fetch(place, offset(0), { maxBytes: 1_000, waitMs: 0 })
  expect([batch.to, batch.leaderEpoch]).toEqual([3, await log.leaderEpochAt?.(place, offset(2))])
})
