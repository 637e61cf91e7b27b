/** What is said of processes that have stopped telling where they are: killed, or behind a store that is slow. */
import { formatDuration } from './text-table.ts'

export const silenceText = (toldAtMs: number, nowMs: number): string =>
  `no process has told anything for ${formatDuration(Math.max(0, nowMs - toldAtMs))}`
