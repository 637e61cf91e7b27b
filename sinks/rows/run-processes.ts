/** Which processes run a topology now, and their workers, as they have told beside the rows. For people only. */
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { freshPositionsMs, runPositionsTable } from './run-positions.ts'

export interface RunProcessLine {
  /** `host#1`. */
  readonly name: string
  /** What tells it from all others, also from one that has its name later. */
  readonly process: string
  /** Numbers of processes that run lanes for it; none where it does so itself. */
  readonly workers: readonly number[]
}

const columns = [...runPositionsTable.partition, ...runPositionsTable.cluster, ...runPositionsTable.columns]
const indexOf = (name: string): number => columns.findIndex((column) => column.name === name)

export const listRunProcesses = async (
  rows: RowStore,
  topology: string,
  nowMs: number,
): Promise<readonly RunProcessLine[]> => {
  const [host, writtenAt, writer, snapshot] = ['host', 'written_at', 'process', 'snapshot'].map(indexOf)
  const found: RunProcessLine[] = []
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] })) {
    for (const row of page) {
      const atMs = Number(row[writtenAt!])
      if (atMs < 0 || nowMs - atMs > freshPositionsMs) continue
      found.push({ name: String(row[host!]), process: String(row[writer!]), workers: workersIn(row[snapshot!]) })
    }
  }
  return found
}

const workersIn = (cell: unknown): readonly number[] => {
  const told: unknown = typeof cell === 'string' && cell !== '' ? JSON.parse(cell) : undefined
  if (typeof told !== 'object' || told === null || !('workers' in told) || !Array.isArray(told.workers)) return []
  return told.workers.flatMap(({ worker }: { readonly worker?: unknown }) =>
    typeof worker === 'number' && worker > 0 ? [worker] : [],
  )
}
