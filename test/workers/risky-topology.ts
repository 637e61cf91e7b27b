/** A topology whose bolt does to its process what a test says, record by record. */
import { mergeMap, NEVER, of } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import type { Topology } from '../../topology/model/topology.ts'

/** True: the bolt never answers for this record. */
export type Hazard = (offset: number) => boolean

export const riskyTopology = (hazard: Hazard = () => false): Topology =>
  defineTopology('risky', (t) => {
    const events = t.spout('events', log())
    const risky = events.bolt(
      'risky',
      mergeMap((event) => (hazard(Number(event.offset)) ? NEVER : of(event))),
    )
    events.sink('store', eventRows())
    risky
      .bolt('by_kind', rollup({ window: '1 minute', by: ['kind'], values: { orders: count(), value: sum('value') } }))
      .sink('totals', tableRows())
    events.sink('archive', objects({ compression: 'none' }))
  })
