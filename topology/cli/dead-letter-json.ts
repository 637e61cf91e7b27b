/** A dead letter as `--json` shows it: what the list and a single letter have in common. */
import { type DeadLetter, everySink } from '../../sinks/rows/dead-letters.ts'
import { formatTime } from '../model/event-time.ts'

export const deadLetterJson = (letter: DeadLetter): { readonly [name: string]: string | number | null } => ({
  topology: letter.topology,
  topic: letter.topic,
  spout: letter.spout,
  partition: letter.partition,
  offset: letter.offset,
  sink: letter.sink === everySink ? null : letter.sink,
  project: letter.project ?? null,
  cause: letter.cause,
  message: letter.message,
  attempts: letter.attempts,
  at: formatTime(letter.atMs),
  redriven_at: letter.redrivenAtMs === undefined ? null : formatTime(letter.redrivenAtMs),
})
