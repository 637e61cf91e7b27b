/** Deletes of single orders by id, and a topology whose totals say at once what is missing. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove, type TestStep } from 'spillway/testing'
import { eventId } from '../../topology/model/event-id.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import type { GivenPorts } from './given-ports.ts'
import { startMs } from './orders.ts'

export const shop: Topology = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.bolt('by', rollup({ window: '1 year', values: { orders: count() } })).sink('totals', tableRows())
  events.sink('store', eventRows())
})

const key = { topology: 'shop', spout: 'events', partition: 0 }

export const docOf = async ({ resources }: GivenPorts): Promise<LedgerDocument> => (await resources.ledger.read(key))!

export const totalOf = async (given: GivenPorts): Promise<number> =>
  (await given.read(shop).rows('totals')).reduce((sum, row) => sum + Number(row['orders']), 0)

const idOf = (index: number, at: number): string => eventId(startMs + index * 7_000, partition(0), offset(at))
const projectOf = (index: number): string => (index % 3 === 0 ? 'ann' : 'bob')

/** Deletes order `index`, which stands at offset `at`. */
export const forget = (index: number, at: number = index): TestStep =>
  remove({
    id: `delete ${index}`,
    project: projectOf(index),
    filters: [{ property_name: 'keen.id', operator: 'eq', property_value: idOf(index, at) }],
  })

export const forgetMany = (from: number, to: number): TestStep[] =>
  Array.from({ length: to - from }, (_, index) => forget(from + index))
