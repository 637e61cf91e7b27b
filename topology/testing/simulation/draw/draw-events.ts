/**
 * Draws the events of one spout: its options say where a record carries project, collection, time and the client's own id,
 * and each of them is there in every way that the options allow, or missing.
 */
import { parseTime, timeOfNumber } from '../../../model/event-time.ts'
import type { JsonValue } from '../../../model/json.ts'
import { type Path, parsePath, valueAt } from '../../../model/path.ts'
import { type Partition, partition as toPartition } from '../../../model/position.ts'
import { isDedupe, type LogOptions, type Source, type SpoutNode, type Topology } from '../../../model/topology.ts'
import { partitionOf } from '../../../spouts/partition-of.ts'
import type { Draw } from './draw.ts'
import { DrawBodies, type OpenBody, putAt } from './draw-bodies.ts'
import type { DrawContext, DrawnRecord } from './draw-context.ts'
import { DrawNames } from './draw-names.ts'
import { drawPoison } from './draw-poison.ts'
import { DrawTimes, timeText } from './draw-times.ts'
import type { DrawWords } from './draw-words.ts'

/** A record while it is put together. */
interface Draft {
  key: string | null
  readonly headers: [name: string, value: string][]
  readonly body: OpenBody
}

const tokenPath = ['keen', 'uniqueness_token']
// Few, so that they repeat.
const clientIds = ['c0', 'c1', 'c2', 'c3', 4]
const tokens: readonly JsonValue[] = ['t0', 't0', 't1', 't2', 't3', 't4', 3, '']

