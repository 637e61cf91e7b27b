/** How a process looks at what others have, when there are many partitions. */
import {
  createMemoryLedger,
  createMemoryLog,
  createMemoryRows,
  createVirtualClock,
  seededRandom,
} from 'spillway/testing'
import { expect, test } from 'vitest'
import { planSpout } from '../../../topology/declare/plan-spout.ts'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import type { PartitionPlace } from '../../../topology/engine/shell/owned-partitions.ts'
import { TopicProgress } from '../../../topology/engine/shell/topic-progress.ts'
import { partition } from '../../../topology/model/position.ts'
import { everySink } from '../every-sink.ts'

test('a process that waits for others reads some of their documents, not all, while one is behind', async () => {
  const clock = createVirtualClock()
  const ledger = createMemoryLedger()
  let reads = 0
  const read: typeof ledger.read = (key) => {
    reads += 1
    return ledger.read(key)
  }
  const resources = { rows: createMemoryRows(), ledger: { ...ledger, read } }
  const parts = {
    topology: everySink,
    resources,
    clock,
    random: seededRandom(1),
    knob: () => 1,
  } as unknown as EngineParts // all that looking needs
  const log = createMemoryLog({ clock, partitions: 400 })
  const plan = planSpout(everySink, 'events')
  const places = Array.from(
    { length: 400 },
    (_, one): PartitionPlace => ({ plan, log, partition: partition(one), end: 1 }),
  )
  const progress = new TopicProgress(parts, places, { deskAt: () => undefined }, () => false)
  for (let look = 0; look < 10; look++) await progress.look(new AbortController().signal)
  expect(progress.isCaughtUp).toBe(false)
  expect(reads).toBeLessThanOrEqual(160)
})
