/** The log of the delete benchmark: seeded events of about 200 bytes in four partitions, each with an id that is known. */
import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { NewRecord } from '../../topology/model/record.ts'
import { openFileLog } from '../../topology/spouts/file/file-log.ts'

export const partitions = 4
const startMs = Date.UTC(2026, 0, 1)
// Two events a second of event time: 5 million fill a month, and 1,000 a window of ten minutes.
const stepMs = 500

/** One project whose events are spread over all partitions. */
export const project = 'shop'

const timeOf = (index: number): number => startMs + index * stepMs

/** Events of the benchmark stand in the log in turn, one partition after the other, so the place follows from the index. */
export const idOf = (index: number): string =>
  eventId(timeOf(index), partition(index % partitions), offset(Math.floor(index / partitions)))

const encoder = new TextEncoder()

export const recordOf = (index: number): NewRecord => {
  // A whirl of the index instead of a generator with state: any part of the log can be made by itself.
  const chance = Math.imul(index + 1, 0x9e37_79b1) >>> 0
  const body = {
    keen: { timestamp: new Date(timeOf(index)).toISOString() },
    country: `C${String(chance % 50).padStart(2, '0')}`,
    half: index % 8 < 4 ? 'left' : 'right',
    price: (chance % 100_000) / 100,
    quantity: 1 + (chance % 5),
    user: { id: `u-${chance % 1_000_003}`, returning: chance % 2 === 0 },
    page: { url: `/p/${chance % 9_973}`, ms: chance % 3_000 },
  }
  return {
    key: project,
    headers: [
      ['project', project],
      ['collection', 'purchases'],
    ],
    value: encoder.encode(JSON.stringify(body)),
    partition: partition(index % partitions),
  }
}

const batchRecords = 5_000

export const appendEvents = async (log: EventLog, from: number, to: number): Promise<void> => {
  for (let at = from; at < to; at += batchRecords) {
    const length = Math.min(to, at + batchRecords) - at
    await log.append(Array.from({ length }, (_, index) => recordOf(at + index)))
  }
}

export const writeDeletesLog = async (folder: string, events: number): Promise<void> => {
  const log = await openFileLog({ folder, clock: systemClock, partitions, topic: 'purchases' })
  await appendEvents(log, 0, events)
  await log.close()
}
