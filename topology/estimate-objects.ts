/**
 * What a run would write to its archive in an hour, from the newest records of a few partitions: asked before it begins, so
 * that the cost of a log without keys is noticed before the bill. Reads little and changes nothing.
 */
import { objectsPerHour } from './declare/objects-per-hour.ts'
import { planSpout } from './declare/plan-spout.ts'
import { knobValue } from './model/knobs.ts'
import { objectErrors } from './model/object-errors.ts'
import type { EventLog } from './model/ports/event-log.ts'
import { offset, partition as toPartition } from './model/position.ts'
import { SpillwayError } from './model/spillway-error.ts'
import type { SinkNode, SpoutNode, Topology } from './model/topology.ts'
import { openSchemas } from './open-schemas.ts'
import { createDecoder } from './spouts/decode/create-decoder.ts'

export interface ObjectsEstimate {
  readonly sink: string
  readonly partitions: number
  readonly perHour: number
}

export interface EstimateSources {
  /** As a run has them. */
  readonly logs: Readonly<Record<string, EventLog>>
  readonly knobs?: Readonly<Record<string, number | string>>
  /** Path of the topology file. */
  readonly file?: string
}

// Of a topic with more partitions some are asked; records of one topic are spread alike.
const sampledMax = 8
const recordsMax = 4_000
const sampleBytes = 1_048_576

/** Of each archive; what too little is known of is left out. */
export const estimateObjects = async (
  topology: Topology,
  sources: EstimateSources,
): Promise<readonly ObjectsEstimate[]> => {
  const archives = topology.sinks.filter(({ sink }) => sink.sinkKind === 'objects')
  if (archives.length === 0) return []
  const schemas = await openSchemas(topology, sources.file)
  const found = new Map<string, ObjectsEstimate>()
  for (const spout of topology.spouts) {
    const fed = new Set(planSpout(topology, spout.name).sinks.map(({ name }) => name))
    const sinks = archives.filter(({ name }) => fed.has(name))
    const log = sources.logs[spout.name] ?? sources.logs['default']
    if (sinks.length === 0 || log === undefined) continue
    const read = createDecoder({ spout: spout.options, topic: log.topic, wanted, schemas: schemas.get(spout.name) })
    for (const [sink, perHour] of await estimateSpout({ spout, sinks, log, read }, sources)) {
      const before = found.get(sink)
      const partitions = log.partitions + (before?.partitions ?? 0)
      found.set(sink, { sink, partitions, perHour: perHour + (before?.perHour ?? 0) })
    }
  }
  return [...found.values()]
}

const wanted = { paths: [], shapes: false }

/** What cannot be estimated now is no reason against a run, which tells by itself what is wrong. */
const estimateIfPossible = async (
  topology: Topology,
  sources: EstimateSources,
): Promise<readonly ObjectsEstimate[]> => {
  try {
    return await estimateObjects(topology, sources)
  } catch (error) {
    if (error instanceof SpillwayError) return []
    throw error
  }
}

/** Throws `objectsTooMany` for the archive that would write the most above `objects.perHour`. */
export const checkObjectsPerHour = async (topology: Topology, sources: EstimateSources): Promise<void> => {
  const limit = knobValue('objects.perHour', sources.knobs)
  const [most] = [...(await estimateIfPossible(topology, sources))].sort((left, right) => right.perHour - left.perHour)
  if (most !== undefined && most.perHour > limit) throw objectErrors.objectsTooMany({ ...most, limit })
}

interface Archived {
  readonly spout: SpoutNode
  readonly sinks: readonly SinkNode[]
  readonly log: EventLog
  readonly read: ReturnType<typeof createDecoder>
}

const estimateSpout = async (
  { sinks, log, read }: Archived,
  { knobs }: EstimateSources,
): Promise<ReadonlyMap<string, number>> => {
  const count = Math.min(sampledMax, log.partitions)
  const places = Array.from({ length: count }, (_, index) => Math.floor((index * log.partitions) / count))
  const samples = await Promise.all(places.map((place) => sampleOf(log, read, place)))
  const perSink = sinks.flatMap(({ name, sink }): readonly (readonly [string, number])[] => {
    const ageMs = knobValue('objects.ageMs', knobs, sink.knobs)
    const known = samples.flatMap((sample) => objectsPerHour(sample, ageMs) ?? [])
    const mean = known.reduce((sum, one) => sum + one, 0) / known.length
    return known.length === 0 ? [] : [[name, Math.round(mean * log.partitions)]]
  })
  return new Map(perSink)
}

const sampleOf = async (
  log: EventLog,
  read: Archived['read'],
  place: number,
): Promise<{ readonly outputs: readonly string[]; readonly timesMs: readonly number[] }> => {
  const partition = toPartition(place)
  const { start, end } = await log.bounds(partition)
  const from = offset(Math.max(start, end - recordsMax))
  if (from === end) return { outputs: [], timesMs: [] }
  const batch = await log.fetch(partition, from, { maxBytes: sampleBytes, waitMs: 0 })
  await read.prepare?.(batch)
  const { events } = read.decode(batch)
  const [projects, collections] = [events.projects(), events.collections()]
  const outputs = Array.from({ length: events.length }, (_, index) =>
    JSON.stringify([projects[index], collections[index]]),
  )
  return { outputs, timesMs: Array.from(events.appendTimesMs).slice(0, events.length) }
}
