/**
 * Where a bound of groups has begun to leave groups out, which of them are left out depends on what was deleted before:
 * the edge of a window never rises again. What such a window holds in all does not, so there the sum of its groups is
 * compared, and everywhere else each row.
 */
import { edgeGroup, rollupKey } from '../../../../operators/rollup/rollup-key.ts'
import type { StateOperator } from '../../../model/operator.ts'
import type { Cell } from '../../../model/ports/row-store.ts'
import type { TrueStates } from '../truth/true-views.ts'

/** Both, with the groups of such windows added up. */
export const wholeWindows = (
  operator: StateOperator,
  left: TrueStates,
  right: TrueStates,
): readonly [left: TrueStates, right: TrueStates] => {
  const bounded = new Set([...boundedWindows(operator, left), ...boundedWindows(operator, right)])
  return bounded.size === 0 ? [left, right] : [added(operator, left, bounded), added(operator, right, bounded)]
}

const boundedWindows = (operator: StateOperator, states: TrueStates): readonly string[] => {
  if (operator.name !== 'rollup' || operator.bound === undefined) return []
  const windows: string[] = []
  for (const [text, state] of states) {
    const key: readonly Cell[] = JSON.parse(text)
    if (key[rollupKey.group] === edgeGroup && !state.startsWith('{"edge":null')) windows.push(windowOf(key))
  }
  return windows
}

const windowOf = (key: readonly Cell[]): string => JSON.stringify(key.slice(0, rollupKey.group))

const added = (operator: StateOperator, states: TrueStates, windows: ReadonlySet<string>): TrueStates => {
  const rows = new Map<string, string>()
  const sums = new Map<string, unknown>()
  for (const [text, encoded] of states) {
    const key: readonly Cell[] = JSON.parse(text)
    const window = windowOf(key)
    if (!windows.has(window)) rows.set(text, encoded)
    else if (key[rollupKey.group] !== edgeGroup) {
      const state = operator.decode(encoded)
      sums.set(window, sums.has(window) ? operator.merge(sums.get(window), state) : state)
    }
  }
  for (const [window, sum] of sums) rows.set(window, operator.encode(sum))
  return rows
}
