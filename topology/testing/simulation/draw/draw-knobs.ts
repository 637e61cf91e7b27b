/** Knobs of a history: the lowest bounds that the table of knobs allows, so that few records make many epochs. */
import { knobs } from '../../../model/knobs.ts'
import type { Draw } from './draw.ts'

/** Times of the bound, by knob; the first is drawn in every second history. What is not here stays as it is. */
const steps: Readonly<Record<string, readonly number[]>> = {
  'batch.records': [1, 2, 3, 4, 500],
  'ledger.tickMs': [1, 1, 2, 10],
  'epoch.ageMs': [1, 2, 5, 20],
  'epoch.schemaMs': [1, 3],
  'epoch.records': [1],
  'epoch.bytes': [1],
  'fetch.waitMs': [1, 20],
  'fetch.partitionBytes': [1],
  'objects.ageMs': [1, 4],
  'objects.idleMs': [1, 3],
  'objects.targetBytes': [1, 2],
  'objects.epochBytes': [1],
  'objects.inFlightRequests': [1, 2, 16],
  'rows.batchBytes': [1, 96],
  'retry.firstMs': [1, 50],
  'retry.maxMs': [1, 10],
  'delete.epochMs': [1, 10],
  // So small that the engine cuts its lanes by itself.
  'catchUp.afterMs': [1, 1, 1, 2],
  'catchUp.perPartitionRanges': [1, 2, 4],
  'backlog.probeMs': [1, 5],
  'tenant.windowMs': [1, 10],
  'tenant.burstEvents': [1, 5, 1_000],
  'tenant.shareRatio': [1, 25, 100],
  'worker.heartbeatMs': [2, 10, 20],
  // Processes die here for no reason: no record is to blame.
  'poison.attempts': [10],
  'worker.callMs': [20, 100],
  'lane.inFlightBytes': [1, 128],
  'fetch.totalBytes': [1, 16],
}

/** Those whose lowest bound is 0. */
const waits: Readonly<Record<string, readonly number[]>> = {
  'delete.coalesceMs': [0, 50, 100, 150, 500],
  'delete.rewriteMs': [0, 100, 200, 1_000],
  'backlog.activeLanes': [0, 1, 3],
  'backlog.recordsPerSecond': [0, 0, 20],
  'fetch.backlogBytesPerSecond': [0, 0, 20_000],
  'start.rampMs': [0, 1_000],
  'tenant.eventsPerSecond': [0, 1, 1, 5],
}

export const drawKnobs = (draw: Draw): Readonly<Record<string, number>> => {
  const drawn: Record<string, number> = {}
  for (const [name, times] of Object.entries(steps)) {
    const factor = draw.happens(0.5) ? times[0]! : draw.of(times)
    drawn[name] = knobs.get(name)!.min * factor
  }
  for (const [name, values] of Object.entries(waits)) drawn[name] = draw.of(values)
  return drawn
}
