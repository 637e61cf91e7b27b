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
    { name: 'until', type: 'integer' },
  ],
}

/** `delete`: an id. `branch`: a sink or bolt. `tenant`: a tenant, in a branch or all. `knob`: its name. `drain`: a process or worker. */
export type ControlKind = 'delete' | 'branch' | 'tenant' | 'knob' | 'drain'

export interface Control {
  readonly kind: ControlKind
  /** Which one. */
  readonly name: string
  /** What is asked for: `paused`, `running`, JSON. */
  readonly value: string
  readonly author: string
  readonly reason: string
  /** When it was asked for, ms since 1970. */
  readonly atMs: number
  /** When it is over by itself, ms since 1970. Absent: never. */
  readonly untilMs?: number
}

/** The latest call wins, also when the clock has gone back since. Gives what stood there before. */
export const writeControl = async (
  rows: RowStore,
  topology: string,
  control: Control,
): Promise<Control | undefined> => {
  await rows.ensureTable(controlsTable)
  const { kind, name, value, author, reason, untilMs } = control
  const [row] = await rows.read(controlsTable, [[topology, kind, name]])
  const before = row === undefined ? undefined : controlOf(row)
  const atMs = before === undefined ? control.atMs : Math.max(control.atMs, before.atMs + 1)
  const written: Row = [topology, kind, name, value, author, reason, atMs, untilMs ?? null]
  await rows.write(controlsTable, [written], stampBase(atMs) + 1)
  return before
}

/** All controls of a kind, or of all kinds, by name. Those that are over are among them. */
export const readControls = async (
  rows: RowStore,
  topology: string,
  kind?: ControlKind,
): Promise<readonly Control[]> => {
  const found: Control[] = []
  const range = kind === undefined ? {} : { from: kind, to: `${kind}\u0000` }
  for await (const page of rows.scan(controlsTable, { partition: [topology], ...range }))
    found.push(...page.map(controlOf))
  return found
}

export const isControlOver = ({ untilMs }: Pick<Control, 'untilMs'>, nowMs: number): boolean =>
  untilMs !== undefined && untilMs <= nowMs

const controlOf = (row: Row): Control => {
  const [, kind, name, value, author, reason, at] = row.map(String)
  const until = row[7]
  return {
    kind: kind as ControlKind, // written by writeControl alone
    ...{ name: name!, value: value!, author: author!, reason: reason!, atMs: Number(at) },
    ...(typeof until === 'number' ? { untilMs: until } : {}),
  }
}
