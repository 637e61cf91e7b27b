/**
 * Tells beside the rows, every second, where the lanes of this process are and what it waits for, so that `status` sees it
 * from anywhere. For people only: what fails is left out, and the next second tells more.
 */
import { endRunPositions, findRunRow, type RunProcess, writeRunPositions } from '../sinks/rows/run-positions.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle } from './model/run-handle.ts'
import { publishedSnapshot } from './observe/published-snapshot.ts'

const publishEveryMs = 1_000

/** Whoever watches the run looks where log and lanes are; here it is only told. */
export type PublishedRun = Pick<RunHandle, 'status' | 'ended' | 'snapshot'>

/** Until the run ends; never rejects. `named` hears under which name. */
export const publishRun = async (
  run: PublishedRun,
  rows: RowStore,
  writer: RunProcess,
  clock: Clock,
  named: (name: string) => void = () => undefined,
): Promise<void> => {
  const end = new AbortController()
  void run.ended.then(() => end.abort())
  let name: string | undefined
  while (!end.signal.aborted) {
    name = (await publish(run, rows, writer, clock, name).catch(() => undefined)) ?? name
    if (name !== undefined) named(name)
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
  const snapshot = run.snapshot()
  const told = snapshot === undefined ? undefined : publishedSnapshot({ ...snapshot, process: name })
  const { process } = writer
  await writeRunPositions(rows, topology, name, { process, lanes, waitingFor, nowMs: clock.nowMs(), snapshot: told })
  return name
}
