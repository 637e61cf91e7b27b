/** Asks something of whoever runs a topology: one row in the control table, and one in the change log. */
import { type AuditEntry, writeAudit } from '../sinks/rows/audit.ts'
import { writeControl } from '../sinks/rows/controls.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { controlName, controlText, rowOfWish, type Wish } from './standing-controls.ts'

export interface Asking {
  readonly author: string
  readonly reason: string
  readonly nowMs: number
  /** When it is over by itself, ms since 1970. Absent: never. */
  readonly untilMs?: number
}

/** Gives what is in the change log of it. */
export const askRun = async (
  rows: RowStore,
  topology: string,
  wish: Wish,
  { author, reason, nowMs, untilMs }: Asking,
): Promise<AuditEntry> => {
  const until = untilMs === undefined ? {} : { untilMs }
  const control = { ...rowOfWish(wish), author, reason, atMs: nowMs, ...until }
  const before = await writeControl(rows, topology, control)
  // Where nobody has said anything, the same row that is over tells what holds.
  const rest = { ...control, untilMs: nowMs }
  const entry: AuditEntry = {
    ...{ topology, atMs: nowMs, kind: control.kind, name: controlName(control), author, reason },
    before: controlText(before ?? rest, nowMs),
    after: controlText(control, nowMs),
    untilMs: untilMs ?? null,
  }
  await writeAudit(rows, entry)
  return entry
}
