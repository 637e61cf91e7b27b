/** What a rollup is declared with: checked, resolved, and as plain data for fingerprints and the catalogue. */
import type { Aggregate } from '../../topology/model/aggregate.ts'
import { errors } from '../../topology/model/errors.ts'
import { type Filter, readFilter } from '../../topology/model/filter.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { knobs } from '../../topology/model/knobs.ts'
import { formatPath, type Path } from '../../topology/model/path.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import { pathOf } from '../numbers/numeric-aggregate.ts'
import { type Calendar, calendarOf, isLength, readSpan, type Span, spanMs } from '../query/calendar.ts'
import { readZone } from '../query/zone.ts'

export interface RollupOptions {
  /** `1 minute`, `6 hours`, `1 day`, `1 week`, `1 month`: tumbling windows of event time. Several are kept side by side. */
  readonly window: string | readonly string[]
  /** Written paths whose values name a group. */
  readonly by?: readonly string[]
  /** Named aggregates. */
  readonly values: Readonly<Record<string, Aggregate>>
  /** Where windows of a day or more begin: an offset in seconds or an IANA name. Default UTC. */
  readonly timezone?: string | number
  /** Only tuples that pass all of them are counted: `{ property_name, operator, property_value }`. */
  readonly where?: readonly JsonObject[]
  /** Groups of a window that are kept one by one, the others count together as `(other)`. Default 100,000. */
  readonly groups?: number
}

/** One of the windows of a rollup. */
export interface RollupWindow {
  /** `6 hours`: stands in the key of each row. */
  readonly name: string
  readonly window: Span
  readonly calendar: Calendar
  /** As declared; windows below a day are the same in every zone. */
  readonly timezone: string | number | undefined
}

/** A rollup resolved: what its operator and its readers work with. */
export interface RollupDefinition {
  /** The finest first. */
  readonly windows: readonly RollupWindow[]
  /** The finest window: a question that it cannot answer has no answer. */
  readonly window: Span
  readonly calendar: Calendar
  /** As declared; windows below a day are the same in every zone. */
  readonly timezone: string | number | undefined
  readonly by: readonly { readonly path: Path; readonly written: string; readonly column: string }[]
  readonly values: readonly { readonly name: string; readonly aggregate: Aggregate }[]
  readonly where: readonly Filter[]
  /** Groups of a window that are kept; without `by` there is one. */
  readonly groups: number
  readonly options: JsonValue
}

// Columns of the table that are not the user's; SQL names do not tell upper from lower case.
const reservedNames = new Set([
  'project',
  'window',
  'bucket',
  'window_start',
  'group',
  'fragment',
  'spout',
  'log_partition',
  'slot',
  'applied',
  'state',
])
// As many as a screen and a row of a wide table bear.
const valuesMax = 100
const byMax = 20
// Each window is a fold of its own over every tuple: seconds to years are seven.
const windowsMax = 8

const refuse = (problem: string): never => {
  throw errors.badConfiguration({ problem: `rollup: ${problem}` })
}

/** Throws `badConfiguration` with what is wrong. */
export const resolveRollup = (options: RollupOptions): RollupDefinition => {
  const windows = windowsOf(options.window, options.timezone)
  const by = groupColumns(options.by ?? [])
  const values = namedValues(options.values, by)
  const where = filtersOf(options.where ?? [])
  const groups = groupsOf(options.groups)
  const names = windows.map(({ name }) => name)
  return {
    windows,
    window: windows[0]!.window,
    calendar: windows[0]!.calendar,
    timezone: options.timezone,
    by,
    values,
    where,
    groups,
    options: {
      window: names.length === 1 ? names[0]! : names,
      by: by.map((column) => column.written),
      ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
      ...(by.length === 0 ? {} : { groups }),
      ...(where.length === 0 ? {} : { where: where.map(filterJson) }),
      values: values.map(({ name, aggregate }) => ({
        name,
        aggregate: aggregate.name,
        path: aggregate.path === undefined ? null : formatPath(aggregate.path),
        options: aggregate.options,
      })),
    },
  }
}

