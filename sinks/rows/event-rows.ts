/**
 * The event store: one row per event under its `keen.id`, with the record's own bytes as body.
 *
 * Deletes empty the rows they match; everything else only adds. The tables stand in `event-table.ts`, the writing in
 * `event-epoch.ts`, the reading in `read-events.ts`.
 */
import type { Event } from '../../topology/model/event.ts'
import { defineSink, type Sink, type SinkContext, type SinkWriter } from '../../topology/model/sink.ts'
import { EventEpoch } from './event-epoch.ts'
import { bucketTable, eventTable } from './event-table.ts'
import { KnownBuckets } from './known-buckets.ts'
import { catalogueOfPartitions } from './partition-catalogue.ts'

export interface EventRowsOptions {
  /** Rows of one write call. Default 500. */
  readonly chunkRows?: number
}

// 500 rows of 430 bytes: a call of 215 KB; larger calls measured no faster on SQLite and hold its lock longer.
const chunkRowsDefault = 500
// Rows of events are written blind, so a bigger epoch saves no write: it only holds more memory while a store is slow.
const epochBytes = 8_388_608

/** Keeps every event, in a table of the sink's name. `run` creates the tables. */
export const eventRows = (options: EventRowsOptions = {}): Sink<Event<unknown>> =>
  defineSink<Event<unknown>>({
    sinkKind: 'events',
    name: 'eventRows',
    doc: 'one row per event, by keen.id; deletes empty it',
    order: 'commutative',
    options: {},
    knobs: { 'epoch.bytes': epochBytes },
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: (sink) => [eventTable(sink), bucketTable(sink), catalogueOfPartitions],
    open: async (context) => openWriter(context, options),
  })

const openWriter = (context: SinkContext, options: EventRowsOptions): SinkWriter<Event<unknown>> => {
  const place = {
    sink: context.sink,
    rows: context.rows,
    table: eventTable(context.sink),
    buckets: new KnownBuckets(context.rows, bucketTable(context.sink), context.partition),
    clock: context.clock,
    chunkRows: options.chunkRows ?? chunkRowsDefault,
  }
  return {
    openEpoch: () => new EventEpoch(place),
    close: async () => {},
  }
}
