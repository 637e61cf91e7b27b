/**
 * Finds the delta of each tuple of a batch: project, window and group to state, without building a text per tuple.
 *
 * The maps belong to one map of deltas of the engine and are forgotten when it is emptied; an epoch bounds them. Most
 * neighbours share project and window, so these are looked up only when they change.
 */
import { canonicalJson, type JsonScalar } from '../../topology/model/json.ts'
import type { StateDelta, StateDeltas } from '../../topology/model/operator.ts'
import type { Column, Tuples } from '../../topology/model/tuples.ts'
import { plainValue } from '../plain-value.ts'
import type { RollupDefinition } from './rollup-options.ts'
import type { RollupState } from './rollup-state.ts'

// A group is part of a row's key: 20 of them stay below the 64 KiB that stores allow for one.
const groupTextMax = 1_024

type Delta = StateDelta<RollupState>
type GroupNode = Map<unknown, GroupNode | Delta>

export class RollupDeltas {
  readonly #definition: RollupDefinition
  readonly #start: () => RollupState
  readonly #projects = new Map<string, Map<number, GroupNode>>()
  #made = 0

  constructor(definition: RollupDefinition, start: () => RollupState) {
    this.#definition = definition
    this.#start = start
  }

  /** Whether the engine still holds exactly what was made here. */
  isOf(into: StateDeltas<RollupState>): boolean {
    return this.#made === into.size
  }

  /** Writes the state of each tuple to `states`. */
  find(tuples: Tuples, into: StateDeltas<RollupState>, states: RollupState[]): void {
    const { calendar, by } = this.#definition
    const times = tuples.timesMs()
    const projects = tuples.projects()
    const columns = by.map(({ path }) => tuples.column(path))
    let project = ''
    let windowStart = 0
    let windowEnd = Number.NEGATIVE_INFINITY
    let groups: GroupNode = new Map()
    for (let i = 0; i < tuples.length; i += 1) {
      const timeMs = times[i]!
      if (projects[i] !== project || timeMs < windowStart || timeMs >= windowEnd) {
        project = projects[i]!
        windowStart = calendar.startOf(timeMs)
        windowEnd = calendar.next(windowStart)
        groups = this.#groupsOf(project, windowStart)
      }
      const delta = this.#lookUp(groups, columns, i) ?? this.#make(into, groups, project, windowStart, columns, i)
      states[i] = delta.state
    }
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
  #lookUp(groups: GroupNode, columns: readonly Column[], index: number): Delta | undefined {
    let node: GroupNode | Delta | undefined = groups
    for (const column of columns) {
      node = (node as GroupNode).get(column[index]) // one level of maps per column, deltas below the last
      if (node === undefined) return undefined
    }
    return columns.length === 0 ? (groups.get(null) as Delta | undefined) : (node as Delta) // see above
  }

  #make(
    into: StateDeltas<RollupState>,
    groups: GroupNode,
    project: string,
    windowStart: number,
    columns: readonly Column[],
    index: number,
  ): Delta {
    const raw = columns.map((column) => column[index])
    const group = canonicalJson(raw.map(groupValue))
    const id = `${project}\u0000${windowStart}\u0000${group}`
    let delta = into.get(id)
    if (delta === undefined) {
      const bucket = bucketText(this.#definition, windowStart)
      delta = { key: [project, bucket, windowStart, group], state: this.#start() }
      into.set(id, delta)
    }
    this.#made = into.size
    if (raw.every((value) => isShortScalar(value))) remember(groups, raw.length === 0 ? [null] : raw, delta)
    return delta
  }
}

const isShortScalar = (value: unknown): boolean =>
  value === null || (typeof value === 'string' ? value.length <= groupTextMax : typeof value !== 'object')

const remember = (groups: GroupNode, values: readonly unknown[], delta: Delta): void => {
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

/** UTC hour, month or year of the start of a window: rows of one bucket lie together (PROTOCOL section 6). */
const bucketText = (definition: RollupDefinition, windowStart: number): string => {
  const { unit, count } = definition.window
  const iso = new Date(windowStart).toISOString()
  // Years outside 0 to 9999 are longer: counted from the end, the year is all but 20 characters.
  const yearEnd = iso.length - 20
  const minutes = unit === 'second' ? count / 60 : unit === 'minute' ? count : unit === 'hour' ? count * 60 : 1_440
  if (minutes < 60) return `${iso.slice(0, yearEnd + 9)}Z`
  return minutes < 1_440 ? iso.slice(0, yearEnd + 3) : iso.slice(0, yearEnd)
}
