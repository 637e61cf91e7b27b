/** The topology of the simulation: every kind of sink, a bolt that fails on some records, rows written one by one. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import { errors } from '../../topology/model/errors.ts'
import type { SpoutPlan } from '../../topology/model/spout-plan.ts'
import type { Topology } from '../../topology/model/topology.ts'

/** Something that a bolt asks, and that is away now and then. */
export const lookup: { isAway: () => boolean } = { isAway: () => false }

export const ordersTopology: Topology = defineTopology('orders', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows({ chunkRows: 2 }))
  events
    .bolt('by_kind', rollup({ window: '1 minute', by: ['kind'], values: { orders: count(), value: sum('value') } }))
    .sink('totals', tableRows({ chunkRows: 1 }))
  events
    .bolt(
      'picky',
      map((event) => {
        if (lookup.isAway()) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
        if ('poison' in event.body) throw new Error('poison')
        return event
      }),
    )
    .bolt('schema', inferSchema())
    .sink('shapes', tableRows({ chunkRows: 8 }))
  events.sink('archive', objects({ compression: 'none' }))
})

export const ordersPlan: SpoutPlan = planSpout(ordersTopology, 'events')
