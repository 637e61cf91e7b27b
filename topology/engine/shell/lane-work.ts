/** The work that a lane and its cursor do, measured: fetches, folding a share, waiting for buffers, writing an epoch. */
import type { LaneClass } from '../../model/lane-permit.ts'
import type { TenantScope } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Offset } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { projectOf } from '../../model/spillway-error.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { laneClassOf } from '../lane-class.ts'
import type { LaneEpoch, Share } from './lane-epoch.ts'
import { declaredEpoch } from './lane-proposals.ts'
import type { LaneRunner } from './lane-runner.ts'
import { metered } from './metered.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

type Written = Awaited<ReturnType<LaneEpoch['effects']['write']>>

export const classOf = ({ ledger }: Pick<PartitionContext, 'ledger'>, lane: Pick<LaneRunner, 'state'>): LaneClass =>
  laneClassOf(ledger.doc, lane.state)

// So many bytes are worth a fetch, or a quarter of what it may bring.
const gatheredBytes = 65_536

/** Whether a fetch has brought little, and so all that there was: it may have waited for it at the end of the log. */
export const isFromHead = (
  { byteLength }: Pick<RecordBatch, 'byteLength'>,
  { maxBytes, minBytes = 1 }: Pick<Parameters<EventLog['fetch']>[2], 'maxBytes' | 'minBytes'>,
): boolean => byteLength < Math.max(Math.min(gatheredBytes, maxBytes / 4), 2 * minBytes)

/** Fetches for the lanes of a cursor, again and again until the log answers. */
export const fetchForLanes = (
  { parts, log, partition, signal }: PartitionContext,
  workClass: LaneClass,
  from: Offset,
  options: Parameters<EventLog['fetch']>[2],
): Promise<RecordBatch> => {
  const about = {
    stage: 'fetch',
    name: log.topic,
    workClass,
    what: `${log.topic}/${partition} from ${from}`,
    partition,
    // Who waits at the end of the log waits for the world.
    sizeOf: (batch: RecordBatch) => {
      if (batch.records.length === 0) return undefined
      const idleMs = isFromHead(batch, options) ? options.waitMs : 0
      return { records: batch.records.length, bytes: batch.byteLength, idleMs }
    },
  } as const
  return persist(parts, `log ${log.topic}`, signal, () =>
    metered(parts.meters, about, () => log.fetch(partition, from, options)),
  )
}

/** Folds a share into an open epoch. Where a state operator does it, the time is its bolt's. */
export const foldShare = (
  context: PartitionContext,
  { name, operatorBolt }: PlannedSink,
  lane: Pick<LaneRunner, 'state' | 'meter' | 'gate'>,
  epoch: LaneEpoch,
  share: Share,
): void => {
  const { clock, meters } = context.parts
  lane.meter.took(share)
  lane.gate.took(share.counters.received, clock.nowMs(), share.to - share.from)
  if (meters === undefined) {
    epoch.add(share, clock.nowMs())
    return
  }
  const stage = operatorBolt === undefined ? 'settle' : 'bolt'
  const meter = meters.stage(stage, operatorBolt ?? name, classOf(context, lane))
  const beganMs = meters.stopwatch()
  try {
    epoch.add(share, clock.nowMs())
  } catch (error) {
    meter.failed(error, meters.stopwatch() - beganMs, 0)
    throw error
  }
  const cpuMs = meters.stopwatch() - beganMs
  meter.ended(share.counters.received, share.bytes, cpuMs, 0)
  share.charge?.(cpuMs)
}

/** Waits until the buffers of a lane's sink take more; most have nothing to wait for. */
export const settleLane = async (context: PartitionContext, lane: LaneRunner): Promise<void> => {
  const { parts, signal, partition } = context
  const { name } = lane.node
  const what = `sink ${name}`
  await persist(parts, what, signal, async () => {
    const settling = lane.settle()
    if (settling === undefined) return
    const place = { what: `buffers of ${name}/${partition}`, partition, lane: lane.id }
    await metered(parts.meters, { stage: 'settle', name, workClass: classOf(context, lane), ...place }, () => settling)
  })
}

/** Of a lane of one tenant alone. */
const onlyTenantOf = (tenants: TenantScope): string | undefined =>
  tenants.kind === 'only' && tenants.names.length === 1 ? tenants.names[0] : undefined

/** Makes the effects of a declared epoch durable, again and again until they are. */
export const writeEpoch = (
  context: PartitionContext,
  node: PlannedSink,
  lane: Pick<LaneRunner, 'state' | 'id' | 'meter'>,
  closing: LaneEpoch,
): Promise<Written> => {
  const { parts, signal, partition } = context
  const epoch = declaredEpoch(context, node, { id: lane.id, slot: lane.state.slot }, closing)
  const workClass = classOf(context, lane)
  const about = {
    stage: 'write',
    name: node.name,
    workClass,
    what: () => `epoch [${closing.from}, ${closing.to}) of ${node.name}/${partition}`,
    partition,
    lane: lane.id,
    tenant: onlyTenantOf(lane.state.tenants),
    sizeOf: () => ({ records: closing.counters.received, bytes: closing.bytes }),
  } as const
  return persist(parts, `sink ${node.name}`, signal, async () => {
    try {
      const written = await metered(parts.meters, about, () =>
        closing.effects.write(epoch, signal, workClass === 'live'),
      )
      lane.meter.tried(undefined)
      return written
    } catch (error) {
      lane.meter.tried(projectOf(error))
      throw error
    }
  })
}
