/** What runs in the scenes of scale: one sink of each kind, as a typical topology has them, and the events that it is fed. */
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import type { Topology } from '../../../topology/model/topology.ts'
import type { SparseRecord } from './sparse-log.ts'

export const scaleTopology: Topology = defineTopology('scale', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events
    .bolt('by_kind', rollup({ window: '1 minute', by: ['kind'], values: { events: count(), value: sum('value') } }))
    .sink('totals', tableRows())
  events.bolt('schema', inferSchema()).sink('shapes', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})

/** A hash of two numbers, the same everywhere. */
const mix = (left: number, right: number): number => {
  let hash = Math.imul(left + 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(right + 0x7f4a_7c15, 0xc2b2_ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b_3c6d)
  hash ^= hash >>> 12
  return hash >>> 0
}

const kinds = 8
const encoder = new TextEncoder()

/** Events of `tenants` tenants of `collections` collections each; a tenant's events are all in one partition. */
export const eventsOf =
  (tenants: number, collections: number, partitions: number): ((partition: number, at: number) => SparseRecord) =>
  (partition, at) => {
    const hash = mix(partition, at)
    const here = Math.max(1, Math.floor(tenants / partitions))
    const tenant = `t${partition + partitions * (hash % here)}`
    const collection = `c${Math.floor(hash / 7_919) % collections}`
    const body = { kind: `k${hash % kinds}`, value: hash % 1_000, note: `${at}` }
    return {
      key: tenant,
      headers: [
        ['project', tenant],
        ['collection', collection],
      ],
      value: encoder.encode(JSON.stringify(body)),
    }
  }