const windowsOf = (window: RollupOptions['window'], timezone: RollupOptions['timezone']): readonly RollupWindow[] => {
  const zone = readZone(timezone)
  const texts = typeof window === 'string' || !Array.isArray(window) ? [window] : window
  if (texts.length === 0) refuse('window is an empty list; name at least one: ["1 minute", "1 day"]')
  if (texts.length > windowsMax) refuse(`${texts.length} windows, at most ${windowsMax} are allowed`)
  const windows = texts.map((text: unknown): RollupWindow => {
    const span = typeof text === 'string' ? readSpan(text) : undefined
    if (span === undefined || spanMs(span) > 100 * 31_622_400_000) {
      return refuse(`window ${JSON.stringify(text)} is none; write "1 minute", "6 hours", "1 day", "1 month"`)
    }
    const calendar = isLength(span) ? calendarOf(span) : calendarOf(span, zone)
    return { name: spanName(span), window: span, calendar, timezone }
  })
  const repeated = windows.find(({ name }, i) => windows.findIndex((other) => other.name === name) !== i)
  if (repeated !== undefined) refuse(`window names ${repeated.name} twice`)
  return windows.toSorted((left, right) => spanMs(left.window) - spanMs(right.window))
}

const spanName = ({ count, unit }: Span): string => `${count} ${unit}${count === 1 ? '' : 's'}`

const groupColumns = (by: readonly string[]): RollupDefinition['by'] => {
  if (by.length > byMax) refuse(`${by.length} paths in by, at most ${byMax} are allowed`)
  const taken = new Set(reservedNames)
  const columns = by.flatMap((text) => {
    // Within a declaration what is no path is noted, and the others are judged without it.
    const path = orStandIn<Path | undefined>(
      () => pathOf('rollup', text),
      () => undefined,
    )
    if (path === undefined) return []
    const written = formatPath(path)
    // A property called `state` is common: its column gives way, its name in answers stays.
    let column = written
    while (taken.has(column.toLowerCase())) column = `by_${column}`
    taken.add(column.toLowerCase())
    return [{ path, written, column }]
  })
  const repeated = columns.find((one, i) => columns.findIndex((other) => other.written === one.written) !== i)
  return repeated === undefined ? columns : refuse(`by names ${repeated.written} twice`)
}

const namedValues = (
  values: Readonly<Record<string, Aggregate>>,
  by: RollupDefinition['by'],
): RollupDefinition['values'] => {
  const list = Object.entries(values ?? {}).map(([name, aggregate]) => ({ name, aggregate }))
  if (list.length === 0) refuse('values is empty; name at least one aggregate: { orders: count() }')
  if (list.length > valuesMax) refuse(`${list.length} values, at most ${valuesMax} are allowed`)
  const taken = new Set([...reservedNames, ...by.flatMap(({ column, written }) => [column.toLowerCase(), written])])
  for (const { name, aggregate } of list) {
    if (aggregate?.kind !== 'aggregate')
      refuse(`value ${JSON.stringify(name)} is no aggregate; write count() or sum("price")`)
    if (name === '' || name.length > 255) refuse(`value name ${JSON.stringify(name)} needs 1 to 255 characters`)
    if (taken.has(name.toLowerCase()))
      refuse(`value name ${JSON.stringify(name)} is taken by another column; choose another`)
    taken.add(name.toLowerCase())
  }
  return list
}

const filtersOf = (where: readonly JsonObject[]): readonly Filter[] => {
  if (!Array.isArray(where)) return refuse('where is no list of filters')
  return where.map((json) => {
    const filter = readFilter(json)
    return typeof filter === 'string' ? refuse(`where: ${filter}`) : filter
  })
}

const filterJson = ({ path, operator, value }: Filter): JsonObject => ({
  property_name: formatPath(path),
  operator,
  property_value: value,
})

const groupsOf = (groups: number | undefined): number => {
  const { initial, min, max } = knobs.get('rollup.groups')!
  if (groups === undefined) return initial
  if (!Number.isInteger(groups) || groups < min || groups > max)
    refuse(`groups ${groups} is no whole number from ${min} to ${max}`)
  return groups
}
