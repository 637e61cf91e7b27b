/** The orders topology as a scenario of the simulated world: small logs, events of three tenants, deletes of every form. */
import { eventId } from '../../topology/model/event-id.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { partition } from '../../topology/model/position.ts'
import type { DrawContext, DrawnRecord } from '../../topology/testing/simulation/draw/draw-context.ts'
import type { DrawScenario } from '../../topology/testing/simulation/history.ts'
import { lookup, ordersTopology } from './orders-topology.ts'
import { smallKnobs } from './small-knobs.ts'

const tenants = ['ann', 'bob', 'cyd']

export interface OrdersOptions {
  /** Records of the log, about. */
  readonly size: number
  readonly partitions?: number
  readonly isShared?: boolean
}

export const ordersScenario =
  ({ size, partitions = 1, isShared = false }: OrdersOptions): DrawScenario =>
  (_seed, streams) => {
    const random = streams.of('scenario')
    return {
      topology: ordersTopology,
      partitions,
      records: 3 + Math.floor(random.next() * size),
      knobs: smallKnobs(random),
      draw: (_spout, of, context) => drawRecord(of, context),
      processesMax: 3,
      isShared,
      outside: (dice) => {
        lookup.isAway = () => dice.happens('boltAway')
      },
    }
  }

const drawRecord = (random: Random, context: DrawContext): DrawnRecord | readonly DrawnRecord[] => {
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const project = tenants[below(3)]!
  const isDelete = context.appended.length > 0 && random.next() < 0.15
  if (isDelete) return drawDelete(below, project, context)
  const place = partition(below(context.partitions))
  const collection = below(2) === 0 ? 'new' : 'old'
  const body = {
    place: `${place}@${context.nextOffset(place)}`,
    kind: 'ab'[below(2)]!,
    value: 1 + below(3),
    ...(below(8) === 0 ? { poison: 1 } : {}),
  }
  const headers = [
    ['project', project],
    ['collection', collection],
  ] as const
  const drawn = { kind: 'event', project, collection, timeMs: undefined, clientId: undefined, body } as const
  return { key: null, headers, value: new TextEncoder().encode(JSON.stringify(body)), partition: place, drawn }
}

const drawDelete = (
  below: (bound: number) => number,
  project: string,
  context: DrawContext,
): readonly DrawnRecord[] => {
  const { appended, partitions } = context
  const form = below(3)
  const value = form === 0 ? 'ab'[below(2)]! : 1 + below(3)
  const [meant] = appended[below(appended.length)]!
  const id = eventId(meant!.appendTimeMs, meant!.record.partition, meant!.offset as never) // any number does here
  const filters = [
    { property_name: 'kind', operator: 'eq', property_value: value },
    { property_name: 'value', operator: 'gte', property_value: value },
    { property_name: 'keen.id', operator: 'eq', property_value: id },
  ]
  const request = { id: `delete ${appended.length}`, project, allowScan: true, filters: [filters[form]!] }
  const places =
    form === 2 ? [meant!.record.partition] : Array.from({ length: partitions }, (_, place) => partition(place))
  return places.map((place) => ({
    key: null,
    headers: [['spillway-kind', 'delete']],
    value: new TextEncoder().encode(JSON.stringify(request)),
    partition: place,
    drawn: { kind: 'delete', class: 'any', request, missing: [] },
  }))
}
