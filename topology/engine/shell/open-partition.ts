/**
 * Opens a partition for this process: its document, which whoever comes first creates, and a runner, which is started.
 * Also the one look at all documents before anything runs: a run that is impossible is refused as a whole.
 */
import { errors } from '../../model/errors.ts'
import { parseTime } from '../../model/event-time.ts'
import type { EngineParts } from './engine-parts.ts'
import { lookUpLaneBases, openDocument } from './open-document.ts'
import type { OpenPartition, PartitionPlace } from './owned-partitions.ts'
import { checkFingerprints, PartitionDesk } from './partition-desk.ts'
import type { OpenLanes } from './partition-lanes.ts'
import { persist } from './persist.ts'

/** `untilCaughtUp`: each partition is read up to the end that was seen at the start of the run. */
export const partitionOpener = (parts: EngineParts, untilCaughtUp: boolean, openLanes: OpenLanes): OpenPartition => {
  const laneBase = lookUpLaneBases(parts)
  return async (place, host, opened) => {
    const { plan, log, partition } = place
    const startAt = (): Promise<number> => startOffset(parts, host.signal, place)
    const target = untilCaughtUp ? place.end : Number.POSITIVE_INFINITY
    const at = { plan, log, partition, target }
    const desk = await PartitionDesk.open(parts, host, at, { startAt, laneBase }, openLanes)
    opened(desk)
    checkFingerprints(plan, desk.doc)
    await desk.start()
  }
}

/**
 * Throws `logChanged` or `sinkChanged` (stop) where a document belongs to another log or to other sinks. Creates the
 * first document of each spout, in order: so processes that begin together number their lanes alike.
 */
export const checkDocuments = async (
  parts: EngineParts,
  signal: AbortSignal,
  places: readonly PartitionPlace[],
): Promise<void> => {
  const { ledger } = parts.resources
  await Promise.all(
    places.map(async ({ plan, log, partition }) => {
      const key = { topology: parts.topology.name, spout: plan.spout.name, partition }
      const doc = await persist(parts, 'ledger', signal, () => ledger.read(key))
      if (doc === undefined) return
      if (doc.log !== log.id) throw errors.logChanged({ topology: key.topology, expected: doc.log, found: log.id })
      checkFingerprints(plan, doc)
    }),
  )
  for (const place of places.filter(({ partition }) => partition === 0)) {
    const key = { topology: parts.topology.name, spout: place.plan.spout.name, partition: place.partition }
    const startAt = (): Promise<number> => startOffset(parts, signal, place)
    await openDocument(parts, signal, place.log, key, { startAt, laneBase: lookUpLaneBases(parts) })
  }
}

/** Where a topology that has no position yet begins. */
const startOffset = async (
  parts: EngineParts,
  signal: AbortSignal,
  { plan, log, partition }: PartitionPlace,
): Promise<number> => {
  const from = plan.spout.options.from ?? 'earliest'
  const { start, end } = await persist(parts, 'log', signal, () => log.bounds(partition))
  if (from === 'earliest') return start
  if (from === 'latest') return end
  const timeMs = parseTime(from)
  if (timeMs === undefined)
    throw errors.badConfiguration({ problem: `from: ${JSON.stringify(from)} is neither earliest, latest nor a time` })
  return persist(parts, 'log', signal, () => log.offsetAt(partition, timeMs))
}