export class DrawEvents {
  readonly names: DrawNames
  readonly times: DrawTimes
  readonly bodies: DrawBodies
  readonly #spout: SpoutNode
  readonly #tokenPaths: readonly Path[]
  /** Few such events fill a fetch, an epoch and a part of an object. */
  readonly #fill: string | undefined
  readonly #chances: {
    readonly time: number
    readonly clientId: number
    readonly token: number
    readonly keyed: number
  }

  /** `draw`: of the history, which is the same for all its events. */
  constructor(draw: Draw, topology: Topology, spout: SpoutNode, words: DrawWords, startMs: number) {
    this.#spout = spout
    this.names = new DrawNames(draw, words)
    this.times = new DrawTimes(draw, startMs)
    this.bodies = new DrawBodies(draw, words)
    const paths = topology.bolts.flatMap(({ operator }) => (isDedupe(operator) ? [operator.path] : []))
    this.#tokenPaths = paths.length > 0 ? paths : draw.happens(0.2) ? [tokenPath] : []
    const hasObjects = topology.sinks.some(({ sink }) => sink.sinkKind === 'objects')
    this.#fill = draw.happens(hasObjects ? 0.1 : 0.03) ? 'x'.repeat(draw.between(15_000, 40_000)) : undefined
    const asksClient = spout.options.clientId !== undefined || spout.options.tombstones === 'delete'
    this.#chances = {
      time: draw.of([0, 0.5, 0.9]),
      clientId: draw.of(asksClient ? [0.5, 1] : [0, 0.3]),
      token: draw.of([0.4, 0.9]),
      keyed: draw.of([0, 0.8, 1]),
    }
  }

  event(draw: Draw, context: DrawContext): DrawnRecord {
    const { options } = this.#spout
    const draft: Draft = { key: null, headers: [], body: this.bodies.body(draw) }
    for (const path of this.#tokenPaths) if (draw.happens(this.#chances.token)) putAt(draft.body, path, draw.of(tokens))
    if (this.#fill !== undefined && draw.happens(0.8)) putAt(draft.body, ['fill'], this.#fill)
    const clientId = draw.happens(this.#chances.clientId) ? this.#giveClientId(draw, draft) : this.#ownClientId(draft)
    const timeMs = draw.happens(this.#chances.time) ? this.#giveTime(draw, draft) : this.#ownTimeMs(draft)
    const collection = this.#giveCollection(draw, draft)
    const project = this.#giveProject(draw, draft)
    const key = options.tombstones === 'delete' ? (clientId ?? null) : project
    if (draw.happens(this.#chances.keyed) && !this.#isNamedByKey(draft)) draft.key ??= key
    // White space within a body is the producer's own.
    const value = new TextEncoder().encode(JSON.stringify(draft.body, null, draw.happens(0.03) ? 1 : 0))
    const drawn = { kind: 'event', project, collection, timeMs, clientId, body: draft.body } as const
    return { key: draft.key, headers: draft.headers, value, partition: this.#place(draw, draft.key, context), drawn }
  }

  poison(draw: Draw, context: DrawContext): DrawnRecord {
    const poison = drawPoison(draw, this.#spout.options)
    const names: readonly (readonly [string, string])[] = [['project', this.names.project(draw)]]
    return {
      key: null,
      headers: [...names, ...poison.headers],
      value: poison.value,
      partition: this.#place(draw, null, context),
      drawn: { kind: 'poison', class: poison.class },
    }
  }

  /** A null value, which deletes the events of the client id that is its key. */
  tombstone(draw: Draw, context: DrawContext): DrawnRecord {
    const draft: Draft = { key: null, headers: [], body: {} }
    const collection = this.#giveCollection(draw, draft)
    const project = this.#giveProject(draw, draft)
    const key = (this.#isNamedByKey(draft) ? draft.key : null) ?? String(draw.of(clientIds))
    const filters = [{ property_name: 'keen.client_id', operator: 'eq', property_value: key }]
    const id = `tombstone ${context.appended.length}`
    const drawn = {
      kind: 'delete',
      class: 'tombstone',
      request: { id, project, collection, filters },
      missing: [],
    } as const
    return { key, headers: draft.headers, value: null, partition: this.#place(draw, key, context), drawn }
  }

  /** Records of a key are together, as producers have it; now and then one is not. */
  #place(draw: Draw, key: string | null, { partitions }: DrawContext): Partition {
    if (key !== null && !draw.happens(0.1)) return partitionOf(key, partitions)
    return toPartition(draw.skewed(partitions))
  }

  /** Whether a key would say the project. */
  #isNamedByKey(draft: Draft): boolean {
    const { project: source = this.#spout.options.tenant } = this.#spout.options
    if (source === undefined) return !draft.headers.some((header) => header[0] === 'project')
    return typeof source !== 'string' && 'key' in source
  }

  #giveProject(draw: Draw, draft: Draft): string {
    const { project: source = this.#spout.options.tenant } = this.#spout.options
    const project = this.names.project(draw)
    if (source !== undefined) return give(draw, draft, source, project, 'default')
    if (draw.happens(0.7)) draft.headers.push(['project', project])
    else if (draw.happens(0.8)) draft.key = project
    else return 'default'
    return project
  }

  #giveCollection(draw: Draw, draft: Draft): string {
    const { collection: source = { header: 'collection' } } = this.#spout.options
    // A log is called as its spout.
    return give(draw, draft, source, this.names.collection(draw), this.#spout.name)
  }

  #giveTime(draw: Draw, draft: Draft): number {
    const timeMs = this.times.timeMs(draw)
    const own = timePathOf(this.#spout.options)
    if (own !== undefined && draw.happens(0.8)) {
      const isSeconds = own.unit === 's'
      const atMs = isSeconds ? Math.floor(timeMs / 1_000) * 1_000 : timeMs
      putAt(draft.body, own.path, own.unit === undefined ? timeText(draw, atMs) : isSeconds ? atMs / 1_000 : atMs)
      return atMs
    }
    // An event of the user's may have a time of its own there, which would go first.
    if (own !== undefined) putAt(draft.body, own.path, null)
    if (draw.happens(0.3)) draft.headers.push(['spillway-time', timeText(draw, timeMs)])
    else putAt(draft.body, ['keen', 'timestamp'], timeText(draw, timeMs))
    return timeMs
  }

  /** Of an event of the user's that has a time and keeps it. */
  #ownTimeMs({ body }: Draft): number | undefined {
    const own = timePathOf(this.#spout.options)
    const value = own === undefined ? undefined : valueAt(body, own.path)
    if (own !== undefined && typeof value === 'number') return timeOfNumber(value, own.unit ?? 'ms')
    const written = typeof value === 'string' ? value : valueAt(body, ['keen', 'timestamp'])
    return typeof written === 'string' ? parseTime(written) : undefined
  }

  #ownClientId({ body }: Draft): string | undefined {
    const path = parsePath(this.#spout.options.clientId ?? '')
    const value = path === undefined ? undefined : valueAt(body, path)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }

  #giveClientId(draw: Draw, draft: Draft): string {
    const id = draw.of(clientIds)
    const path = this.#spout.options.clientId === undefined ? undefined : parsePath(this.#spout.options.clientId)
    if (path !== undefined && draw.happens(0.7)) putAt(draft.body, path, id)
    else draft.headers.push(['spillway-id', String(id)])
    return String(id)
  }
}

/** Puts a name where a source looks for it, or leaves it out; gives what the spout then reads. */
const give = (draw: Draw, draft: Draft, source: Source, name: string, absent: string): string => {
  if (typeof source === 'string') return source
  const isGiven = draw.happens(0.95)
  if ('header' in source) {
    if (isGiven) draft.headers.push([source.header, name])
    return isGiven ? name : absent
  }
  if ('key' in source) {
    if (isGiven) draft.key = name
    return isGiven ? name : absent
  }
  const path = parsePath(source.path)
  if (path === undefined) return absent
  // Names that are numbers are read by their digits.
  putAt(draft.body, path, isGiven ? (/^[1-9]\d{0,8}$/.test(name) ? Number(name) : name) : null)
  return isGiven ? name : absent
}

const timePathOf = ({
  time,
}: LogOptions): { readonly path: Path; readonly unit: 'ms' | 's' | undefined } | undefined => {
  if (time === undefined) return undefined
  const { path: written, unit } = typeof time === 'string' ? { path: time, unit: undefined } : time
  const path = parsePath(written)
  return path === undefined ? undefined : { path, unit }
}
