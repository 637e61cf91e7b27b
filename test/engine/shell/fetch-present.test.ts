/** A log that answers with nothing although there is something is asked again; at its end it is believed. */
import { describe, expect, test } from 'vitest'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { fetchPresent } from '../../../topology/engine/shell/fetch-present.ts'
import type { PartitionContext } from '../../../topology/engine/shell/partition-context.ts'
import { type OffsetSpan, readSpan } from '../../../topology/engine/shell/read-span.ts'
import { Waits } from '../../../topology/engine/shell/waits.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { createMemoryLog } from '../../../topology/spouts/memory/memory-log.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'

const place = partition(0)

/** Five records, of which the log denies every fetch for the first `empties` times. */
const reader = (empties: number) => {
  const clock = createVirtualClock()
  const inner = createMemoryLog({ clock, partitions: 1, id: 'log' })
  const value = new TextEncoder().encode('{}')
  inner.appendAt(
    1,
    Array.from({ length: 5 }, () => ({ key: null, headers: [], value, partition: place })),
  )
  let left = empties
  const waits = new Waits(clock)
  const log: EventLog = Object.assign(Object.create(inner), {
    fetch: async (...call: Parameters<EventLog['fetch']>) => {
      const from = call[1]
      if (left-- > 0) return { partition: place, from, to: from, records: [], byteLength: 0 }
      return inner.fetch(...call)
    },
    bounds: () => inner.bounds(place),
  })
  const knob = (name: string): number => (name === 'fetch.partitionBytes' ? 1_000 : 100)
  const parts: Pick<EngineParts, 'clock' | 'random' | 'knob' | 'report' | 'waits'> = {
    clock,
    random: seededRandom(1),
    knob,
    report: () => undefined,
    waits,
  }
  // What reads asks for nothing else.
  const context = { parts, log, partition: place, signal: new AbortController().signal } as unknown as PartitionContext // see above
  return { clock, context, waits }
}

const offsetsIn = async (context: PartitionContext, span: OffsetSpan): Promise<readonly number[]> => {
  const found: number[] = []
  for await (const batch of readSpan(context, span)) found.push(...batch.records.map((record) => record.offset))
  return found
}

describe('what is known to be in the log', () => {
  test('is read, however often the log says that there is nothing (I-3)', async () => {
    const { clock, context } = reader(3)
    expect(await drive(clock, offsetsIn(context, { from: 1, to: 4 }))).toEqual([1, 2, 3])
  })

  test('is said to be waited for, by the name of the log', async () => {
    const { clock, context, waits } = reader(Number.POSITIVE_INFINITY)
    void fetchPresent(context, offset(1), 1).catch(() => undefined)
    await drive(clock, clock.sleep(1_000))
    expect(waits.list()).toMatchObject([{ resource: 'log', reason: expect.stringContaining('offset 1') }])
  })

  test('ends where the log ends', async () => {
    const { clock, context } = reader(0)
    const batch = await drive(clock, fetchPresent(context, offset(5), 1))
    expect([batch.to, batch.records]).toEqual([5, []])
  })
})
