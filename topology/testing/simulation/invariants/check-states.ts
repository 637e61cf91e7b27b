/**
 * A view of state rows beside its truth: the sum of the shards of each key, to the last character of its encoded state
 * (I-1, I-3), and the readable columns, which say of each shard what its state says.
 */
import { compareCells } from '../../../../sinks/rows/cells/compare-cells.ts'
import { storedCell } from '../../../../sinks/rows/cells/stored-cell.ts'
import { readState } from '../../../../sinks/rows/read-state.ts'
import { stateLayout, stateTable } from '../../../../sinks/rows/state-table.ts'
import type { StateOperator } from '../../../model/operator.ts'
import type { RowStore } from '../../../model/ports/row-store.ts'
import type { TrueStates } from '../truth/true-views.ts'
import { type BlamedPart, Violation } from '../violation.ts'
import { wholeWindows } from './whole-windows.ts'

/** Throws a `Violation`. */
export const checkStates = async (
  rows: RowStore,
  sink: string,
  operator: StateOperator,
  wanted: TrueStates,
): Promise<void> => {
  const found = new Map<string, string>()
  for await (const { key, state } of readState({ rows, sink, operator }))
    found.set(JSON.stringify(key), operator.encode(state))
  if (isEqual(found, wanted)) return
  const [whole, truth] = wholeWindows(operator, found, wanted)
  for (const [key, text] of truth)
    if (whole.get(key) !== text)
      throw new Violation('I-1', `${sink} holds ${whole.get(key) ?? 'nothing'} for ${key}, the log says ${text}`)
  for (const [key, text] of whole)
    if (!truth.has(key)) throw new Violation('I-3', `${sink} holds ${text} for ${key}, the log says nothing`)
}

const isEqual = (left: TrueStates, right: TrueStates): boolean => {
  if (left.size !== right.size) return false
  for (const [key, text] of left) if (right.get(key) !== text) return false
  return true
}

/** Throws a `Violation`. Also while everything runs. */
export const checkShardsOf = async (rows: RowStore, sink: string, operator: StateOperator): Promise<void> => {
  const layout = stateLayout(operator)
  for await (const page of rows.scan(stateTable(sink, operator)))
    for (const row of page) {
      const text = row[layout.state]
      if (typeof text !== 'string') continue
      const key = row.slice(0, layout.keyCells)
      const state = operator.decode(text)
      const place = `the shard ${JSON.stringify(row.slice(0, layout.fullKeyCells))} of ${sink}`
      const short = shortfallOf(operator, state)
      if (short !== undefined)
        throw new Violation('I-3', `${place} has lost more than it had taken: ${short} in ${text}`)
      const blamed: BlamedPart = { kind: 'operator', name: operator.name }
      const again = operator.encode(state)
      if (again !== text) throw new Violation('I-1', `${place} is ${text}, and encoded anew ${again}`, blamed)
      for (const [index, cell] of operator.columns(key, state).entries()) {
        const found = row[layout.fullKeyCells + index] ?? null
        if (compareCells(storedCell(cell), found) !== 0)
          throw new Violation('I-1', `${place} shows ${String(found)} where its state says ${String(cell)}`)
      }
    }
}

/** What of a state is below zero and can never be; of operators that are not ours nothing is known. */
const shortfallOf = ({ name }: StateOperator, state: unknown): number | undefined => {
  if (typeof state !== 'object' || state === null) return undefined
  if (name === 'rollup' && 'count' in state) return below(Number(state.count))
  if (name !== 'inferSchema' || !('events' in state) || !('paths' in state)) return undefined
  const counts = state.paths instanceof Map ? [...state.paths.values()].flat() : []
  return below(Math.min(Number(state.events), ...counts.map(Number)))
}

const below = (count: number): number | undefined => (count < 0 ? count : undefined)
