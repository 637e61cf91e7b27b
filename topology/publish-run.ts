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
// Others may have taken the same row in the same moment; later only a clock that goes wrong makes somebody take it.
const youngMs = 5_000
const lookEveryMs = 10_000

/** Whoever watches the run looks where log and lanes are; here it is only told. */
export type PublishedRun = Pick<RunHandle, 'status' | 'ended' | 'snapshot'>

/** The row of this process. */
interface OwnRow {
  readonly name: string
  readonly takenAtMs: number
  /** When it was seen to be its own. */
  readonly seenAtMs: number
}

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
  const { topology } = run.status()
  let own: OwnRow | undefined
  while (!end.signal.aborted) {
    own = (await takeRow(rows, topology, writer, clock.nowMs(), own).catch(() => undefined)) ?? own
    if (own !== undefined) {
      await publish(run, rows, writer, clock, own.name).catch(() => undefined)
      named(own.name)
    }
    await clock.sleep(publishEveryMs, end.signal)
  }
  if (own === undefined) return
  // The rows may be closed already: then its silence tells.
  const told = { process: writer.process, nowMs: clock.nowMs() }
  await endRunPositions(rows, topology, own.name, told).catch(() => undefined)
}

/** Two that have taken the same row at once part with the next second: the one written over finds it taken. */
const takeRow = async (
  rows: RowStore,
  topology: string,
  writer: RunProcess,
  nowMs: number,
  own: OwnRow | undefined,
): Promise<OwnRow> => {
  const isYoung = own === undefined || nowMs - own.takenAtMs < youngMs
  if (!isYoung && Math.abs(nowMs - own.seenAtMs) < lookEveryMs) return own
  const name = await findRunRow(rows, topology, writer, nowMs, own?.name)
  return { name, takenAtMs: own?.name === name ? own.takenAtMs : nowMs, seenAtMs: nowMs }
}

const publish = async (
  run: PublishedRun,
  rows: RowStore,
  writer: RunProcess,
  clock: Clock,
  name: string,
): Promise<void> => {
  const { topology, lanes, waitingFor } = run.status()
  const snapshot = run.snapshot()
  const told = snapshot === undefined ? undefined : publishedSnapshot({ ...snapshot, process: name })
  const { process } = writer
  await writeRunPositions(rows, topology, name, { process, lanes, waitingFor, nowMs: clock.nowMs(), snapshot: told })
}
