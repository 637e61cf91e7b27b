/**
 * Finds the delta of each tuple of a batch: project, window and group to state, without building a text per tuple.
 *
 * The maps belong to one map of deltas of the engine and one of the rollup's windows and are forgotten when that map is
 * emptied; an epoch bounds them. Most neighbours share project and window, so these are looked up only when they change.
 */
import { canonicalJson, type JsonScalar } from '../../topology/model/json.ts'
import type { StateDelta, StateDeltas } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import type { Column } from '../../topology/model/tuples.ts'
import { plainValue } from '../plain-value.ts'
import type { RollupBatch } from './rollup-batch.ts'
import { bucketText, rollupKey, rollupRowId } from './rollup-key.ts'
import type { RollupDefinition, RollupWindow } from './rollup-options.ts'
import { type RollupState, startMainRow, startSparseRow } from './rollup-state.ts'

// A group is part of a row's key: 20 of them stay below the 64 KiB that stores allow for one.
const groupTextMax = 1_024

/** The delta of a main row, with those of its fragments as far as the batch has touched them. */
export interface GroupDelta extends StateDelta<RollupState> {
  fragments?: RollupState[]
}

type GroupNode = Map<unknown, GroupNode | GroupDelta>

export class RollupDeltas {
  readonly #values: RollupDefinition['values']
  readonly #window: RollupWindow
  readonly #into: StateDeltas<RollupState>
  readonly #projects = new Map<string, Map<number, GroupNode>>()

  constructor({ values }: RollupDefinition, window: RollupWindow, into: StateDeltas<RollupState>) {
    this.#values = values
    this.#window = window
    this.#into = into
  }

  /** Writes the state of each tuple to `states`, and its delta to `deltas` where they are asked for. */
  find(
    { length, times, projects }: RollupBatch,
    columns: readonly Column[],
    states: RollupState[],
    deltas: GroupDelta[] | undefined,
  ): void {
    const { calendar } = this.#window
    let project = ''
    let windowStart = 0
    let windowEnd = Number.NEGATIVE_INFINITY
    let groups: GroupNode = new Map()
    for (let i = 0; i < length; i += 1) {
      const timeMs = times[i]!
      if (projects[i] !== project || timeMs < windowStart || timeMs >= windowEnd) {
        project = projects[i]!
        windowStart = calendar.startOf(timeMs)
        windowEnd = calendar.next(windowStart)
        groups = this.#groupsOf(project, windowStart)
      }
      const delta = this.#lookUp(groups, columns, i) ?? this.#make(groups, project, windowStart, columns, i)
      states[i] = delta.state
      if (deltas !== undefined) deltas[i] = delta
    }
  }

  /** The state of a fragment of a group. */
  fragment(delta: GroupDelta, fragment: number): RollupState {
    delta.fragments ??= []
    let state = delta.fragments[fragment]
    if (state === undefined) {
      state = this.#deltaOf(fragmentKey(delta.key, fragment)).state
      delta.fragments[fragment] = state
    }
    return state
  }

  #groupsOf(project: string, windowStart: number): GroupNode {
    let windows = this.#projects.get(project)
    if (windows === undefined) {
      windows = new Map()
      this.#projects.set(project, windows)
    }
    let groups = windows.get(windowStart)
    if (groups === undefined) {
      groups = new Map()
      windows.set(windowStart, groups)
    }
    return groups
  }

  /** Only scalars are known as they are; lists and objects take the slow way each time. */
  #lookUp(groups: GroupNode, columns: readonly Column[], index: number): GroupDelta | undefined {
    let node: GroupNode | GroupDelta | undefined = groups
    for (const column of columns) {
      node = (node as GroupNode).get(column[index]) // one level of maps per column, deltas below the last
      if (node === undefined) return undefined
    }
    return columns.length === 0 ? (groups.get(null) as GroupDelta | undefined) : (node as GroupDelta) // see above
  }

  #make(
    groups: GroupNode,
    project: string,
    windowStart: number,
    columns: readonly Column[],
    index: number,
  ): GroupDelta {
    const raw = columns.map((column) => column[index])
    const group = canonicalJson(raw.map(groupValue))
    const bucket = bucketText(this.#window, windowStart)
    const delta = this.#deltaOf([project, this.#window.name, bucket, windowStart, group, 0])
    if (raw.every((value) => isShortScalar(value))) remember(groups, raw.length === 0 ? [null] : raw, delta)
    return delta
  }

  #deltaOf(key: readonly Cell[]): GroupDelta {
    const id = rollupRowId(key)
    let delta = this.#into.get(id)
    if (delta === undefined) {
      const start = key[rollupKey.fragment] === 0 ? startMainRow : startSparseRow
      delta = { key, state: start(this.#values) }
      this.#into.set(id, delta)
    }
    return delta
  }
}

const fragmentKey = (key: readonly Cell[], fragment: number): readonly Cell[] => [
  ...key.slice(0, rollupKey.fragment),
  fragment,
]

const isShortScalar = (value: unknown): boolean =>
  value === null || (typeof value === 'string' ? value.length <= groupTextMax : typeof value !== 'object')

const remember = (groups: GroupNode, values: readonly unknown[], delta: GroupDelta): void => {
  let node = groups
  for (const value of values.slice(0, -1)) {
    const next = (node.get(value) as GroupNode | undefined) ?? new Map() // above the last column there are only maps
    node.set(value, next)
    node = next
  }
  node.set(values.at(-1), delta)
}

/** The value of a group: absent and null are one group, lists and objects group by their canonical JSON text. */
const groupValue = (value: unknown): JsonScalar => plainValue(value, groupTextMax) ?? null
