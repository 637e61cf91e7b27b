/** Events by hand, as a batch of tuples over their bytes, and an event store to write them to. */
import { eventRows } from '../../../sinks/rows/event-rows.ts'
import type { Event } from '../../../topology/model/event.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset as toOffset, partition as toPartition } from '../../../topology/model/position.ts'
import type { DeclaredEpoch, SinkWriter } from '../../../topology/model/sink.ts'
import type { EventColumns, Tuples } from '../../../topology/model/tuples.ts'
import { contextOf, epoch } from './given-state.ts'

export interface Given {
  readonly offset: number
  readonly at?: string
  readonly project?: string
  readonly collection?: string
  readonly body?: string
  readonly clientId?: string
}

const none = (): never => {
  throw new RangeError('not needed here')
}

export const hour9 = '2026-01-31T09:15:00.000Z'
const timeOf = (one: Given): number => Date.parse(one.at ?? hour9)

/** Events of one partition; append time is 1 s after event time. */
export const batch = (list: readonly Given[], partition = 0): Tuples<Event<unknown>> => {
  const bytes = list.map((one) => Buffer.from(one.body ?? `{"n":${one.offset}}`))
  const columns: EventColumns = {
    length: list.length,
    partition: toPartition(partition),
    offsets: list.map((one) => toOffset(one.offset)),
    appendTimesMs: list.map((one) => timeOf(one) + 1000),
    timesMs: () => list.map(timeOf),
    projects: () => list.map((one) => one.project ?? 'shop'),
    collections: () => list.map((one) => one.collection ?? 'orders'),
    clientIds: () => list.map((one) => one.clientId),
    hasTimestamp: list.map(() => false),
    bytes: (index) => ({ buffer: bytes[index]!, start: 0, end: bytes[index]!.length }),
    keenAt: () => -1,
    id: (index) => eventId(timeOf(list[index]!), toPartition(partition), toOffset(list[index]!.offset)),
    event: none,
  }
  return { ...columns, tuple: none, column: none, shapes: none, events: () => columns }
}

export const idOf = (one: Given, partition = 0): string =>
  eventId(timeOf(one), toPartition(partition), toOffset(one.offset))

export const storeOn = async (rows: RowStore, partition = 0): Promise<SinkWriter<Event<unknown>>> => {
  for (const table of eventRows().tables('events', undefined)) await rows.ensureTable(table)
  return eventRows({ chunkRows: 2 }).open(contextOf(rows, { sink: 'events', operator: undefined, partition }))
}

export const never: AbortSignal = new AbortController().signal

/** Applies events; those in `minus` leave again before the write. */
export const apply = async (rows: RowStore, plus: readonly Given[], minus: readonly Given[] = [], partition = 0) => {
  const open = (await storeOn(rows, partition)).openEpoch()
  open.add(batch(plus, partition), 1)
  open.add(batch(minus, partition), -1)
  return open.write(epochOf({ partition }), never)
}

/** The epoch of a delete at an offset. */
export const retract = async (rows: RowStore, list: readonly Given[], deleteOffset: number, partition = 0) => {
  const open = (await storeOn(rows, partition)).openEpoch()
  open.add(batch(list, partition), -1)
  return open.write(epochOf({ partition, retracts: { deleteOffset: toOffset(deleteOffset) } }), never)
}

const epochOf = (more: Partial<DeclaredEpoch>): DeclaredEpoch => epoch(1, { sink: 'events', ...more })

export const all = async <One>(list: AsyncIterable<One>): Promise<One[]> => {
  const found: One[] = []
  for await (const one of list) found.push(one)
  return found
}
