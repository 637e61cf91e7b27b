/** What a rollup is declared with: checked, resolved, and as plain data for fingerprints and the catalogue. */
import type { Aggregate } from '../../topology/model/aggregate.ts'
import { errors } from '../../topology/model/errors.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import { formatPath, type Path } from '../../topology/model/path.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import { pathOf } from '../numbers/numeric-aggregate.ts'
import { type Calendar, calendarOf, isLength, readSpan, type Span, spanMs } from '../query/calendar.ts'
import { readZone } from '../query/zone.ts'

export interface RollupOptions {
  /** `1 minute`, `6 hours`, `1 day`, `1 week`, `1 month`: tumbling windows of event time. */
  readonly window: string
  /** Written paths whose values name a group. */
  readonly by?: readonly string[]
  /** Named aggregates. */
  readonly values: Readonly<Record<string, Aggregate>>
  /** Where windows of a day or more begin: an offset in seconds or an IANA name. Default UTC. */
  readonly timezone?: string | number
}

/** A rollup resolved: what its operator and its readers work with. */
export interface RollupDefinition {
  readonly window: Span
  readonly calendar: Calendar
  /** As declared; windows below a day are the same in every zone. */
  readonly timezone: string | number | undefined
  readonly by: readonly { readonly path: Path; readonly written: string; readonly column: string }[]
  readonly values: readonly { readonly name: string; readonly aggregate: Aggregate }[]
  readonly options: JsonValue
}

// Columns of the table that are not the user's; SQL names do not tell upper from lower case.
const reservedNames = new Set([
  'project',
  'bucket',
  'window_start',
  'group',
  'spout',
  'log_partition',
  'slot',
  'applied',
  'state',
])
// As many as a screen and a row of a wide table bear.
const valuesMax = 100
const byMax = 20

const refuse = (problem: string): never => {
  throw errors.badConfiguration({ problem: `rollup: ${problem}` })
}

/** Throws `badConfiguration` with what is wrong. */
export const resolveRollup = (options: RollupOptions): RollupDefinition => {
  const window = readSpan(options.window)
  if (window === undefined || spanMs(window) > 100 * 31_622_400_000) {
    return refuse(`window ${JSON.stringify(options.window)} is none; write "1 minute", "6 hours", "1 day", "1 month"`)
  }
  const zone = readZone(options.timezone)
  const by = groupColumns(options.by ?? [])
  const values = namedValues(options.values, by)
  return {
    window,
    calendar: isLength(window) ? calendarOf(window) : calendarOf(window, zone),
    timezone: options.timezone,
    by,
    values,
    options: {
      window: options.window,
      by: by.map((column) => column.written),
      ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
      values: values.map(({ name, aggregate }) => ({
        name,
        aggregate: aggregate.name,
        path: aggregate.path === undefined ? null : formatPath(aggregate.path),
        options: aggregate.options,
      })),
    },
  }
}

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
