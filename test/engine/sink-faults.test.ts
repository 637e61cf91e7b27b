/** What a sink or an operator throws while it collects is its own fault: it stops nobody else. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { defineSink, eventRows, objects, type Sink, tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import type { SinkWriter } from '../../topology/model/sink.ts'
import type { Topology, TopologyBuilder } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const size = 100
const problem = new TypeError('x is undefined')
const fail = (): never => {
  throw problem
}

const bomb = defineSink<Event>({
  sinkKind: 'custom',
  name: 'bomb',
  doc: 'throws at its first batch',
  order: 'commutative',
  options: {},
  knobs: {},
  epochAge: 'epoch.ageMs',
  subtracts: true,
  tables: () => [],
  open: async () => ({
    openEpoch: () => ({
      add: fail,
      heldBytes: () => 0,
      spilledBytes: () => 0,
      write: async () => 'written',
      discard: () => undefined,
    }),
    close: async () => {},
  }),
})

/** Objects whose spill fails so many times. */
const spillFails = (times: number, error: Error): Sink<Event> => {
  let left = times
  const sink = objects({ compression: 'none' })
  const failing = (writer: SinkWriter<Event>): SinkWriter<Event> => ({
    close: () => writer.close(),
    openEpoch: () => {
      const epoch = writer.openEpoch()
      const settle = async (): Promise<void> => {
        if (left-- > 0) throw error
        await epoch.settle?.()
      }
      return {
        add: (tuples, weight) => epoch.add(tuples, weight),
        heldBytes: () => epoch.heldBytes(),
        spilledBytes: () => epoch.spilledBytes(),
        write: (declared, signal) => epoch.write(declared, signal),
        discard: () => epoch.discard(),
        settle,
      }
    },
  })
  return { ...sink, open: async (context) => failing(await sink.open(context)) }
}

/** A topology with one more sink beside rows of events and totals. */
const beside = (more: (t: TopologyBuilder) => void): Topology => defineTopology('shop', more)

const placesOf = (run: EngineRun): Readonly<Record<string, number>> =>
  Object.fromEntries(run.status().lanes.map((lane) => [lane.sink, lane.at]))
