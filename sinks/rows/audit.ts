/**
 * The change log of a topology: who changed what of a run, when and why, by hand or by itself. Rows are only ever added;
 * what is written twice is there once, so any number of processes may tell of the same change.
 */
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { stampBase } from './event-table.ts'

/** One partition per month: a log that is written for years is read by its end. */
export const auditTable: TableSpec = {
  name: 'spillway_audit',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'month', type: 'text' },
  ],
  cluster: [
    { name: 'at', type: 'integer' },
    { name: 'kind', type: 'text' },
    { name: 'name', type: 'text' },
    { name: 'author', type: 'text' },
  ],
  columns: [
    { name: 'before', type: 'text' },
    { name: 'after', type: 'text' },
    { name: 'reason', type: 'text' },
    { name: 'until', type: 'integer' },
  ],
}

export interface AuditEntry {
  readonly topology: string
  readonly atMs: number
  /** `branch`, `tenant`, `knob`, `profile`, `drain`. */
  readonly kind: string
  /** Of the branch, tenant, knob, process. */
  readonly name: string
  /** A person; `spillway` where a run has changed something by itself. */
  readonly author: string
  /** In words: `running`, `limited to 500/s`, `5000`. */
  readonly before: string
  readonly after: string
  readonly reason: string
  /** When it is over by itself, ms since 1970; `null`: never. */
  readonly untilMs: number | null
}

/** Who changed something, where nobody did. */
export const ownHand = 'spillway'

export const writeAudit = async (rows: RowStore, entry: AuditEntry): Promise<void> => {
  const { topology, atMs, kind, name, author, before, after, reason, untilMs } = entry
  await rows.ensureTable(auditTable)
  const row: Row = [topology, monthOf(atMs), atMs, kind, name, author, before, after, reason, untilMs]
  await rows.write(auditTable, [row], stampBase(atMs) + 1)
}

export interface AuditQuery {
  readonly nowMs: number
  /** The newest of them. */
  readonly limit: number
  readonly sinceMs?: number
}

// A year is looked through when there is little in it.
const monthsMax = 13

/** The newest last. */
export const readAudit = async (
  rows: RowStore,
  topology: string,
  { nowMs, limit, sinceMs = 0 }: AuditQuery,
): Promise<readonly AuditEntry[]> => {
  await rows.ensureTable(auditTable)
  let found: AuditEntry[] = []
  for (let back = 0; back < monthsMax && found.length < limit; back++) {
    const month = monthBefore(nowMs, back)
    if (month < monthOf(sinceMs)) break
    const entries: AuditEntry[] = []
    for await (const page of rows.scan(auditTable, { partition: [topology, month], from: sinceMs }))
      for (const row of page) {
        entries.push(entryOf(row))
        if (entries.length > 2 * limit) entries.splice(0, limit)
      }
    found = [...entries, ...found]
  }
  return found.slice(-limit)
}

const monthOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 7)

const monthBefore = (nowMs: number, back: number): string => {
  const now = new Date(nowMs)
  return monthOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1))
}

const entryOf = (row: Row): AuditEntry => {
  const [topology, , , kind, name, author, before, after, reason] = row.map(String)
  const until = row[9]
  return {
    ...{ topology: topology!, atMs: Number(row[2]), kind: kind!, name: name!, author: author! },
    ...{ before: before!, after: after!, reason: reason!, untilMs: typeof until === 'number' ? until : null },
  }
}
