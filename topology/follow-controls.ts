/**
 * Does in a running process what people have asked for in the control table, from any machine that reaches the rows: it
 * is read every second, until the run ends. Only changes of when work is done; what it gives stays a function of the log.
 */
import { readControls } from '../sinks/rows/controls.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle } from './model/run-handle.ts'

// A pause acts within a second: the row is read a little more often.
const readEveryMs = 900

export const pausedDelete = 'paused'

/** What cannot be read is left out: the next reading tells. */
export const followControls = async (
  run: Pick<RunHandle, 'pauseDelete' | 'resumeDelete' | 'ended'>,
  topology: string,
  rows: RowStore,
  clock: Clock,
): Promise<void> => {
  const end = new AbortController()
  void run.ended.then(() => end.abort())
  while (!end.signal.aborted) {
    for (const { name, value } of await readControls(rows, topology, 'delete').catch(() => [])) {
      if (value === pausedDelete) run.pauseDelete(name)
      else run.resumeDelete(name)
    }
    await clock.sleep(readEveryMs, end.signal)
  }
}
