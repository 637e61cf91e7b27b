/**
 * Where the lanes of running processes have read to, and what they wait for: each process writes a row of its own beside
 * the rows every second, so that `status` can tell lag (not yet read) from held (read, not yet durable). For people only:
 * nothing that decides content reads it.
 *
 * A row is found by host and a small number, taken anew when its last writer has been silent for a while: however often
 * processes come and go, there are no more rows than ran at once.
 */
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { LaneStatus, WaitingFor } from '../../topology/model/run-handle.ts'
import { type RunSnapshot, snapshotFormat } from '../../topology/model/run-snapshot.ts'

export const runPositionsTable: TableSpec = {
  name: 'spillway_runs',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [{ name: 'host', type: 'text' }],
  columns: [
    { name: 'written_at', type: 'integer' },
    { name: 'positions', type: 'text' },
    { name: 'process', type: 'text' },
    { name: 'waiting_for', type: 'text' },
    { name: 'snapshot', type: 'text' },
  ],
}

/** Rows older than this are of a process that was killed or hangs, ms: a slow store makes a few seconds of every write. */
export const freshPositionsMs = 15_000

// Of a process that has said that it ends.
const overMs = -1

/** Position by `laneKey`. */
export type LanePositions = Readonly<Record<string, number>>

export const laneKey = (spout: string, partition: number, lane: number): string => `${spout}/${partition}/${lane}`

/** Who writes: the host's name, and a text that no other process there has. */
export interface RunProcess {
  readonly host: string
  readonly process: string
}

/**
 * The row of this process: the one that it has, else the first of its host that nobody writes any more. `last`: the one
 * that it had; where that is still its own, nobody else's is read.
 */
export const findRunRow = async (
  rows: RowStore,
  topology: string,
  { host, process }: RunProcess,
  nowMs: number,
  last?: string,
): Promise<string> => {
  const [own] = last === undefined ? [] : await rows.read(runPositionsTable, [[topology, last]])
  if (last !== undefined && own?.[4] === process) return last
  const taken = new Set<string>()
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] })) {
    for (const row of page) {
      const [name, writer] = [String(row[1]), row[4]]
      if (writer === process) return name
      if (isFresh(row, nowMs)) taken.add(name)
    }
  }
  for (let number = 1; ; number++) if (!taken.has(`${host}#${number}`)) return `${host}#${number}`
}

export interface RunReport {
  readonly process: string
  readonly lanes: readonly LaneStatus[]
  readonly waitingFor: readonly WaitingFor[]
  readonly nowMs: number
  /** Absent: nobody watches the run. */
  readonly snapshot?: RunSnapshot | undefined
}

export const writeRunPositions = async (
  rows: RowStore,
  topology: string,
  name: string,
  { process, lanes, waitingFor, nowMs, snapshot }: RunReport,
): Promise<void> => {
  const positions = Object.fromEntries(lanes.map((one) => [laneKey(one.spout, one.partition, one.lane), one.position]))
  const row: Row = [
    topology,
    name,
    nowMs,
    JSON.stringify(positions),
    process,
    JSON.stringify(waitingFor),
    snapshot === undefined ? null : JSON.stringify(snapshot),
  ]
  await rows.write(runPositionsTable, [row], Math.max(0, nowMs))
}

/** Says that the process ends: nobody waits for its next word, and its row is free. */
export const endRunPositions = async (
  rows: RowStore,
  topology: string,
  name: string,
  { process, nowMs }: Pick<RunReport, 'process' | 'nowMs'>,
): Promise<void> => {
  const row: Row = [topology, name, overMs, '{}', process, '[]', null]
  // Behind a word of the same millisecond.
  await rows.write(runPositionsTable, [row], Math.max(0, nowMs) + 1)
}

/** What all processes that run a topology have told within the last seconds. */
export interface ToldByRuns {
  readonly processes: number
  /** The last word of any that has not ended in order, ms since 1970; absent where there is none. */
  readonly toldAtMs?: number
  readonly positions: LanePositions
  readonly waitingFor: readonly WaitingFor[]
  /** Of those that tell one, in no order. */
  readonly snapshots: readonly RunSnapshot[]
}

export const readRunPositions = async (rows: RowStore, topology: string, nowMs: number): Promise<ToldByRuns> => {
  const positions: Record<string, number> = {}
  const waits = new Map<string, WaitingFor>()
  const snapshots: RunSnapshot[] = []
  let [processes, toldAtMs] = [0, overMs]
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] })) {
    for (const row of page) {
      const [, , , told, , waiting, snapshot] = row
      toldAtMs = Math.max(toldAtMs, Number(row[2]))
      if (typeof told !== 'string' || !isFresh(row, nowMs)) continue
      processes++
      const lanes: LanePositions = JSON.parse(told)
      // A lane changes hands: whoever has read further has it, or will see that it is behind.
      for (const [key, position] of Object.entries(lanes)) positions[key] = Math.max(position, positions[key] ?? 0)
      for (const one of waitsOf(waiting)) addLongest(waits, one)
      if (typeof snapshot === 'string') snapshots.push(...snapshotOf(snapshot))
    }
  }
  return {
    processes,
    positions,
    snapshots,
    waitingFor: [...waits.values()],
    ...(toldAtMs === overMs ? {} : { toldAtMs }),
  }
}

const isFresh = (row: Row, nowMs: number): boolean =>
  Number(row[2]) !== overMs && nowMs - Number(row[2]) <= freshPositionsMs

/** One of another version tells nothing that is understood here. */
const snapshotOf = (text: string): readonly RunSnapshot[] => {
  const snapshot: RunSnapshot = JSON.parse(text)
  return snapshot.format === snapshotFormat ? [snapshot] : []
}

const waitsOf = (cell: Row[number] | undefined): readonly WaitingFor[] =>
  typeof cell === 'string' ? JSON.parse(cell) : []

/** One line for each resource, with the longest wait. */
const addLongest = (waits: Map<string, WaitingFor>, one: WaitingFor): void => {
  const key = `${one.resource} ${one.name}`
  const longest = waits.get(key)
  if (longest === undefined || one.sinceMs < longest.sinceMs) waits.set(key, one)
}
