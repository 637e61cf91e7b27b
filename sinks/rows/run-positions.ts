/**
 * Where the lanes of a running process have read to: written beside the rows every second, so that `status` can tell
 * lag (not yet read) from held (read, not yet durable). For people only: nothing that decides content reads it.
 */
import type { RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { LaneStatus } from '../../topology/model/run-handle.ts'

export const runPositionsTable: TableSpec = {
  name: 'spillway_runs',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [{ name: 'host', type: 'text' }],
  columns: [
    { name: 'written_at', type: 'integer' },
    { name: 'positions', type: 'text' },
  ],
}

/** Positions older than this are of a process that has stopped or hangs, ms: five missed writes. */
export const freshPositionsMs = 5_000

/** Position by `laneKey`. */
export type LanePositions = Readonly<Record<string, number>>

export const laneKey = (spout: string, partition: number, lane: number): string => `${spout}/${partition}/${lane}`

export const writeRunPositions = async (
  rows: RowStore,
  topology: string,
  host: string,
  lanes: readonly LaneStatus[],
  nowMs: number,
): Promise<void> => {
  const positions = Object.fromEntries(lanes.map((one) => [laneKey(one.spout, one.partition, one.lane), one.position]))
  await rows.write(runPositionsTable, [[topology, host, nowMs, JSON.stringify(positions)]], Math.max(0, nowMs))
}

/** Positions of all processes that have told theirs within the last seconds. */
export const readRunPositions = async (rows: RowStore, topology: string, nowMs: number): Promise<LanePositions> => {
  const found: Record<string, number> = {}
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] })) {
    for (const [, , writtenAt, positions] of page) {
      if (typeof positions !== 'string' || nowMs - Number(writtenAt) > freshPositionsMs) continue
      const told: LanePositions = JSON.parse(positions)
      Object.assign(found, told)
    }
  }
  return found
}
