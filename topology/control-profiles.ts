/**
 * Asks the controller every second while a run lives, and writes what it and the program have changed into the change
 * log. Pins are logged by whoever asked for them. A log that cannot be written is tried again with the next second.
 */
import { type AuditEntry, writeAudit } from '../sinks/rows/audit.ts'
import { changeReason } from './engine/change-text.ts'
import type { KnobChange, KnobDesk } from './engine/knob-desk.ts'
import { RunController } from './engine/profiles/run-controller.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunSnapshot } from './model/run-snapshot.ts'

export interface ControlledKnobs {
  readonly knobs: KnobDesk
  readonly ended: Promise<unknown>
  snapshot(): RunSnapshot | undefined
}

const controlEveryMs = 1_000
// Of entries that wait for a store; the oldest go first.
const entriesMax = 100

/** Until the run ends; never rejects. */
export const controlProfiles = async (
  run: ControlledKnobs,
  topology: string,
  rows: RowStore,
  clock: Clock,
): Promise<void> => {
  const end = new AbortController()
  void run.ended.then(() => end.abort())
  const waiting: AuditEntry[] = []
  const stopListening = run.knobs.onChange((change) => {
    if (!isLoggedHere(change)) return
    waiting.push(auditEntry(topology, change, clock.nowMs()))
    if (waiting.length > entriesMax) waiting.shift()
  })
  let writing: Promise<void> | undefined
  const controller = new RunController(run.knobs)
  while (!end.signal.aborted) {
    controller.tick(run.snapshot(), clock.nowMs())
    // A store that hangs is when the controller is needed most: it waits for none.
    writing ??= writeAll(rows, waiting).finally(() => {
      writing = undefined
    })
    await clock.sleep(controlEveryMs, end.signal)
  }
  stopListening()
  await writing
  await writeAll(rows, waiting)
}

const isLoggedHere = ({ kind }: KnobChange): boolean => kind === 'profile' || kind === 'set'

const auditEntry = (topology: string, change: KnobChange, atMs: number): AuditEntry => {
  const { kind, name, before, after, author } = change
  const sides = { before: String(before), after: String(after) }
  const reason = changeReason(change)
  return { topology, atMs, kind: kind === 'profile' ? kind : 'knob', name, author, ...sides, reason, untilMs: null }
}

const writeAll = async (rows: RowStore, waiting: AuditEntry[]): Promise<void> => {
  try {
    while (waiting[0] !== undefined) {
      await writeAudit(rows, waiting[0])
      waiting.shift()
    }
  } catch {
    // The next second tries again.
  }
}
