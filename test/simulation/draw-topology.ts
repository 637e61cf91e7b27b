/**
 * Draws topologies: spouts that read their records in every way, bolts of several depth with diamonds and merges, and any
 * sinks below. A shape follows from its number alone, and few numbers are drawn: a topology costs more than a small history.
 */
import { defineTopology, type Event, type LogOptions, log, type Stream, type TopologyBuilder } from 'spillway'
import { dedupe, inferSchema } from 'spillway/operators'
import { eventRows, objects, propagateDeletes, tableRows } from 'spillway/sinks'
import type { Topology } from '../../topology/model/topology.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { Draw } from '../../topology/testing/simulation/draw/draw.ts'
import { keptNotes } from './kept-notes.ts'
import { ordersTopology } from './orders-topology.ts'
import { shapeBoltNames, shapeBolts } from './shape-bolts.ts'
import { drawRollup } from './shape-rollups.ts'

/** Shapes that are drawn, by number from 0; the first is the fixed topology of orders. */
export const shapesMax = 64

const shapes = new Map<number, Topology>()

export const topologyOf = (shape: number): Topology => {
  const known = shapes.get(shape)
  if (known !== undefined) return known
  const made = shape === 0 ? ordersTopology : drawTopology(shape)
  shapes.set(shape, made)
  return made
}

export const drawTopology = (shape: number): Topology => {
  const draw = new Draw(seededRandom(shape * 104_729 + 17))
  return defineTopology(`shape${shape}`, (t) => {
    const spouts = draw.happens(0.2) ? ['events', 'others'] : ['events']
    const open = spouts.map((name) => drawSpout(draw, t, name))
    const bolts = draw.of([0, 0, 1, 2, 3, 5])
    for (let bolt = 0; bolt < bolts; bolt++) open.push(drawBolt(draw, t, open, `bolt${bolt}`))
    drawSinks(draw, open)
  })
}

/** Events on their way. */
interface Flow {
  readonly stream: Stream<Event>
  /** Spouts that they come from, and whether each of their events comes once. */
  readonly spouts: readonly string[]
  readonly isSingle: boolean
  /** Whether duplicates are held back above. */
  readonly isDeduped: boolean
}

const spoutOptions: readonly LogOptions[] = [
  { project: { key: true } },
  { tenant: { path: 'who' } },
  { project: { header: 'owner' }, collection: { path: 'kind' } },
  { project: 'solo', collection: { header: 'table' } },
  { collection: 'all' },
  { time: 'at', datetimes: ['at'] },
  { time: { path: 'at', unit: 'ms' } },
  { time: { path: 'at.s', unit: 's' }, clientId: 'client' },
  { clientId: 'client', tombstones: 'delete' },
  { tombstones: 'delete', project: { header: 'owner' } },
  { limits: 'keen' },
]

const drawSpout = (draw: Draw, t: TopologyBuilder, name: string): Flow => {
  const options = draw.happens(0.5) ? {} : draw.of(spoutOptions)
  const stream: Stream<Event> = t.spout(name, log(options))
  const flow = { stream, spouts: [name], isSingle: true, isDeduped: false }
  if (!draw.happens(0.2)) return flow
  const by = draw.of(['keen.uniqueness_token', 'tag'])
  return { ...flow, stream: stream.bolt(`${name}Once`, dedupe({ by, window: '1 hour' })), isDeduped: true }
}

/** Below one flow, or below two that are merged: of two spouts, or of two ways from one. */
const drawBolt = (draw: Draw, t: TopologyBuilder, open: readonly Flow[], name: string): Flow => {
  const [above, beside] = draw.some(open, 2, 2)
  const { operator, isSingle } = shapeBolts[draw.of(shapeBoltNames)]
  if (beside === undefined || !draw.happens(0.4))
    return { ...above!, stream: above!.stream.bolt(name, operator), isSingle: above!.isSingle && isSingle }
  const spouts = [...new Set([...above!.spouts, ...beside.spouts])]
  const arePart = spouts.length === above!.spouts.length + beside.spouts.length
  return {
    stream: t.merge([above!.stream, beside.stream]).bolt(name, operator),
    spouts,
    isSingle: above!.isSingle && beside.isSingle && isSingle && arePart,
    isDeduped: above!.isDeduped || beside.isDeduped,
  }
}

/** Any of the sinks, one at least; of each spout at most one event store. */
const drawSinks = (draw: Draw, open: readonly Flow[]): void => {
  const ofEvents = open.filter(({ isSingle, spouts }) => isSingle && spouts.length === 1)
  let isAny = false
  const put = (chance: number, add: () => void): void => {
    if (!draw.happens(chance)) return
    add()
    isAny = true
  }
  put(0.8, () =>
    draw.of(open.slice(0, 1).concat(draw.happens(0.2) ? ofEvents : [])).stream.sink('store', eventRows(chunks(draw))),
  )
  put(0.6, () =>
    draw
      .of(open)
      .stream.bolt('stats', drawRollup(draw))
      .sink('totals', tableRows(chunks(draw))),
  )
  put(0.3, () =>
    draw
      .of(open)
      .stream.bolt('more', drawRollup(draw))
      .sink('moreTotals', tableRows(chunks(draw))),
  )
  put(0.5, () =>
    draw
      .of(open)
      .stream.bolt('schema', inferSchema())
      .sink('shapes', tableRows(chunks(draw))),
  )
  put(0.5, () => late(draw, ofEvents).sink('archive', drawObjects(draw)))
  put(0.25, () => late(draw, ofEvents).sink('notes', keptNotes()))
  put(0.15, () => late(draw, ofEvents).sink('forgets', drawPropagation(draw)))
  if (!isAny) open[0]!.stream.sink('store', eventRows({ chunkRows: 1 }))
}

/** Those that have come far are preferred. */
const late = (draw: Draw, flows: readonly Flow[]): Stream<Event> =>
  flows[flows.length - 1 - draw.skewed(flows.length)]!.stream

const chunks = (draw: Draw): { readonly chunkRows: number } => ({ chunkRows: draw.between(1, 4) })

const drawObjects = (draw: Draw): ReturnType<typeof objects> => {
  const rotate = draw.happens(0.3) ? { bytes: '64 KiB', age: '1 second' } : {}
  if (draw.happens(0.15)) return objects({ format: 'avro', compression: draw.of(['none', 'deflate']), rotate })
  return objects({ compression: draw.of(['none', 'none', 'gzip', 'zstd']), rotate })
}

const drawPropagation = (draw: Draw): ReturnType<typeof propagateDeletes> =>
  propagateDeletes({
    when: (event) => event.body['kind'] === 'b' && event.offset % 2 === 0,
    matches: (event) => [{ property_name: 'tag', operator: 'eq', property_value: event.body['tag'] ?? null }],
    ...(draw.happens(0.5) ? { collection: 'new' } : {}),
  })
