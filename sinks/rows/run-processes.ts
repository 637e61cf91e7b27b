/** Which processes run a topology now, and their workers, as they have told beside the rows. For people only. */
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { freshPositionsMs, runPositionsTable } from './run-positions.ts'

export interface RunProcessLine {
  /** `host#1`. */
  readonly name: string
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
  const [host, writtenAt, snapshot] = [indexOf('host'), indexOf('written_at'), indexOf('snapshot')]
  const found: RunProcessLine[] = []
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] })) {
    for (const row of page) {
      const atMs = Number(row[writtenAt])
      if (atMs < 0 || nowMs - atMs > freshPositionsMs) continue
      found.push({ name: String(row[host]), workers: workersIn(row[snapshot]) })
    }
  }
  return found
}

/** The name under which a process has told of itself; `undefined` before it has. */
export const nameOfRunProcess = async (
  rows: RowStore,
  topology: string,
  process: string,
): Promise<string | undefined> => {
  const [host, writer] = [indexOf('host'), indexOf('process')]
  for await (const page of rows.scan(runPositionsTable, { partition: [topology] }))
    for (const row of page) if (row[writer] === process) return String(row[host])
  return undefined
}

const workersIn = (cell: unknown): readonly number[] => {
  const told: unknown = typeof cell === 'string' && cell !== '' ? JSON.parse(cell) : undefined
  if (typeof told !== 'object' || told === null || !('workers' in told) || !Array.isArray(told.workers)) return []
  return told.workers.flatMap(({ worker }: { readonly worker?: unknown }) =>
    typeof worker === 'number' && worker > 0 ? [worker] : [],
  )
}
