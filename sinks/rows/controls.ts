/**
 * What people have asked a running topology to do: one row per thing that is controlled, the latest word wins. Written
 * beside the rows, so from any machine that reaches them, and read by the running process every second.
 *
 * Nothing that decides content reads it: a control changes when work is done, never what it gives.
 */
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { stampBase } from './event-table.ts'

export const controlsTable: TableSpec = {
  name: 'spillway_controls',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [
    { name: 'kind', type: 'text' },
    { name: 'name', type: 'text' },
  ],
  columns: [
    { name: 'value', type: 'text' },
    { name: 'author', type: 'text' },
    { name: 'reason', type: 'text' },
    { name: 'at', type: 'integer' },
  ],
}

export interface Control {
  /** What is controlled: `delete`. */
  readonly kind: string
  /** Which one: the id of the delete. */
  readonly name: string
  /** `paused`, `running`. */
  readonly value: string
  readonly author: string
  readonly reason: string
  /** When it was asked for, ms since 1970. */
  readonly atMs: number
}

/** The latest call wins, also when the clock has gone back since. */
export const writeControl = async (rows: RowStore, topology: string, control: Control): Promise<void> => {
  await rows.ensureTable(controlsTable)
  const { kind, name, value, author, reason } = control
  const [before] = await rows.read(controlsTable, [[topology, kind, name]])
  const atMs = before === undefined ? control.atMs : Math.max(control.atMs, controlOf(before).atMs + 1)
  await rows.write(controlsTable, [[topology, kind, name, value, author, reason, atMs]], stampBase(atMs) + 1)
}

/** All controls of a kind, by name. */
export const readControls = async (rows: RowStore, topology: string, kind: string): Promise<readonly Control[]> => {
  const found: Control[] = []
  const range = { partition: [topology], from: kind, to: `${kind}\u0000` }
  for await (const page of rows.scan(controlsTable, range)) found.push(...page.map(controlOf))
  return found
}

const controlOf = (row: Row): Control => {
  const [, kind, name, value, author, reason, at] = row.map(String)
  return { kind: kind!, name: name!, value: value!, author: author!, reason: reason!, atMs: Number(at) }
}
