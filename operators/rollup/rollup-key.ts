/**
 * The key of a rollup row: project, window, bucket; then start of the window, group, fragment.
 *
 * One group of one window is several rows: fragment 0 is the main row with the count and the small values, fragments
 * from 1 on hold the values that are spread by hash (PROTOCOL section 4). Two groups are none of the data: `(other)`
 * counts what the bound of groups leaves out, and the row of the edge (group '', fragment -1) says where it begins. All
 * of this is text that never begins with `[`, as every group of the data does.
 */
import type { JsonScalar } from '../../topology/model/json.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import type { RollupWindow } from './rollup-options.ts'

/** Places of the key cells. */
export const rollupKey = { project: 0, window: 1, bucket: 2, windowStart: 3, group: 4, fragment: 5 } as const

/** What stands for each path of `by` in the group of what was left out. */
export const otherName = '(other)'

export const edgeGroup = ''
export const edgeFragment = -1

/** Group text of `(other)`: the name once per path of `by`. */
export const otherGroupOf = (paths: number): string => Array.from({ length: paths }, () => otherName).join(' ')

export const isOtherGroup = (group: string): boolean => group.startsWith(otherName)

/** Values of the group that a key names, in the order of `by`; none for the row of the edge. */
export const groupValuesOf = (key: readonly Cell[]): readonly JsonScalar[] => {
  const group = String(key[rollupKey.group])
  if (group === edgeGroup) return []
  if (isOtherGroup(group)) return group.split(' ')
  const values: readonly JsonScalar[] = JSON.parse(group)
  return values
}

/** Equal keys have equal ids: the bucket follows from the rest. Joined, it is one text; added up it would be a tree of nine. */
export const rollupRowId = (key: readonly Cell[]): string =>
  [
    key[rollupKey.project],
    key[rollupKey.window],
    key[rollupKey.windowStart],
    key[rollupKey.group],
    key[rollupKey.fragment],
  ].join('\u0000')

/** UTC hour, month or year of the start of a window: rows of one bucket lie together (PROTOCOL section 6). */
export const bucketText = ({ window: { unit, count } }: RollupWindow, windowStart: number): string => {
  const iso = new Date(windowStart).toISOString()
  // Years outside 0 to 9999 are longer: counted from the end, the year is all but 20 characters.
  const yearEnd = iso.length - 20
  const minutes = unit === 'second' ? count / 60 : unit === 'minute' ? count : unit === 'hour' ? count * 60 : 1_440
  if (minutes < 60) return `${iso.slice(0, yearEnd + 9)}Z`
  return minutes < 1_440 ? iso.slice(0, yearEnd + 3) : iso.slice(0, yearEnd)
}
