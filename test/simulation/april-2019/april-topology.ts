/** What Keen ran, in four sinks: every event as a row, sums by minute, a schema, and the customers' archive. */
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import type { Topology } from '../../../topology/model/topology.ts'
import { memoryDisk } from './memory-disk.ts'
import { scaledSink } from './scaled-sink.ts'

export const archiveSink = 'archive'
export const rowsSink = 'events'

export const rollupWindowMs = 600_000

// Of an event: its bytes and columns; its line lies on disk, and its place in the index.
const rowBytes = 400
const indexBytes = 16

const disk = memoryDisk()
const files = objects({ compression: 'none', rotate: { age: '2 minutes' } })
const archive = scaledSink({ ...files, open: (context) => files.open({ ...context, disk }) }, indexBytes)

export const aprilTopology: Topology = defineTopology('april', (t) => {
  const events = t.spout('events', log())
  events.sink(rowsSink, scaledSink({ ...eventRows(), knobs: { 'epoch.ageMs': 2_000 } }, rowBytes))
  events
    .bolt(
      'by_country',
      rollup({ window: '10 minutes', by: ['country'], values: { orders: count(), revenue: sum('price') } }),
    )
    .sink('revenue', { ...tableRows(), knobs: { 'epoch.ageMs': 10_000 } })
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.sink(archiveSink, archive)
})

/**
 * Set once, for good, as for any topology of this size; nobody touches a knob in the night. Rates are a thousandth of the
 * real ones, and so are what a fetch brings and what a range is worth. The archive's store is slow: its epochs are small.
 */
export const aprilKnobs: Readonly<Record<string, number>> = {
  'ledger.tickMs': 1_500,
  'epoch.records': 1_000,
  'fetch.waitMs': 2_000,
  'tenant.windowMs': 60_000,
  'fetch.partitionBytes': 65_536,
  'objects.epochBytes': 67_108_864,
  'objects.targetBytes': 4_194_304,
  'objects.inFlightRequests': 4,
  'shutdown.drainMs': 600_000,
}
