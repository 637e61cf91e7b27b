/**
 * Tells beside the rows, every second, where the lanes of this process are and what it waits for, so that `status` sees it
 * from anywhere. For people only: what fails is left out, and the next second tells more.
 */
import { endRunPositions, findRunRow, type RunProcess, writeRunPositions } from '../sinks/rows/run-positions.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle } from './model/run-handle.ts'

const publishEveryMs = 1_000

export interface PublishedRun extends Pick<RunHandle, 'status' | 'ended'> {
  /** Looks where log and lanes are now. */
  refresh(): Promise<void>
}

/** Until the run ends; never rejects. A log that does not answer is looked at for as long as it takes, and what is known is told. */
export const publishRun = async (
  run: PublishedRun,
  rows: RowStore,
  writer: RunProcess,
  clock: Clock,
): Promise<void> => {
  const end = new AbortController()
  void run.ended.then(() => end.abort())
  let looking: Promise<void> | undefined
  let name: string | undefined
  while (!end.signal.aborted) {
    looking ??= run
      .refresh()
      .catch(() => undefined)
      .finally(() => {
        looking = undefined
      })
    await Promise.race([looking, clock.sleep(publishEveryMs, end.signal)])
    if (end.signal.aborted) break
    name = (await publish(run, rows, writer, clock, name).catch(() => undefined)) ?? name
    await clock.sleep(publishEveryMs, end.signal)
  }
  if (name === undefined) return
  // The rows may be closed already: then its silence tells.
  const told = { process: writer.process, nowMs: clock.nowMs() }
  await endRunPositions(rows, run.status().topology, name, told).catch(() => undefined)
}

/** Two that have taken the same row at once part with the next second: the one written over finds it taken. */
const publish = async (
  run: PublishedRun,
  rows: RowStore,
  writer: RunProcess,
  clock: Clock,
  last: string | undefined,
): Promise<string> => {
  const { topology, lanes, waitingFor } = run.status()
  const name = await findRunRow(rows, topology, writer, clock.nowMs(), last)
  await writeRunPositions(rows, topology, name, { process: writer.process, lanes, waitingFor, nowMs: clock.nowMs() })
  return name
}
