/**
 * The whole of a log, decoded once by the production decoder, with every delete asked about every event before it: an
 * event is alive if no later request of its partition takes it (PROTOCOL section 5).
 */
import { planSpout } from '../../../declare/plan-spout.ts'
import type { EventBatch, Reject } from '../../../model/decoder.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import { type Offset, partition as toPartition } from '../../../model/position.ts'
import type { LogRecord, RecordBatch } from '../../../model/record.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { Topology } from '../../../model/topology.ts'
import type { AvroSchemas } from '../../../spouts/decode/avro/avro-schemas.ts'
import { createDecoder } from '../../../spouts/decode/create-decoder.ts'
import { isTakenBy, type TrueDelete, trueDelete } from './true-delete.ts'

/** Logs by the name of their spout, or one for all as `default`. */
export type Logs = Readonly<Record<string, EventLog>>

export type Schemas = ReadonlyMap<string, AvroSchemas>

export interface TrueEvent {
  readonly spout: string
  readonly partition: number
  readonly offset: number
  readonly project: string
  readonly collection: string
  readonly timeMs: number
  readonly appendTimeMs: number
  /** `keen.id`. */
  readonly id: string
  /** Place in its batch. */
  readonly index: number
  /** Some later request takes it. */
  readonly isDead: boolean
}

/** One partition of one spout. */
export interface TruePartition {
  readonly plan: SpoutPlan
  readonly partition: number
  readonly log: EventLog
  readonly batch: EventBatch
  readonly events: readonly TrueEvent[]
  readonly deletes: readonly TrueDelete[]
  readonly rejects: readonly Reject[]
}

const plans = new WeakMap<Topology, readonly SpoutPlan[]>()

/** Plans are functions of the topology, and hashing their fingerprints costs more than a small log. */
export const plansOf = (topology: Topology): readonly SpoutPlan[] => {
  let known = plans.get(topology)
  if (known === undefined) {
    known = topology.spouts.map(({ name }) => planSpout(topology, name))
    plans.set(topology, known)
  }
  return known
}

export const logOf = (logs: Logs, spout: string): EventLog => {
  const log = logs[spout] ?? logs['default']
  if (log === undefined) throw new RangeError(`spout ${spout} has no log`)
  return log
}

/** `schemas`: of the spouts whose records are Avro. */
export const readTrueLog = async (
  topology: Topology,
  logs: Logs,
  schemas?: Schemas,
): Promise<readonly TruePartition[]> => {
  const read: TruePartition[] = []
  for (const plan of plansOf(topology)) {
    const log = logOf(logs, plan.spout.name)
    for (let place = 0; place < log.partitions; place++) read.push(await readPartition(plan, log, place, schemas))
  }
  return read
}

const readPartition = async (
  plan: SpoutPlan,
  log: EventLog,
  place: number,
  schemas: Schemas | undefined,
): Promise<TruePartition> => {
  const { name, options } = plan.spout
  // A decoder of its own: its batch stays valid as long as nothing else is decoded by it.
  const decoder = createDecoder({ spout: options, topic: log.topic, wanted: plan.wanted, schemas: schemas?.get(name) })
  const records = await recordsOf(log, place)
  await decoder.prepare?.(records)
  const decoded = decoder.decode(records)
  const deletes = decoded.deletes.map(trueDelete)
  const { events: batch, rejects } = decoded
  const events = Array.from({ length: batch.length }, (_, index) => trueEvent(name, batch, index, deletes))
  return { plan, partition: place, log, batch, events, deletes, rejects }
}

const trueEvent = (spout: string, batch: EventBatch, index: number, deletes: readonly TrueDelete[]): TrueEvent => ({
  spout,
  partition: batch.partition,
  offset: batch.offsets[index]!,
  project: batch.projects()[index]!,
  collection: batch.collections()[index]!,
  timeMs: batch.timesMs()[index]!,
  appendTimeMs: batch.appendTimesMs[index]!,
  id: batch.id(index),
  index,
  isDead: deletes.some((one) => isTakenBy(one, batch, index)),
})

const recordsOf = async (log: EventLog, place: number): Promise<RecordBatch> => {
  const partition = toPartition(place)
  const { start, end } = await log.bounds(partition)
  const records: LogRecord[] = []
  let at: Offset = start
  while (at < end) {
    const batch = await log.fetch(partition, at, { maxBytes: Number.MAX_SAFE_INTEGER, waitMs: 0 })
    for (const record of batch.records) records.push(record)
    if (batch.to <= at)
      throw new Error(`the whole log of partition ${place} gives nothing from ${at} on, and ends at ${end}`)
    at = batch.to
  }
  return { partition, from: start, to: at, records, byteLength: 0 }
}
