/** A log and rows in memory for requests to delete, and what stands in the log afterwards. */
import {
  createMemoryLog,
  createMemoryRows,
  createVirtualClock,
  type MemoryLog,
  type VirtualClock,
} from 'spillway/testing'
import type { DeleteInput } from '../topology/delete-input.ts'
import type { DeleteReceipt } from '../topology/delete-writing.ts'
import { eventId } from '../topology/model/event-id.ts'
import type { JsonObject } from '../topology/model/json.ts'
import type { EventLog } from '../topology/model/ports/event-log.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import { offset, partition } from '../topology/model/position.ts'
import { requestDelete } from '../topology/request-delete.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'

const startMs = Date.UTC(2026, 2, 14)

export class GivenDesk {
  readonly clock: VirtualClock = createVirtualClock(startMs)
  readonly rows: RowStore = createMemoryRows()
  readonly log: MemoryLog
  readonly #random = seededRandom(7)

  /** A log of `partitions` with `events` records in each. */
  constructor(partitions = 4, events = 10) {
    this.log = createMemoryLog({ clock: this.clock, partitions, topic: 'events', id: 'log' })
    const value = Buffer.from('{"country":"NZ"}')
    const headers = [['project', 'shop']] as const
    for (let index = 0; index < partitions; index += 1)
      for (let count = 0; count < events; count += 1)
        this.log.appendAt(startMs, [{ key: 'shop', headers, value, partition: partition(index) }])
  }

  request(
    input: DeleteInput,
    knobs: Readonly<Record<string, number>> = {},
    log: EventLog = this.log,
  ): Promise<DeleteReceipt> {
    return requestDelete(input, { log, rows: this.rows, knobs, clock: this.clock, random: this.#random })
  }

  idOf(of: number, at: number): string {
    return eventId(startMs, partition(of), offset(at))
  }

  /** Delete records of the log, by partition. */
  async written(): Promise<readonly (readonly JsonObject[])[]> {
    const found: JsonObject[][] = []
    for (let index = 0; index < this.log.partitions; index += 1) {
      const { records } = await this.log.fetch(partition(index), offset(0), { maxBytes: 1e9, waitMs: 0 })
      const deletes = records.filter(({ headers }) => headers.some(([name]) => name === 'spillway-kind'))
      found.push(deletes.map(({ bytes, start, end }) => JSON.parse(Buffer.from(bytes.subarray(start, end)).toString())))
    }
    return found
  }
}

/** The log, with a partition that takes nothing. */
export const breakingIn = (log: EventLog, of: number): EventLog => ({
  ...{ id: log.id, topic: log.topic, partitions: log.partitions },
  bounds: (index) => log.bounds(index),
  fetch: (index, from, options) => log.fetch(index, from, options),
  offsetAt: (index, timeMs) => log.offsetAt(index, timeMs),
  release: (index, before) => log.release(index, before),
  close: () => log.close(),
  append: async (records) => {
    if (records.some((record) => record.partition === of)) throw new Error('the disk is gone')
    return log.append(records)
  },
})
