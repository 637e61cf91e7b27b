/**
 * Tells beside the rows, every second, where the lanes of this process are and what it waits for, so that `status` sees it
 * from anywhere. For people only: what fails is left out, and the next second tells more.
 */
import {
  endRunPositions,
  findRunRow,
  freshPositionsMs,
  type RunProcess,
  writeRunPositions,
} from '../sinks/rows/run-positions.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle } from './model/run-handle.ts'
import { publishedSnapshot } from './observe/published-snapshot.ts'

const publishEveryMs = 1_000
// Others may have taken the same row in the same moment.
const youngMs = 5_000
// Later it is taken from whoever has been silent for so long that nobody takes it for alive; it looks before that.
const lookEveryMs = (freshPositionsMs * 2) / 3

/** Whoever watches the run looks where log and lanes are; here it is only told. */
export type PublishedRun = Pick<RunHandle, 'status' | 'ended' | 'snapshot'>

/** The row that this process has written. */
interface OwnRow {
  readonly name: string
  readonly sinceMs: number
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
  let own: OwnRow | undefined
  while (!end.signal.aborted) {
    own = (await publish(run, rows, writer, clock, own).catch(() => undefined)) ?? own
    if (own !== undefined) named(own.name)
    await clock.sleep(publishEveryMs, end.signal)
  }
  if (own === undefined) return
  // The rows may be closed already: then its silence tells.
  const told = { process: writer.process, nowMs: clock.nowMs() }
  await endRunPositions(rows, run.status().topology, own.name, told).catch(() => undefined)
}

/** Two that have taken the same row at once part with the next second: the one written over finds it taken. */
const publish = async (
  run: PublishedRun,
  rows: RowStore,
  writer: RunProcess,
  clock: Clock,
  own: OwnRow | undefined,
): Promise<OwnRow> => {
  const { topology, lanes, waitingFor } = run.status()
  const seenAtMs = clock.nowMs()
  const isKnown = own !== undefined && !isDoubtful(own, seenAtMs)
  const name = isKnown ? own.name : await findRunRow(rows, topology, writer, seenAtMs, own?.name)
  const snapshot = run.snapshot()
  const told = snapshot === undefined ? undefined : publishedSnapshot({ ...snapshot, process: name })
  const { process } = writer
  const nowMs = clock.nowMs()
  await writeRunPositions(rows, topology, name, { process, lanes, waitingFor, nowMs, snapshot: told })
  if (isKnown) return own
  return { name, sinceMs: own?.name === name ? own.sinceMs : nowMs, seenAtMs }
}

/** A clock may go back. */
const isDoubtful = ({ sinceMs, seenAtMs }: OwnRow, nowMs: number): boolean =>
  Math.abs(nowMs - sinceMs) < youngMs || Math.abs(nowMs - seenAtMs) >= lookEveryMs
